/** What the sides of a joint inspection do, each in a form: record a stop, give a joint opinion, name and sign papers, file. */
import { papersOf } from "../documents.js";
import { make } from "../elements.js";
import { addTo, carryOn } from "../joint.js";
import { entries, label } from "../legend.js";
import { sendPhoto } from "../markers.js";
import { say } from "../messages.js";
import { hex } from "../panels/inspection-photos.js";
import { Dialog } from "./dialog.js";
import { field, value } from "./fields.js";
import { answerWords, form, inputOf, labelled, lastRecord, PAPERS, selectOf, textOf } from "./joint-shown.js";
import { refuse, sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("./joint-one.js").Desk} Desk
 * @typedef {import("../joint.js").Task} Task
 * @typedef {"plan_document" | "report_document"} SignedPaper
 */

/**
 * A form in a window; what it sent is on file when the window closes.
 * @param {Desk} desk
 * @param {{title: string, sending: string, done: string, fields: import("../elements.js").Child[]}} words
 * @param {(form: HTMLFormElement) => Promise<unknown>} send gives false where it was not sent
 */
export function inWindow({ done, reload }, words, send) {
  const dialog = new Dialog(words.title, { wide: true });
  const shown = form(words.sending, () => dialog.close(), ...words.fields);
  sends(
    shown,
    async () => {
      if ((await send(shown)) === false) return;
      dialog.close();
      await done(words.done);
    },
    ({ status }) => {
      if (status === 412) reload();
      return false;
    },
  );
  dialog.fill(shown);
  return dialog.open();
}

/** @param {string} [none] words for leaving it open */
function conditions(none = say("joint.condition_none")) {
  return /** @type {[string, string][]} */ ([["", none], ...entries("condition").map(({ code }) => [code, label("condition", code)])]);
}

/** @param {Desk} desk @param {Task} task @param {string} side */
export function recordTask(desk, task, side) {
  const { joint, reader } = desk;
  const before = lastRecord(joint, task, side);
  const posts = task.kind !== "segment";
  const answers = entries("joint_answer").map(({ code }) => /** @type {[string, string]} */ ([code, label("joint_answer", code)]));
  const items = task.checklist.map((item) => {
    const known = before?.answers[item];
    const choices = known && !entries("joint_answer").some(({ code }) => code === known) ? [/** @type {[string, string]} */ ([known, answerWords(known)]), ...answers] : answers;
    const chosen = selectOf(item, choices, known ?? "agrees");
    return make("div", {}, make("label", { for: chosen.id }, label("joint_item", item)), chosen);
  });
  const fields = [
    make("p", { class: "hint" }, say("joint.record_why", { side: reader.nameOf(side) })),
    ...labelled("joint.person", inputOf("person", { maxlength: 200, required: true, value: before?.person ?? reader.account.display_name })),
    ...(posts ? labelled("joint.condition", selectOf("condition", conditions(), before?.condition ?? "intact")) : []),
    make("div", { class: "items-of" }, ...items),
    ...labelled("joint.note", textOf("note")),
  ];
  const title = say("joint.record_of", { task: task.order, side: reader.nameOf(side) });
  return inWindow(desk, { title, sending: say("joint.record_send"), done: say("joint.recorded_done", { task: task.order }), fields }, (shown) =>
    act(() =>
      addTo(joint.id, "records", {
        task: task.order,
        side,
        person: value(shown, "person").trim(),
        condition: posts ? value(shown, "condition") || null : null,
        answers: Object.fromEntries(task.checklist.map((item) => [item, value(shown, item)])),
        note: value(shown, "note").trim(),
      }),
    ),
  );
}

