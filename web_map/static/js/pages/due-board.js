/** The board of what is due: how much on top, then what is overdue, due soon and later, each with the way to it. */
import { isAbort } from "../api.js";
import { calendarFile, due } from "../due.js";
import { byId, make, put } from "../elements.js";
import { definition, entries, label } from "../legend.js";
import { date } from "../measures.js";
import { language, say } from "../messages.js";
import { rowsTable, td } from "./joint-shown.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("../due.js").DueEntry} DueEntry
 * @typedef {import("../due.js").DueState} DueState
 * @typedef {{units: Map<string, string>, lines: Map<string, string>}} Names by code
 */

const STATES = /** @type {DueState[]} */ (["overdue", "soon", "ahead"]);
/** Rows of a state that are written at once; the rest at a click. */
const AT_ONCE = 50;
const DAY_MS = 86_400_000;

export class DueBoard {
  #place = byId("board");
  #reading = new Reading(this.#place, () => this.load());
  #request = new AbortController();
  /** @type {import("../due.js").DueAnswer | null} */
  #answer = null;
  /** States whose rows are all shown. @type {Set<DueState>} */
  #whole = new Set();
  /** @type {Names} */
  names = { units: new Map(), lines: new Map() };

  /** @param {{clear: () => void, farther: () => void}} filter what an empty board leads to */
  constructor(filter) {
    this.filter = filter;
    /** @type {import("../due.js").DueQuestion} */
    this.asked = { unit: "", line: "", kind: "", days_ahead: "" };
  }

  /** @param {import("../due.js").DueQuestion} [asked] what was asked before when left out */
  async load(asked = this.asked) {
    this.asked = asked;
    this.#request.abort();
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      const answer = await this.#reading.of(() => act(() => due(asked, signal)));
      if (answer === undefined) return;
      this.#answer = answer;
      this.#whole.clear();
      this.show();
    } catch (error) {
      if (!isAbort(error)) throw error;
    }
  }

  /** Writes what is known in the language of the page. */
  show() {
    if (!this.#answer) return;
    const { on, days_ahead: days, entries: all, more } = this.#answer;
    /** @type {HTMLAnchorElement} */ (byId("calendar-file")).href = calendarFile(this.asked);
    byId("due-title").textContent = days ? say("due.title", { day: date(on), n: days }) : say("due.title_today", { day: date(on) });
    byId("due-told").textContent = say("due.count", { n: all.length });
    put(byId("counts"), ...STATES.map((state) => this.#count(state)), ...this.#kinds());
    put(
      this.#place,
      more.length > 0 && make("p", { class: "note warn" }, say("due.more", { kinds: more.map((kind) => label("due_kind", kind)).join(" · ") })),
      ...(all.length === 0 ? [this.#nothing()] : STATES.map((state) => this.#group(state))),
      all.length > 0 && this.#meanings(),
    );
  }

  /** @param {DueState} state */
  #count(state) {
    const n = this.#answer?.by_state[state] ?? 0;
    const told = [make("strong", {}, String(n)), " ", label("due_state", state)];
    return make("li", { class: n > 0 ? `count-${state}` : "of-none" }, n > 0 ? make("a", { href: `#${state}` }, ...told) : make("span", {}, ...told));
  }

  /** How many of each kind, in the order of the legend. */
  #kinds() {
    const { by_kind: counts = {} } = this.#answer ?? {};
    const here = entries("due_kind").filter(({ code }) => counts[code]);
    return here.map(({ code }) => make("li", { class: "of-kind" }, make("strong", {}, String(counts[code])), ` ${label("due_kind", code)}`));
  }

  /** @param {DueState} state */
  #group(state) {
    const here = (this.#answer?.entries ?? []).filter((each) => each.state === state);
    if (here.length === 0) return null;
    const whole = this.#whole.has(state);
    const shown = whole ? here : here.slice(0, AT_ONCE);
    const rest = () => {
      this.#whole.add(state);
      this.show();
      byId(state).querySelectorAll("tbody tr")[AT_ONCE]?.querySelector("a")?.focus();
    };
    return make(
      "section",
      { id: state, class: "due-group", "aria-labelledby": `${state}-title` },
      make("h3", { id: `${state}-title` }, label("due_state", state), make("span", { class: "hint" }, ` ${definition("due_state", state)} · ${here.length}`)),
      rowsTable("page.due", ["due.subject", "due.kind", "due.day", "due.line", "due.unit"], shown.map((each) => this.#row(each))),
      here.length > shown.length &&
        make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: rest }, say("due.rest", { n: here.length - shown.length }))),
    );
  }

  /** @param {DueEntry} entry */
  #row(entry) {
    const { kind, line_code, unit, due_on, state, never_done } = entry;
    return make(
      "tr",
      { role: "row", class: `due-${state}` },
      make("th", { role: "rowheader", scope: "row" }, this.#way(entry)),
      td("due.kind", label("due_kind", kind)),
      td("due.day", make("time", { datetime: due_on }, date(due_on)), make("span", { class: "hint block" }, never_done ? say("due.never") : this.#away(due_on))),
      td("due.line", line_code ? make("a", { href: `./#selected=line:${line_code}`, lang: "zh-CN" }, this.names.lines.get(line_code) ?? line_code) : "–"),
      td("due.unit", (unit && (this.names.units.get(unit) ?? unit)) || "–"),
    );
  }

  /** Where the work is done: a marker on the map, a joint inspection, a proposal on its desk, a sitting. @param {DueEntry} entry */
  #way({ kind, subject, line_code, joint_id, proposal_id, meeting_id }) {
    if (proposal_id) return make("a", { href: `naming/#${proposal_id}`, lang: "zh-CN" }, subject);
    if (meeting_id) return make("a", { href: `naming/committee#${meeting_id}`, lang: "zh-CN" }, subject);
    if (line_code === null) return subject;
    const line = this.names.lines.get(line_code) ?? line_code;
    if (joint_id) return make("a", { href: `joint?id=${joint_id}` }, subject === line_code ? say("due.joint_of", { line }) : subject.split("/").join(" – "));
    if (kind === "joint") return make("a", { href: `joint?line=${line_code}` }, say("due.joint_of", { line }));
    return make("a", { href: `./#selected=marker:${subject}` }, subject);
  }

  /** How far away a day is, in the words of the language. @param {string} due_on */
  #away(due_on) {
    const days = Math.round((Date.parse(due_on) - Date.parse(this.#answer?.on ?? due_on)) / DAY_MS);
    return new Intl.RelativeTimeFormat(language(), { numeric: "auto" }).format(days, "day");
  }

  /** What a reader who sees nothing may do about it. */
  #nothing() {
    const { clear, farther } = this.filter;
    const { unit, line, kind, days_ahead } = this.asked;
    const button = (/** @type {string} */ words, /** @type {() => void} */ onclick) => make("button", { type: "button", class: "plain", onclick }, words);
    return make(
      "div",
      { class: "nothing" },
      make("p", {}, say("due.none", { n: days_ahead })),
      make("p", { class: "actions" }, (unit || line || kind) && button(say("due.clear"), clear), days_ahead !== "730" && button(say("due.farther"), farther)),
    );
  }

  /** What sets the day of each kind, as the legend defines it. */
  #meanings() {
    const told = entries("due_kind").flatMap(({ code }) => [make("dt", {}, label("due_kind", code)), make("dd", {}, definition("due_kind", code))]);
    return make("details", { class: "meanings" }, make("summary", {}, say("due.meanings")), make("dl", { class: "facts" }, ...told));
  }
}
