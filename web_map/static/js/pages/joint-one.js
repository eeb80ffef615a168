/**
 * One joint inspection: how far it has come, what the next stage still needs and of whom, its papers, the walk with
 * what each side recorded, work orders, filing and archives. Each side acts for itself; the service decides.
 */
import { address } from "../api.js";
import { byId, make, put } from "../elements.js";
import { jointInspection, paperAddress } from "../joint.js";
import { entries, label } from "../legend.js";
import { photoPath } from "../markers.js";
import { date } from "../measures.js";
import { say } from "../messages.js";
import { clocksTold, theDay } from "../panels/marker-records.js";
import { archiveForm, filingForm, finishOrder, namePapers, sign } from "./joint-acts.js";
import { lineCard } from "./joint-line.js";
import { missingList } from "./joint-missing.js";
import { fact, PAPERS, rowsTable, td } from "./joint-shown.js";
import { tasksCard } from "./joint-tasks.js";
import { tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("../joint.js").Joint} Joint
 * @typedef {import("./joint-shown.js").Reader} Reader
 * @typedef {import("./joint-shown.js").PaperName} PaperName
 * @typedef {{joint: Joint, reader: Reader, may: {record: boolean, finish: boolean, carry: boolean}, done: (words: string) => Promise<void>,
 *   reload: () => Promise<void>}} Desk what the pieces of the page work on
 */

const STAGES = ["planned", "plan_signed", "compared", "surveyed", "settled", "report_signed", "filed", "archived"];
/** A paper of the field is a picture, named by its hash. */
const HASH = /^[0-9a-f]{64}$/;

/** Whether an inspection has reached a stage. @param {Joint} joint @param {string} stage */
export function reached({ stage: now }, stage) {
  return STAGES.indexOf(now) >= STAGES.indexOf(stage);
}

export class JointOne {
  #place = byId("one");
  #reading = new Reading(this.#place, () => this.load());
  /** @type {Joint | null} */
  #joint = null;
  /** Which tasks are shown. */
  wanted = "all";

  /** @param {string} id @param {Reader} reader */
  constructor(id, reader) {
    this.id = id;
    this.reader = reader;
  }

  async load() {
    const joint = await this.#reading.of(() => act(() => jointInspection(this.id)), { keep: this.#joint !== null });
    if (joint === undefined) return;
    this.#joint = joint;
    this.show();
  }

  /** Writes what is known in the language of the page; the button that was worked with keeps the focus. */
  show() {
    const joint = this.#joint;
    if (!joint) return;
    const key = document.activeElement?.getAttribute("data-key");
    const desk = this.#desk(joint);
    put(
      this.#place,
      make("p", {}, make("a", { href: "joint" }, say("joint.back"))),
      make("h1", { id: "joint-title", tabindex: "-1" }, say("joint.title", { line: joint.name ?? joint.line_code, year: joint.year })),
      this.#overview(desk),
      missingCard(desk),
      papersCard(desk),
      lineCard(desk),
      tasksCard(desk, this),
      ordersCard(desk),
      endCard(desk),
    );
    if (key) this.#focus(key);
  }