/** The work of an order is done: which day, and what shows it. @param {Desk} desk @param {import("../joint.js").WorkOrder} order */
export function finishOrder(desk, { task, measure, responsible }) {
  const { joint, reader } = desk;
  const fields = [
    make("p", {}, make("strong", {}, measure), ` · ${reader.nameOf(responsible)}`),
    ...labelled("joint.person", inputOf("person", { maxlength: 200, required: true, value: reader.account.display_name })),
    ...labelled("joint.order.done_on", inputOf("done_on", { type: "date", required: true, max: "2199-12-31" })),
    ...labelled("joint.order.paper", inputOf("paper", { type: "file", required: true, accept: "image/jpeg,image/png,image/webp,image/heic" })),
    make("p", { class: "hint" }, say("joint.order.paper_why")),
    ...labelled("joint.note", textOf("note")),
  ];
  const title = say("joint.order.finish_of", { task });
  return inWindow(desk, { title, sending: say("joint.order.finish"), done: say("joint.order.finished", { task }), fields }, async (shown) => {
    const file = field(shown, "paper").files?.[0];
    if (!file) return refused(shown, "joint.order.paper_missing", ["paper"]);
    const [person, done_on, note] = ["person", "done_on", "note"].map((name) => value(shown, name).trim());
    const papers = [await sent(file)];
    return act(() => addTo(joint.id, "completions", { task, side: responsible, person, done_on, papers, note }));
  });
}

/** @param {Desk} desk @param {Task} task @param {import("../joint.js").Finding[]} found */
export function giveOpinion(desk, task, found) {
  const { joint, reader } = desk;
  const sides = task.sides.map((side) => /** @type {[string, string]} */ ([side, reader.nameOf(side)]));
  const apart = found.map(({ evidence: { item, answers } }) => {
    const said = Object.entries(answers).map(([side, answer]) => `${reader.nameOf(side)}: ${answer ? answerWords(String(answer)) : "–"}`);
    return make("li", {}, make("strong", {}, label("joint_item", item)), ` ${said.join(" · ")}`);
  });
  const fields = [
    apart.length > 0 && make("ul", { class: "note warn" }, ...apart),
    ...labelled("joint.opinion_text", textOf("text", { required: true })),
    make("fieldset", {}, make("legend", {}, say("joint.agreed")), ...sides.map(([side, words]) => make("label", { class: "tick" }, make("input", { type: "checkbox", name: "agreed_by", value: side }), words))),
    ...labelled("joint.opinion_condition", selectOf("condition", conditions(say("joint.condition_same")))),
    make("p", { class: "hint" }, say("joint.measure_why")),
    ...labelled("joint.order.measure", textOf("measure")),
    ...labelled("joint.order.responsible", selectOf("responsible", [["", say("joint.choose")], ...sides])),
    ...labelled("joint.order.deadline", inputOf("deadline", { type: "date", max: "2199-12-31" })),
  ];
  const title = say("joint.opinion_of", { task: task.order });
  return inWindow(desk, { title, sending: say("joint.opinion_send"), done: say("joint.opinion_done", { task: task.order }), fields }, async (shown) => {
    const [text, condition, measure, responsible, deadline] = ["text", "condition", "measure", "responsible", "deadline"].map((name) => value(shown, name).trim());
    const agreed_by = new FormData(shown).getAll("agreed_by");
    if (agreed_by.length < task.sides.length) return refused(shown, "joint.all_agree", ["agreed_by"]);
    if (measure && !(responsible && deadline)) return refused(shown, "joint.order_whole", ["responsible", "deadline"]);
    const order = measure ? { measure, responsible, deadline } : {};
    return act(() => addTo(joint.id, "opinions", { task: task.order, text, agreed_by, condition: condition || null, ...order }));
  });
}

/** @param {HTMLFormElement} shown @param {string} key @param {string[]} names */
function refused(shown, key, names) {
  refuse(shown, say(key), names);
  return false;
}

