/** The indoor half of a joint inspection: what the register of the line says against its documents, and those documents. */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { addCounts, addOtherMark, endOtherMark, jointLine, paperAddress } from "../joint.js";
import { label } from "../legend.js";
import { date } from "../measures.js";
import { say } from "../messages.js";
import { confirmed } from "./dialog.js";
import { inWindow } from "./joint-acts.js";
import { value } from "./fields.js";
import { fact, inputOf, labelled, textOf } from "./joint-shown.js";
import { refuse } from "./sending.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("./joint-one.js").Desk} Desk
 * @typedef {import("../joint.js").JointLine} JointLine
 * @typedef {import("../joint.js").OtherMark} OtherMark
 */

const KINDS = /** @type {const} */ (["total", "single", "double", "triple"]);

/** The card, filled when the line has answered; taken away for those who reach no side. @param {Desk} desk */
export function lineCard(desk) {
  const place = make("div", { "aria-busy": "true" });
  const card = make("section", { class: "card", "aria-labelledby": "line-title" }, make("h2", { id: "line-title" }, say("joint.line_title")), make("p", { class: "hint" }, say("joint.line_why")), place);
  act(() => jointLine(desk.joint.line_code))
    .then((line) => put(place, ...shown(desk, line)))
    .catch((error) => {
      if (!(error instanceof ApiError)) throw error;
      card.remove();
    })
    .finally(() => place.removeAttribute("aria-busy"));
  return card;
}

/** @param {Desk} desk @param {JointLine} line */
function shown(desk, { findings, other_marks: marks, declared }) {
  const { joint, may } = desk;
  const download = (/** @type {"pdf" | "docx"} */ kind) =>
    make("a", { class: "plain", href: paperAddress(joint.id, "indoor", kind), download: `indoor-${joint.line_code}.${kind}` }, say(`joint.indoor_${kind}`));
  const button = (/** @type {string} */ key, /** @type {() => void} */ onclick) => may.carry && make("button", { type: "button", class: "plain", "data-key": key, onclick }, say(key));
  return [
    make("p", { role: "status" }, say("joint.line_findings", { n: findings.length })),
    findings.length > 0 && make("ul", { class: "missing" }, ...findings.map(finding)),
    make(
      "dl",
      { class: "facts" },
      ...fact("joint.counts", declared ? say("joint.counts_told", countsOf(declared)) : say("joint.counts_none")),
      ...fact(
        "joint.marks",
        marks.length === 0 ? say("joint.marks_none") : make("ul", { class: "plain-list" }, ...marks.map((mark) => markItem(desk, mark))),
      ),
    ),
    make("p", { class: "actions" }, download("pdf"), download("docx"), button("joint.counts_add", () => countsWindow(desk)), button("joint.marks_add", () => markWindow(desk))),
  ];
}

/** @param {Desk} desk @param {OtherMark} mark */
function markItem(desk, mark) {
  const { code, description, document: paper, valid_to, end_document } = mark;
  const ended = valid_to && make("span", { class: "hint" }, ` ${say("joint.mark_ended", { on: date(valid_to), document: end_document ?? "" })}`);
  const end = () => endWindow(desk, mark);
  const button =
    desk.may.carry && !valid_to && make("button", { type: "button", class: "plain", "data-key": `mark-end-${code}`, "aria-label": say("joint.mark_end_of", { code }), onclick: end }, say("joint.mark_end"));
  return make("li", {}, say("joint.mark_told", { code, description, document: paper }), ended, button && " ", button);
}

/** @param {import("../joint.js").Finding} found */
function finding({ code, subject, evidence }) {
  const told = Object.entries(evidence).map(([name, given]) => `${name}: ${typeof given === "number" ? Math.round(given * 100) / 100 : given}`);
  return make("li", {}, make("strong", {}, label("finding", code)), ` · ${subject.join(", ")}`, told.length > 0 && make("span", { class: "hint" }, ` ${told.join("; ")}`));
}

/** @param {NonNullable<JointLine["declared"]>} declared */
function countsOf(declared) {
  return { document: declared.document, ...Object.fromEntries(KINDS.map((kind) => [kind, declared[kind] ?? "–"])) };
}

/** @param {Desk} desk */
function countsWindow(desk) {
  const fields = [
    ...KINDS.flatMap((kind) => {
      const input = inputOf(kind, { type: "number", min: 0, max: 100000, step: 1 });
      return [make("label", { for: input.id }, say(`joint.counts.${kind}`)), input];
    }),
    ...labelled("joint.document", inputOf("document", { required: true, maxlength: 200 })),
  ];
  return inWindow(desk, { title: say("joint.counts_add"), sending: say("action.save"), done: say("joint.counts_done"), fields }, (form) => {
    const given = KINDS.filter((kind) => value(form, kind) !== "").map((kind) => [kind, Number(value(form, kind))]);
    return act(() => addCounts(desk.joint.line_code, { ...Object.fromEntries(given), document: value(form, "document").trim() }));
  });
}

/** @param {Desk} desk */
function markWindow(desk) {
  const fields = [
    ...labelled("joint.mark.code", inputOf("code", { required: true, maxlength: 100 })),
    ...labelled("joint.mark.lon", inputOf("lon", { type: "number", step: "any", min: -180, max: 180, required: true })),
    ...labelled("joint.mark.lat", inputOf("lat", { type: "number", step: "any", min: -90, max: 90, required: true })),
    ...labelled("joint.mark.description", textOf("description")),
    ...labelled("joint.document", inputOf("document", { required: true, maxlength: 200 })),
    ...labelled("joint.mark.valid_from", inputOf("valid_from", { type: "date", required: true, max: "2199-12-31" })),
  ];
  return inWindow(desk, { title: say("joint.marks_add"), sending: say("action.save"), done: say("joint.marks_done"), fields }, (form) => {
    const [code, description, paper, valid_from] = ["code", "description", "document", "valid_from"].map((name) => value(form, name).trim());
    const mark = { code, description, document: paper, valid_from, lon: Number(value(form, "lon")), lat: Number(value(form, "lat")) };
    return act(() => addOtherMark(desk.joint.line_code, mark));
  });
}

/** The day from which a mark is none any more and the paper that says so; asked once more, for it cannot be taken back. @param {Desk} desk @param {OtherMark} mark */
function endWindow(desk, { code, description, document: paper, valid_from }) {
  const fields = [
    make("p", {}, say("joint.mark_told", { code, description, document: paper })),
    make("p", { class: "hint" }, say("joint.mark_end_why", { since: date(valid_from) })),
    ...labelled("joint.mark.valid_to", inputOf("valid_to", { type: "date", required: true, max: "2199-12-31" })),
    ...labelled("joint.document", inputOf("document", { required: true, maxlength: 200 })),
  ];
  const title = say("joint.mark_end_of", { code });
  return inWindow(desk, { title, sending: say("joint.mark_end"), done: say("joint.mark_end_done", { code }), fields }, async (form) => {
    const ending = { valid_to: value(form, "valid_to"), document: value(form, "document").trim() };
    if (ending.valid_to <= valid_from) {
      refuse(form, say("joint.mark_end_early", { since: date(valid_from) }), ["valid_to"]);
      return false;
    }
    const body = say("joint.mark_end_sure", { code, on: date(ending.valid_to), document: ending.document });
    if (!(await confirmed({ title, body, act: say("joint.mark_end") }))) return false;
    return act(() => endOtherMark(desk.joint.line_code, code, ending));
  });
}
