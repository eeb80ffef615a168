/** The walk of a joint inspection, stop by stop: what each side recorded, where they disagree, the joint opinion. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { date, length } from "../measures.js";
import { say } from "../messages.js";
import { clocksTold, moment, theDay } from "../panels/marker-records.js";
import { giveOpinion, recordTask } from "./joint-acts.js";
import { answerWords, lastRecord, rowsTable, selectOf, td } from "./joint-shown.js";

/**
 * @typedef {import("../joint.js").Task} Task
 * @typedef {import("./joint-one.js").Desk} Desk
 */

/** @type {Record<string, string>} */
const ENDS = { start: "joint.start", end: "joint.finish" };
/** @type {Record<string, (desk: Desk, task: Task) => boolean>} */
const SHOWN = {
  all: () => true,
  own: ({ joint }, task) => joint.own_sides.some((side) => task.sides.includes(side) && !lastRecord(joint, task, side)),
  disagree: ({ joint }, task) => joint.disagreements_found.some(({ subject }) => subject[1] === String(task.order)),
  unsettled: ({ joint }, task) => joint.unsettled.some(({ subject }) => subject[1] === String(task.order)),
};

/** @param {Desk} desk @param {{wanted: string, show: () => void}} view */
export function tasksCard(desk, view) {
  const { joint, reader } = desk;
  const rows = joint.task_list.filter((task) => SHOWN[view.wanted](desk, task)).map((task) => row(desk, task));
  const choose = selectOf("shown", Object.keys(SHOWN).map((name) => [name, say(`joint.tasks.${name}`)]), view.wanted);
  choose.dataset.key = "shown";
  choose.addEventListener("change", () => Object.assign(view, { wanted: choose.value }).show());
  const head = ["joint.task", "joint.along"].map((key) => say(key));
  const table = rowsTable("joint.tasks", [], rows);
  table.classList.add("tasks");
  table.tHead?.rows[0].append(
    ...[...head, ...joint.sides.map(reader.nameOf), say("joint.opinion")].map((words) => make("th", { role: "columnheader", scope: "col" }, words)),
  );
  return make(
    "section",
    { class: "card", "aria-labelledby": "tasks-title" },
    make("div", { class: "card-head" }, make("h2", { id: "tasks-title" }, say("joint.tasks")), make("div", { class: "tool" }, make("label", { class: "unseen", for: choose.id }, say("joint.tasks.shown")), choose)),
    make("p", { class: "hint", role: "status" }, say("joint.tasks.count", { n: rows.length, all: joint.task_list.length })),
    rows.length > 0 && table,
  );
}

/** @param {Desk} desk @param {Task} task */
function row(desk, task) {
  const { joint, reader } = desk;
  const found = joint.disagreements_found.filter(({ subject }) => subject[1] === String(task.order));
  return make(
    "tr",
    { role: "row", id: `task-${task.order}`, class: found.length > 0 ? "disagree" : null },
    make("th", { role: "rowheader", scope: "row" }, ...taskWords(task, reader.nameOf)),
    td("joint.along", length(task.along_m), task.length_m > 0 && make("span", { class: "hint block" }, say("joint.task_length", { length: length(task.length_m) }))),
    ...joint.sides.map((side) => sideCell(desk, task, side)),
    opinionCell(desk, task, found),
  );
}

/** @param {Task} task @param {(code: string) => string} nameOf */
function taskWords({ order, kind, subjects }, nameOf) {
  const post = kind === "marker" || kind === "tripoint";
  const named = subjects.map((subject) => (post ? make("a", { href: `./#selected=marker:${subject}` }, subject) : make("span", {}, ENDS[subject] ? say(ENDS[subject]) : nameOf(subject))));
  return [make("span", { class: "figure" }, `${order} · `), label("joint_task_kind", kind), make("span", { class: "code" }, ...named.flatMap((each, place) => (place ? [" – ", each] : [each])))];
}

