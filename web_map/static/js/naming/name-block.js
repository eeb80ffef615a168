/**
 * One name of a proposal as it is written: its field, its polyphones for a person to confirm, and what the rules find
 * while it is typed. It asks the service for a check only; what was typed is kept by whoever holds it.
 */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { inWords } from "../pages/sending.js";
import { checkName } from "../proposals.js";
import { findingsTable, weights } from "./findings-view.js";
import { openPolyphones, readingsOf, renamed } from "./proposal-draft.js";

/** @typedef {import("./proposal-draft.js").Written} Written */
/** @typedef {import("../proposals.js").CheckedName} CheckedName */

const PAUSE_MS = 250;

export class NameBlock {
  #input;
  #readings = make("div", { class: "polyphones" });
  #told = make("div", { class: "check-told", role: "status" });
  #found = make("div", { class: "live-check" });
  #waiting = 0;
  #asked = 0;
  #shown = "";
  /** @type {Map<number, HTMLFieldSetElement>} by the place of the character */
  #choices = new Map();
  #last_question = "";
  /** @type {CheckedName | null} */
  checked = null;

  /**
   * @param {Written} written
   * @param {{id: string, label: string, name: string, required?: boolean, proposal: string, about: () => object, typed: (written: Written, by_person: boolean) => void,
   *   found: (checked: CheckedName | null) => void, look: (geometry: object) => void, remove?: () => void}} how `about` is what
   *   the check asks beside the name; `typed` hears of every change of what is written, also of how the service read it
   */
  constructor(written, how) {
    this.written = written;
    this.how = how;
    this.#input = make("input", { id: how.id, name: how.name, lang: "zh-CN", required: how.required, maxlength: 40, value: written.name, autocomplete: "off", spellcheck: "false" });
    this.#input.addEventListener("input", (event) => this.#typed(/** @type {InputEvent} */ (event).isComposing));
    this.#input.addEventListener("compositionend", () => this.#typed(false));
    const remove = how.remove && make("button", { type: "button", class: "plain", "aria-label": say("propose.remove_name", { label: how.label }), onclick: how.remove }, say("propose.remove"));
    this.element = make("div", { class: "name-block fields" }, make("label", { for: how.id }, how.label), make("div", { class: "name-line" }, this.#input, remove), this.#told, this.#readings, this.#found);
    this.#showReadings();
  }

  focus() {
    this.#input.focus();
  }

  /** Examines the name when the typing pauses, or at once. @param {number} [pause_ms] */
  look(pause_ms = PAUSE_MS) {
    window.clearTimeout(this.#waiting);
    this.#waiting = window.setTimeout(() => this.#look(), pause_ms);
  }

  /** No answer counts any more. */
  stop() {
    window.clearTimeout(this.#waiting);
    this.#asked += 1;
  }

  /** @param {boolean} composing a Chinese word is half written: its letters are no name yet */
  #typed(composing) {
    if (composing) return;
    this.#write(renamed(this.written, this.#input.value));
    this.look();
  }

  /** @param {Written} written @param {boolean} [by_person] */
  #write(written, by_person = true) {
    this.written = written;
    this.how.typed(written, by_person);
  }

  async #look() {
    const mine = ++this.#asked;
    const name = this.written.name.trim();
    if (!name) {
      this.#keep(null);
      return;
    }
    const question = { ...this.how.about(), name, readings: this.written.given ? null : readingsOf(this.written) };
    const written_out = JSON.stringify(question);
    if (written_out === this.#last_question && this.checked) return;
    this.#told.setAttribute("aria-busy", "true");
    try {
      const checked = besides(await checkName(question), this.how.proposal);
      if (mine !== this.#asked) return;
      this.#last_question = written_out;
      this.#keep(checked);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (mine === this.#asked) this.#failed(error);
    } finally {
      if (mine === this.#asked) this.#told.removeAttribute("aria-busy");
    }
  }

  /** @param {CheckedName | null} checked */
  #keep(checked) {
    this.checked = checked;
    if (checked) this.#read(checked);
    this.show();
    this.how.found(checked);
  }

  /** Remembers how it was read; a reading that the office had on record counts as confirmed. @param {CheckedName} checked */
  #read({ readings }) {
    const { given = [], confirmed } = this.written;
    const settled = { ...confirmed };
    readings.forEach((each, place) => {
      const on_record = given[place];
      if (on_record && (each.to_confirm || on_record !== each.reading)) settled[place] = { character: each.character, reading: on_record, possible: [...new Set([on_record, ...each.possible])] };
    });
    const read = readings.map((each, place) => (settled[place]?.character === each.character && this.written.read[place]?.character === each.character ? this.written.read[place] : each));
    this.#write({ name: this.written.name, confirmed: settled, read }, false);
    if (given.length > 0) this.look(0);
  }

  /** @param {ApiError} error */
  #failed(error) {
    this.checked = null;
    put(this.#found);
    put(this.#told, make("p", { class: "note warn" }, ...(error.code === "network" ? [say("propose.check_offline")] : inWords(error)), " ", make("button", { type: "button", class: "link", onclick: () => this.look(0) }, say("action.retry"))));
    this.how.found(null);
  }

  /** Writes what was found in the language of the page. */
  show() {
    this.#showReadings();
    if (!this.checked) {
      put(this.#told);
      put(this.#found);
      return;
    }
    const { name, parts, spelling, findings } = this.checked;
    const specific = [parts.prefix, parts.specific, parts.modifiers, parts.ordinal].join("");
    put(
      this.#told,
      make("p", { class: "spelled" }, make("span", { lang: "zh-Latn", class: "pinyin" }, spelling.toned), " ", make("span", { class: "hint" }, say("propose.parts", { specific: specific || "–", generic: parts.generic || "–" }))),
      make("p", { class: "marks" }, ...(findings.length > 0 ? weights(findings) : [make("span", { class: "badge" }, say("propose.nothing_found"))])),
    );
    put(this.#found, findings.length > 0 && findingsTable(name, findings, { overrides: {}, look: this.how.look, families: true }));
  }

  /** Every polyphone with its readings; those that wait are marked. Built anew only when other characters are to be read. */
  #showReadings() {
    const { confirmed, read } = this.written;
    const places = read.map((each, place) => confirmed[place] ?? (each.to_confirm ? each : null));
    const asked = JSON.stringify([document.documentElement.lang, ...places.map((each) => each && [each.character, each.possible])]);
    if (asked !== this.#shown) {
      this.#shown = asked;
      this.#choices = new Map(places.flatMap((each, place) => (each ? [[place, this.#choice(each, place)]] : [])));
      put(this.#readings, ...this.#choices.values());
    }
    for (const [place, choice] of this.#choices) this.#mark(choice, confirmed[place]?.reading ?? null, read[place].character);
  }

  /** @param {HTMLFieldSetElement} choice @param {string | null} chosen @param {string} character */
  #mark(choice, chosen, character) {
    choice.classList.toggle("open", chosen === null);
    const legend = choice.querySelector("legend");
    if (legend) legend.textContent = say(chosen === null ? "propose.confirm_reading" : "propose.read_as", { character });
    for (const radio of choice.querySelectorAll("input")) radio.checked = radio.value === chosen;
  }

  /** @param {{character: string, possible: string[]}} polyphone @param {number} place */
  #choice({ character, possible }, place) {
    const group = `${this.how.id}-reading-${place}`;
    const radio = (/** @type {string} */ reading) => make("input", { type: "radio", name: group, value: reading, onchange: () => this.#confirm(place, { character, reading, possible }) });
    return make("fieldset", { class: "polyphone" }, make("legend", {}), ...possible.map((reading) => make("label", { class: "tick" }, radio(reading), make("span", { lang: "zh-Latn" }, reading))));
  }

  /** @param {number} place @param {import("./proposal-draft.js").Confirmed} entry */
  #confirm(place, entry) {
    this.#write({ ...this.written, confirmed: { ...this.written.confirmed, [place]: entry } });
    this.#showReadings();
    this.look(0);
  }

  /** Whether a polyphone still waits for a person. */
  get open() {
    return openPolyphones(this.written).length > 0;
  }
}

/** Without what a proposal on record has in common with itself. @param {CheckedName} checked @param {string} proposal */
function besides(checked, proposal) {
  return { ...checked, findings: checked.findings.filter(({ subject }) => !subject.slice(1).includes(proposal)) };
}
