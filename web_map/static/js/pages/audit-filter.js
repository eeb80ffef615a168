/** What is looked for in the audit; it stands in the address, so that a colleague finds the same entries. */
import { byId, make, put } from "../elements.js";
import { knows, say } from "../messages.js";
import { day } from "../permalink.js";
import { field } from "./fields.js";
import { startOfDay } from "./moments.js";

const NAMES = /** @type {const} */ (["officer", "act", "subject_kind", "subject", "since", "until"]);
/** Acts on record, by subject, each by the key of its words: `act.` and its code. */
const ACTS = {
  session: ["act.session.begin", "act.session.end"],
  officer: [
    "act.officer.create",
    "act.officer.change",
    "act.officer.account",
    "act.officer.password",
    "act.officer.link",
    "act.officer.provider",
  ],
  token: ["act.token.create", "act.token.revoke"],
  unit: ["act.unit.import", "act.unit.change"],
  document: ["act.document.record", "act.document.link"],
  job: ["act.job.start", "act.job.cancel"],
};

/** An act in words; its code where it has none here. @param {string} code e.g. `officer.change` */
export function actInWords(code) {
  const key = `act.${code}`;
  return knows(key) ? say(key) : code;
}

/** What an act is about, in words. @param {string} code e.g. `officer` */
export function kindInWords(code) {
  return knows(`subject.${code}`) ? say(`subject.${code}`) : code;
}

export class AuditFilter {
  #form = /** @type {HTMLFormElement} */ (byId("filter"));

  /** @param {() => void} changed */
  constructor(changed) {
    this.changed = changed;
    this.show();
    const asked = new URLSearchParams(window.location.search);
    for (const name of NAMES) this.#set(name, asked.get(name) ?? "");
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#asked();
    });
    this.#form.addEventListener("reset", () => window.setTimeout(() => this.#asked()));
  }

  /** What the service is asked for. @returns {import("../audit.js").Filter} */
  get wanted() {
    const { since, until, ...plain } = this.#typed();
    const from = day(since ?? "");
    const to = day(until ?? "");
    return { ...plain, ...(from && { since: startOfDay(from) }), ...(to && { until: startOfDay(to, 1) }) };
  }

  /** Writes the choices in the language of the page; what is chosen stays. */
  show() {
    const chosen = this.#typed();
    const groups = Object.entries(ACTS).map(([kind, keys]) =>
      make(
        "optgroup",
        { label: kindInWords(kind) },
        make("option", { value: `${kind}.` }, say("audit.all_of", { kind: kindInWords(kind) })),
        ...keys.map((key) => make("option", { value: key.replace("act.", "") }, say(key))),
      ),
    );
    put(field(this.#form, "act"), make("option", { value: "" }, say("audit.any")), ...groups);
    const kinds = Object.keys(ACTS).map((kind) => make("option", { value: kind }, kindInWords(kind)));
    put(field(this.#form, "subject_kind"), make("option", { value: "" }, say("audit.any")), ...kinds);
    for (const [name, text] of Object.entries(chosen)) this.#set(name, text);
  }

  /** @returns {Partial<Record<(typeof NAMES)[number], string>>} */
  #typed() {
    const filled = NAMES.map((name) => [name, field(this.#form, name).value.trim()]).filter(([, text]) => text !== "");
    return Object.fromEntries(filled);
  }

  /** A choice that a link names and the list lacks is added to it. @param {string} name @param {string} text */
  #set(name, text) {
    const control = field(this.#form, name);
    control.value = text;
    if (control.value === text || control.tagName !== "SELECT") return;
    control.append(make("option", { value: text }, name === "act" ? actInWords(text) : kindInWords(text)));
    control.value = text;
  }

  #asked() {
    const query = new URLSearchParams(this.#typed()).toString();
    window.history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
    this.changed();
  }
}