  /** @param {string} key */
  #focus(key) {
    const again = this.#place.querySelector(`[data-key="${CSS.escape(key)}"]`);
    if (again instanceof HTMLElement) again.focus();
    else byId("joint-title").focus();
  }

  /** @param {Joint} joint @returns {Desk} */
  #desk(joint) {
    const { roles } = this.reader.account;
    const open = !reached(joint, "report_signed");
    const side = joint.own_sides.length > 0;
    const carry = side && roles.includes("boundary");
    const acts = roles.includes("surveyor") || roles.includes("boundary");
    return {
      joint,
      reader: this.reader,
      may: { record: side && open && acts, finish: side && acts, carry },
      reload: () => this.load(),
      done: async (words) => {
        const key = document.activeElement?.getAttribute("data-key");
        await this.load();
        if (key) this.#focus(key);
        tell(words);
      },
    };
  }

  /** @param {Desk} desk */
  #overview({ joint, reader: { nameOf } }) {
    const others = joint.sides.filter((side) => side !== joint.lead);
    const at = STAGES.indexOf(joint.stage);
    return make(
      "section",
      { class: "card", "aria-labelledby": "overview-title" },
      make("h2", { id: "overview-title" }, say("joint.overview")),
      make(
        "ol",
        { class: "stages" },
        ...STAGES.map((stage, place) =>
          make("li", { class: place <= at ? "reached" : null, "aria-current": place === at ? "step" : null }, label("joint_stage", stage)),
        ),
      ),
      make(
        "dl",
        { class: "facts" },
        ...fact("joint.line", make("a", { href: `./#selected=line:${joint.line_code}` }, joint.name ?? joint.line_code), " ", make("span", { class: "code" }, joint.line_code)),
        ...fact("joint.lead", nameOf(joint.lead)),
        ...fact("joint.cooperating", others.map(nameOf).join(" · ")),
        ...fact("joint.own", joint.own_sides.map(nameOf).join(" · ") || say("joint.own_none")),
        ...fact("joint.progress", say("joint.recorded", { done: joint.tasks_recorded, all: joint.tasks }), joint.disagreements > 0 && make("span", { class: "badge warn" }, say("joint.disagreements", { n: joint.disagreements }))),
        ...fact("joint.next_lead", nameOf(joint.next_lead)),
      ),
    );
  }
}

/** @param {Desk} desk */
function missingCard({ joint, reader }) {
  const done = joint.missing.length === 0;
  return make(
    "section",
    { class: "card", "aria-labelledby": "missing-title" },
    make("h2", { id: "missing-title" }, done ? say("joint.missing_none") : say("joint.missing", { stage: label("joint_stage", joint.next_stage) })),
    !done && missingList(joint, reader),
  );
}

/** @param {Desk} desk */
function papersCard(desk) {
  const { joint, may } = desk;
  const settled = reached(joint, "settled");
  const download = (/** @type {"plan" | "report"} */ name, /** @type {"pdf" | "docx"} */ kind) =>
    make("a", { class: "plain", href: paperAddress(joint.id, name, kind), download: `joint-${name}-${joint.line_code}-${joint.year}.${kind}` }, say(`joint.${name}_${kind}`));
  return make(
    "section",
    { class: "card", "aria-labelledby": "papers-title" },
    make(
      "div",
      { class: "card-head" },
      make("h2", { id: "papers-title" }, say("joint.papers")),
      may.carry && may.record && make("button", { type: "button", class: "plain", "data-key": "papers", onclick: () => namePapers(desk) }, say("joint.papers_name")),
    ),
    make("dl", { class: "facts" }, ...Object.entries(PAPERS).flatMap(([name, key]) => fact(key, ...paper(desk, /** @type {PaperName} */ (name))))),
    joint.field_papers.length > 0 && fieldPapers(desk),
    make("p", { class: "actions" }, download("plan", "pdf"), download("plan", "docx"), settled && download("report", "pdf"), settled && download("report", "docx")),
    !settled && make("p", { class: "hint" }, say("joint.report_later")),
  );
}

/** A paper, who has signed it, and the way to sign it. @param {Desk} desk @param {PaperName} name */
function paper(desk, name) {
  const { joint, reader, may } = desk;
  const document_of = joint[name];
  if (!document_of) return [make("span", { class: "hint" }, say("joint.paper.none"))];
  const shown = make("span", { class: "paper-name" }, document_of);
  if (name === "indoor_minutes") return [shown];
  const signed = joint.signatures.filter((each) => each.document === document_of);
  const waiting = joint.sides.filter((side) => !signed.some((each) => each.side === side));
  return [
    shown,
    make(
      "ul",
      { class: "plain-list" },
      ...signed.map((each) => signedBy(desk, each)),
      ...waiting.map((side) => make("li", { class: "hint" }, say("joint.unsigned", { side: reader.nameOf(side) }))),
    ),
    may.record && waiting.length > 0 && make("button", { type: "button", class: "plain", "data-key": `sign-${name}`, onclick: () => sign(desk, name, waiting) }, say(`joint.sign.${name}`)),
  ];
}