/** @param {Desk} desk */
export async function namePapers(desk) {
  const { joint } = desk;
  const { papers } = await papersOf("line", joint.line_code, new AbortController().signal).catch(() => ({ papers: [] }));
  const list = make("datalist", { id: "papers-on-file" }, ...papers.map(({ sha256, title }) => make("option", { value: sha256 }, title)));
  const settled = !["planned", "plan_signed", "compared", "surveyed"].includes(joint.stage);
  const paper = (/** @type {import("./joint-shown.js").PaperName} */ name, locked = false) =>
    labelled(PAPERS[name], inputOf(name, { maxlength: 200, list: list.id, value: joint[name] ?? "", readonly: locked }));
  const fields = [
    make("p", { class: "hint" }, say("joint.papers_why")),
    list,
    ...paper("plan_document"),
    ...paper("indoor_minutes"),
    ...paper("report_document", !settled),
    !settled && make("p", { class: "hint" }, say("joint.report_later")),
  ];
  return inWindow(desk, { title: say("joint.papers_name"), sending: say("action.save"), done: say("joint.papers_done"), fields }, (shown) => {
    const named = ["plan_document", "indoor_minutes", "report_document"].map((name) => [name, value(shown, name).trim()]);
    const changed = named.filter(([name, words]) => words && words !== joint[/** @type {"plan_document"} */ (name)]);
    return act(() => carryOn(joint, "", Object.fromEntries(changed)));
  });
}

/** @param {Desk} desk @param {SignedPaper} name @param {string[]} waiting sides */
export function sign(desk, name, waiting) {
  const { joint, reader } = desk;
  const own = waiting.find((side) => joint.own_sides.includes(side));
  const sides = waiting.map((side) => /** @type {[string, string]} */ ([side, reader.nameOf(side)]));
  const fields = [
    make("p", { class: "hint" }, say("joint.sign_why")),
    ...labelled("joint.side", selectOf("side", sides, own ?? sides[0][0])),
    ...labelled("joint.person", inputOf("person", { maxlength: 200, required: true, value: own ? reader.account.display_name : "" })),
    ...labelled("joint.sheet", inputOf("sheet", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic" })),
    make("p", { class: "hint" }, say("joint.sheet_why")),
  ];
  return inWindow(desk, { title: say(`joint.sign.${name}`), sending: say("joint.sign_send"), done: say("joint.signed_done"), fields }, async (shown) => {
    const side = value(shown, "side");
    const file = field(shown, "sheet").files?.[0];
    if (!file && !joint.own_sides.includes(side)) return refused(shown, "joint.sheet_missing", ["sheet"]);
    const sheet = file && (await sent(file));
    const content = { side, person: value(shown, "person").trim(), document: joint[name], signed_at: new Date().toISOString(), ...(sheet && { sheet }) };
    return act(() => addTo(joint.id, "signatures", content));
  });
}

/** A signed sheet goes to the office first; it is cited by its hash. @param {File} file */
async function sent(file) {
  const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  await sendPhoto(sha256, file);
  return sha256;
}

/** @param {Desk} desk */
export function filingForm(desk) {
  const shown = form(
    say("joint.file"),
    null,
    ...labelled("joint.filing_number", inputOf("filing_number", { maxlength: 200, required: true })),
    ...labelled("joint.filed_on", inputOf("filed_on", { type: "date", required: true, max: "2199-12-31" })),
  );
  sends(shown, async () => {
    await act(() => carryOn(desk.joint, "/filing", { filing_number: value(shown, "filing_number").trim(), filed_on: value(shown, "filed_on") }));
    await desk.done(say("joint.filed_done"));
  });
  return shown;
}

/** @param {Desk} desk */
export function archiveForm(desk) {
  const sets = entries("joint_archive").map(({ code }) => {
    const kept = desk.joint.archived_in.includes(code);
    return make("label", { class: "tick" }, make("input", { type: "checkbox", name: "archived_in", value: code, checked: kept, disabled: kept }), label("joint_archive", code));
  });
  const shown = form(say("joint.archive"), null, make("fieldset", {}, make("legend", {}, say("joint.archive_sets")), ...sets));
  sends(shown, async () => {
    const archived_in = new FormData(shown).getAll("archived_in");
    if (archived_in.length === 0) {
      refuse(shown, say("joint.archive_choose"), ["archived_in"]);
      return;
    }
    await act(() => carryOn(desk.joint, "/archive", { archived_in }));
    await desk.done(say("joint.archived_done"));
  });
  return shown;
}
