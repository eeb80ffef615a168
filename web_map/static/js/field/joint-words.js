/** How a stop of a joint inspection and what a side saw there are called; decides nothing. */
import { label } from "../legend.js";
import { length } from "../measures.js";
import { say } from "../messages.js";
import { answerWords } from "../pages/joint-shown.js";

/** @typedef {import("./joint-day.js").Joint} Joint */
/** @typedef {import("./joint-day.js").Stop} Stop */
/** @typedef {import("./joint-day.js").Seen} Seen */

/** @param {Joint} joint */
export function jointTitle({ name, line_code, year }) {
  return say("field.joint.of", { line: name ?? line_code, year });
}

/** @param {Joint} joint @param {string} side */
export function sideName({ units }, side) {
  return units[side] ?? side;
}

/** @param {Stop} stop */
export function stopTitle({ order, kind, subjects }) {
  const ends = subjects.map((subject) => (["start", "end"].includes(subject) ? say(`field.joint.${subject}`) : subject));
  return `${order} · ${label("joint_task_kind", kind)} ${ends.join(" – ")}`;
}

/** @param {Stop} stop */
export function stopPlace({ along_m, length_m }) {
  return [say("field.joint.along", { length: length(along_m) }), length_m > 0 && say("field.joint.length", { length: length(length_m) })].filter(Boolean).join(" · ");
}

/** What a side saw, in one line: the condition, and the items that are not as the papers have them. @param {Pick<Seen, "condition" | "answers" | "note">} seen */
export function seenWords({ condition, answers, note }) {
  const apart = Object.entries(answers).filter(([, answer]) => answer !== "agrees");
  const told = [condition ? label("condition", condition) : null, ...apart.map(([item, answer]) => `${label("joint_item", item)} ${answerWords(answer)}`)];
  const words = told.filter(Boolean).join(" · ") || say("field.joint.all_agrees");
  return note ? `${words}（${note}）` : words;
}

/** @param {Joint} joint @param {import("./joint-day.js").Apart} apart */
export function apartWords(joint, { item, answers }) {
  const said = Object.entries(answers).map(([side, answer]) => `${sideName(joint, side)} ${answer ? wordOf(item, answer) : "–"}`);
  return `${label("joint_item", item)}: ${said.join(" · ")}`;
}

/** @param {string} item @param {string} answer */
function wordOf(item, answer) {
  return item === "condition_seen" ? label("condition", answer) : answerWords(answer);
}

/** @param {Joint} joint @param {import("./joint-day.js").Opinion} opinion */
export function opinionWords(joint, { text, condition, measure, responsible, deadline }) {
  const order = measure && say("field.joint.order", { measure, side: sideName(joint, responsible ?? ""), day: deadline ?? "" });
  return [text, condition && label("condition", condition), order].filter(Boolean).join(" · ");
}
