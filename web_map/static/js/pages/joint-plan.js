/** The five-year plan and the plan of a year: which line comes when, who leads and who cooperates, how far it has come. */
import { byId, make, put } from "../elements.js";
import { beginJoint, jointsBegun, roundPlan } from "../joint.js";
import { label } from "../legend.js";
import { date, number } from "../measures.js";
import { say } from "../messages.js";
import { Dialog } from "./dialog.js";
import { value } from "./fields.js";
import { form, inputOf, labelled, rowsTable, selectOf, td } from "./joint-shown.js";
import { Reading } from "./reading.js";
import { sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("../joint.js").PlannedLine} PlannedLine
 * @typedef {import("./joint-shown.js").Reader} Reader
 */

export class JointPlan {
  #lines = byId("lines");
  #year = /** @type {HTMLSelectElement} */ (byId("plan-year"));
  #search = /** @type {HTMLInputElement} */ (byId("plan-search"));
  #reading = new Reading(this.#lines, () => this.load());
  /** @type {import("../joint.js").Plan | null} */
  #plan = null;
  /** @type {Map<string, import("../joint.js").ListedJoint>} */
  #begun = new Map();

  /** @param {URLSearchParams} asked @param {Reader} reader */
  constructor(asked, reader) {
    this.reader = reader;
    this.line = asked.get("line") ?? "";
    this.wanted = asked.get("year") ?? "";
    this.#search.value = this.line;
    this.#year.addEventListener("change", () => {
      this.wanted = this.#year.value;
      this.#list();
    });
    this.#search.addEventListener("input", () => this.#list());
  }

  async load() {
    const answers = await this.#reading.of(() => act(() => Promise.all([roundPlan(), jointsBegun()])));
    if (answers === undefined) return;
    const [plan, { joint_inspections: begun }] = answers;
    this.#plan = plan;
    this.#begun = new Map(begun.map((joint) => [joint.id, joint]));
    const now = String(new Date().getFullYear());
    this.wanted ||= this.line || !plan.years.includes(Number(now)) ? "all" : now;
    this.show();
  }

  /** Writes what is known in the language of the page. */
  show() {
    if (!this.#plan) return;
    const { years } = this.#plan;
    byId("round-title").textContent = say("joint.plan.round", { from: years[0], to: years[years.length - 1] });
    put(
      this.#year,
      make("option", { value: "all" }, say("joint.plan.all_years")),
      ...years.map((year) => make("option", { value: year }, String(year))),
    );
    this.#year.value = this.wanted;
    put(byId("years"), this.#years(), this.#findings());
    this.#list();
  }

  /** What each year of the round holds. */
  #years() {
    const lines = this.#plan?.lines ?? [];
    const rows = (this.#plan?.years ?? []).map((year) => {
      const here = lines.filter((line) => line.year === year);
      const km = here.reduce((sum, line) => sum + line.length_km, 0);
      const choose = () => {
        this.wanted = String(year);
        this.show();
        byId("lines-title").scrollIntoView({ block: "nearest" });
      };
      return make(
        "tr",
        { role: "row" },
        make("th", { role: "rowheader", scope: "row" }, make("button", { type: "button", class: "link", onclick: choose }, String(year))),
        td("joint.plan.lines", here.length),
        td("joint.plan.length", say("measure.km", { value: number(km, 1) })),
        td("joint.plan.begun", here.filter(({ joint_id }) => joint_id).length),
        td("joint.plan.done", here.filter(({ done_on }) => done_on).length),
      );
    });
    return rowsTable("joint.plan.years", ["joint.plan.year", "joint.plan.lines", "joint.plan.length", "joint.plan.begun", "joint.plan.done"], rows);
  }

  /** What is wrong with the plan as it has been begun. */
  #findings() {
    const { findings = [], lines = [] } = this.#plan ?? {};
    const named = new Map(lines.map(({ line_code, name }) => [line_code, name]));
    const told = findings.map(({ code, subject }) => make("li", {}, make("strong", {}, label("finding", code)), ` · ${subject.map((each) => named.get(each) ?? each).join(", ")}`));
    return findings.length > 0 && make("div", {}, make("h3", {}, say("joint.plan.findings")), make("ul", { class: "missing" }, ...told));
  }

  #list() {
    const words = this.#search.value.trim().toLowerCase();
    const shown = (this.#plan?.lines ?? []).filter(
      ({ year, name, line_code }) => (this.wanted === "all" || String(year) === this.wanted) && `${name} ${line_code}`.toLowerCase().includes(words),
    );
    byId("lines-title").textContent = this.wanted === "all" ? say("joint.plan.all") : say("joint.plan.of_year", { year: this.wanted });
    const km = shown.reduce((sum, line) => sum + line.length_km, 0);
    byId("lines-count").textContent = say("joint.plan.count", { n: shown.length, km: number(km, 1) });
    const head = ["joint.year", "joint.line", "joint.lead", "joint.cooperating", "joint.plan.length", "joint.last", "joint.due", "joint.state"];
    put(
      this.#lines,
      shown.length === 0
        ? make("p", { class: "nothing" }, say("joint.plan.none"))
        : rowsTable("joint.plan.all", head, shown.map((line) => this.#row(line))),
    );
    this.#earlier();
  }

  /** @param {PlannedLine} line */
  #row(line) {
    const { nameOf } = this.reader;
    const map = `./#selected=line:${line.line_code}`;
    return make(
      "tr",
      { role: "row" },
      td("joint.year", String(line.year)),
      make("th", { role: "rowheader", scope: "row" }, make("a", { href: map, lang: "zh-CN" }, line.name), make("span", { class: "code" }, line.line_code)),
      td("joint.lead", make("strong", {}, nameOf(line.lead)), line.last_lead && make("span", { class: "hint block" }, say("joint.plan.last_lead", { side: nameOf(line.last_lead) }))),
      td("joint.cooperating", line.cooperating.map(nameOf).join(" · ")),
      td("joint.plan.length", say("measure.km", { value: number(line.length_km, 1) })),
      td("joint.last", date(line.last_on) || "–"),
      td("joint.due", date(line.due_on) || say("joint.plan.first"), line.needs_consent && make("span", { class: "badge warn" }, say("joint.plan.consent"))),
      td("joint.state", ...this.#state(line)),
    );
  }

  /** @param {PlannedLine} line */
  #state(line) {
    const joint = line.joint_id && this.#begun.get(line.joint_id);
    if (joint) return [make("a", { href: `joint?id=${joint.id}` }, label("joint_stage", joint.stage))];
    if (line.done_on) return [make("span", { class: "badge" }, say("joint.plan.done_on", { day: date(line.done_on) }))];
    if (line.joint_id) return [say("joint.plan.others")];
    if (!(line.own && this.reader.account.roles.includes("boundary"))) return [say("joint.plan.not_begun")];
    const begin = () => this.#begin(line);
    return [make("button", { type: "button", class: "plain", "aria-label": say("joint.begin_of", { line: line.name }), onclick: begin }, say("joint.begin"))];
  }

  /** Earlier inspections of the line that the map led here with. */
  #earlier() {
    const planned = new Set((this.#plan?.lines ?? []).map(({ joint_id }) => joint_id));
    const earlier = [...this.#begun.values()].filter(({ id, line_code }) => line_code === this.line && !planned.has(id));
    byId("earlier").hidden = earlier.length === 0;
    put(
      byId("earlier-list"),
      make("ul", {}, ...earlier.map(({ id, year, stage }) => make("li", {}, make("a", { href: `joint?id=${id}` }, `${year} · ${label("joint_stage", stage)}`)))),
    );
  }

  /** @param {PlannedLine} line */
  #begin(line) {
    const { nameOf } = this.reader;
    const dialog = new Dialog(say("joint.begin_of", { line: line.name }));
    const sides = [line.lead, ...line.cooperating].map((code) => /** @type {[string, string]} */ ([code, nameOf(code)]));
    const asked = form(
      say("joint.begin"),
      () => dialog.close(),
      make("p", { class: "hint" }, say("joint.begin_why")),
      ...labelled("joint.year", inputOf("year", { type: "number", min: 1990, max: 2200, required: true, value: line.year })),
      ...labelled("joint.lead", selectOf("lead", sides, line.lead)),
      ...labelled("joint.consent", inputOf("consent", { maxlength: 200, required: line.needs_consent })),
      make("p", { class: "hint" }, say("joint.consent_why")),
    );
    sends(asked, async () => {
      const [year, lead, consent] = ["year", "lead", "consent"].map((name) => value(asked, name).trim());
      const begun = await act(() => beginJoint({ line_code: line.line_code, year: Number(year), lead, ...(consent && { consent }) }));
      window.location.assign(`joint?id=${begun.id}`);
    });
    dialog.fill(asked);
    dialog.open();
  }
}