/** What a side recorded here: the last word counts. @param {Desk} desk @param {Task} task @param {string} side */
function sideCell(desk, task, side) {
  const { joint, reader, may } = desk;
  const cell = make("td", { role: "cell", "data-label": reader.nameOf(side) });
  if (!task.sides.includes(side)) {
    cell.append("–");
    return cell;
  }
  const record = lastRecord(joint, task, side);
  const here = make("div", {});
  cell.append(here);
  if (record) {
    const apart = Object.entries(record.answers).filter(([, answer]) => answer !== "agrees");
    here.append(
      ...[
        record.condition ? label("condition", record.condition) : say("joint.recorded_short"),
        ...apart.map(([item, answer]) => make("span", { class: "hint block" }, `${label("joint_item", item)}: ${answerWords(answer)}`)),
        record.note && !record.note.startsWith("sha256:") ? make("span", { class: "hint block" }, record.note) : "",
        make("span", { class: "hint block" }, `${record.person} · ${date(theDay(record.happened_at))}`),
        clocksOf(record),
        earlier(desk, task, side),
      ].filter(Boolean),
    );
  } else here.append(make("span", { class: "hint" }, say("joint.unrecorded")));
  if (may.record && joint.own_sides.includes(side)) {
    const words = record ? "joint.record_again" : "joint.record";
    here.append(
      make("button", { type: "button", class: record ? "link" : "plain", "data-key": `record-${task.order}-${side}`, "aria-label": `${say(words)} · ${say("joint.record_of", { task: task.order, side: reader.nameOf(side) })}`, onclick: () => recordTask(desk, task, side) }, say(words)),
    );
  }
  return cell;
}

/** @param {import("../joint.js").Clocks} record */
function clocksOf(record) {
  const told = clocksTold(record);
  return told ? make("span", { class: "hint block" }, told) : "";
}

/** What the side had recorded here before its last word, the latest first. @param {Desk} desk @param {Task} task @param {string} side */
function earlier({ joint }, task, side) {
  const before = joint.records.filter((each) => each.task === task.order && each.side === side).slice(0, -1).reverse();
  if (before.length === 0) return "";
  const items = before.map((each) => make("li", {}, `${moment(each.happened_at)} · ${each.person}${each.condition ? ` · ${label("condition", each.condition)}` : ""}`, clocksOf(each)));
  return make("details", { class: "hint" }, make("summary", {}, say("joint.earlier", { n: before.length })), make("ol", { class: "plain-list" }, ...items));
}

/** @param {Desk} desk @param {Task} task @param {import("../joint.js").Finding[]} found */
function opinionCell(desk, task, found) {
  const { joint, reader, may } = desk;
  const opinion = joint.opinions.filter((each) => each.task === task.order).at(-1);
  const open = joint.unsettled.some(({ subject }) => subject[1] === String(task.order));
  const give = say(opinion ? "joint.opinion_again" : "joint.opinion_give");
  const apart = found.map(({ evidence: { item } }) => label("joint_item", item)).join(" · ");
  return td(
    "joint.opinion",
    found.length > 0 && make("span", { class: "badge warn" }, say("joint.disagree", { items: apart })),
    opinion && make("span", { class: "block" }, opinion.text, opinion.condition && ` · ${label("condition", opinion.condition)}`),
    opinion && make("span", { class: "hint block" }, say("joint.agreed_by", { sides: opinion.agreed_by.map(reader.nameOf).join(" · ") })),
    opinion && clocksOf(opinion),
    open && make("span", { class: "badge warn" }, say("joint.opinion_open")),
    may.record && (open || opinion) && make("button", { type: "button", class: open ? "plain" : "link", "data-key": `opinion-${task.order}`, "aria-label": `${give} · ${say("joint.opinion_of", { task: task.order })}`, onclick: () => giveOpinion(desk, task, found) }, give),
  );
}