/** Who signed when and how; a signature by hand can be looked at. @param {Desk} desk @param {import("../joint.js").Signature} signature */
function signedBy({ reader }, signature) {
  const { side, person, happened_at, method, sheet, device } = signature;
  const by_hand = sheet && make("a", { href: address(photoPath(sheet)).href, target: "_blank", rel: "noopener" }, say("joint.sheet_seen"));
  return make("li", {}, make("span", { class: "good" }, "✓ "), say("joint.signed", { side: reader.nameOf(side), person, day: date(theDay(happened_at)) }), method && ` · ${method}`, by_hand && " · ", by_hand, device && make("span", { class: "hint block" }, clocksTold(signature)));
}

/** The records that the sides signed outdoors, each as they saw it. @param {Desk} desk */
function fieldPapers(desk) {
  const { joint } = desk;
  const paper_of = (/** @type {string} */ document_of) => {
    const link = HASH.test(document_of) && make("a", { href: address(photoPath(document_of)).href, target: "_blank", rel: "noopener" }, say("joint.field_paper_seen"));
    const signed = joint.signatures.filter((each) => each.document === document_of);
    return make("li", { class: "field-paper" }, link, " ", make("span", { class: "code paper-name" }, document_of), make("ul", { class: "plain-list" }, ...signed.map((each) => signedBy(desk, each))));
  };
  return make("div", { class: "field-papers" }, make("h3", {}, say("joint.field_papers")), make("p", { class: "hint" }, say("joint.field_papers_why")), make("ul", { class: "plain-list" }, ...joint.field_papers.map(paper_of)));
}

/** @param {Desk} desk */
function ordersCard(desk) {
  const { joint, may, reader: { nameOf } } = desk;
  const rows = joint.work_orders.map((order) => {
    const { task, subjects, measure, responsible, deadline, done_on } = order;
    const own = may.finish && joint.own_sides.includes(responsible);
    return make(
      "tr",
      { role: "row" },
      make("th", { role: "rowheader", scope: "row" }, `${task} · ${subjects.join(" – ")}`),
      td("joint.order.measure", measure),
      td("joint.order.responsible", nameOf(responsible)),
      td("joint.order.deadline", date(deadline)),
      td(
        "joint.order.done",
        done_on ? date(done_on) : say("joint.not_yet"),
        !done_on &&
          own &&
          make(
            "button",
            { type: "button", class: "plain block", "data-key": `done-${task}`, "aria-label": say("joint.order.finish_of", { task }), onclick: () => finishOrder(desk, order) },
            say("joint.order.finish"),
          ),
      ),
    );
  });
  return make(
    "section",
    { class: "card", "aria-labelledby": "orders-title" },
    make("h2", { id: "orders-title" }, say("joint.orders")),
    rows.length === 0
      ? make("p", { class: "hint" }, say("joint.orders_none"))
      : rowsTable("joint.orders", ["joint.order.where", "joint.order.measure", "joint.order.responsible", "joint.order.deadline", "joint.order.done"], rows),
  );
}

/** Filing and archives. @param {Desk} desk */
function endCard(desk) {
  const { joint, may } = desk;
  const kept = entries("joint_archive").filter(({ code }) => joint.archived_in.includes(code)).map(({ code }) => label("joint_archive", code));
  return make(
    "section",
    { class: "card", "aria-labelledby": "end-title" },
    make("h2", { id: "end-title" }, say("joint.end")),
    make(
      "dl",
      { class: "facts" },
      ...fact("joint.filing_number", joint.filing_number ?? say("joint.not_yet")),
      ...fact("joint.filed_on", date(joint.filed_on) || say("joint.not_yet")),
      ...fact("joint.archived_in", kept.join(" · ") || say("joint.not_yet")),
    ),
    !reached(joint, "report_signed") && make("p", { class: "hint" }, say("joint.filing_later")),
    may.carry && joint.stage === "report_signed" && filingForm(desk),
    may.carry && joint.stage === "filed" && archiveForm(desk),
  );
}
