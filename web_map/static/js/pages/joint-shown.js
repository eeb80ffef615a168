/** What the pages of joint inspections share: how papers, sides and answers are called; their tables and forms are those of other pages. */
import { entry, label } from "../legend.js";

export { fact, form, inputOf, labelled, rowsTable, selectOf, td, textOf } from "./form-pieces.js";

/**
 * @typedef {import("../elements.js").Child} Child
 * @typedef {{account: import("../people.js").Account, nameOf: (code: string) => string}} Reader who reads, and how units are called
 */

/** @typedef {"plan_document" | "indoor_minutes" | "report_document"} PaperName */
/** The papers of an inspection by the keys of their words. @type {Record<PaperName, string>} */
export const PAPERS = {
  plan_document: "joint.paper.plan_document",
  indoor_minutes: "joint.paper.indoor_minutes",
  report_document: "joint.paper.report_document",
};

/** What a side recorded last at a stop. @param {import("../joint.js").Joint} joint @param {import("../joint.js").Task} task @param {string} side */
export function lastRecord({ records }, { order }, side) {
  return records.filter((record) => record.task === order && record.side === side).at(-1);
}

/** An answer of the page, or a condition that the field app put there. @param {string} answer */
export function answerWords(answer) {
  const group = ["joint_answer", "condition", "component_condition"].find((name) => entry(name, answer));
  return group ? label(group, answer) : answer;
}
