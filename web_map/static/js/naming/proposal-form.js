/**
 * The form a proposal is written on: its names with their checks, the road, what the name means, who applies. Every
 * change goes into the draft at once; sending is the page's.
 */
import { make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { say } from "../messages.js";
import { formerName } from "./former-name.js";
import { NameBlock } from "./name-block.js";
import { MOST_ALTERNATIVES, aboutOf, lengthIn, unread } from "./proposal-draft.js";

/** @typedef {import("./proposal-draft.js").Draft} Draft */
/** @typedef {import("../elements.js").Child} Child */

/** The subject that a rule asks a reason for, by its code. @type {Record<string, string>} */
const REASON_FOR = { "GEN-03": "generic", "GEO-02": "section", "PER-02": "no_specific_link", "COM-01": "no_specific_link", "ADM-01": "other_division" };
const ROAD_CLASSES = ["express", "main", "secondary", "branch"];
const WIDTH_BASES = ["kerb", "red_line"];
const NUMBER = { type: "number", min: 0, max: 1_000_000, step: "any", inputmode: "decimal" };
const LONG_TEXT = 4000;
const SHORT_TEXT = 200;
/** What the check looks at beside names and ground. */
const CHECKED = ["kind", "action", "former_name", "unit_code", "width_m", "width_basis", "length_m", "road_class", "parent"];

let made = 0;

export class ProposalForm {
  /** @type {NameBlock[]} */
  #blocks = [];
  #former;
  #alternatives = make("div", { class: "alternatives" });
  #reasons = make("div", { class: "fields reasons" });

  /**
   * @param {Draft} draft written on in place
   * @param {{units: {code: string, name: string}[], changed: () => void, read: () => void, found: () => void,
   *   look: (geometry: object) => void}} how `changed` after each change by the writer, `read` when the service read a name,
   *   `found` after each check
   */
  constructor(draft, how) {
    this.draft = draft;
    this.how = how;
    this.#blocks = draft.names.map((_, place) => this.#block(place));
    this.#former = formerName(draft, { changed: () => this.#formerChanged() });
    this.element = make(
      "form",
      { class: "proposal-form", autocomplete: "off" },
      section("propose.the_name", this.#sort(), this.#former, this.#blocks[0].element, this.#reasons),
      section("propose.alternatives", make("p", { class: "hint" }, say("propose.alternatives_hint")), this.#alternatives),
      section("propose.the_road", this.#road()),
      section("propose.why", make("div", { class: "fields" }, ...this.#text("meaning", { rows: 2 }), ...this.#text("origin", { rows: 2 }))),
      section("propose.applicant", make("div", { class: "fields" }, ...this.#line("applicant_name", { maxlength: SHORT_TEXT }), ...this.#line("applicant_contact", { maxlength: SHORT_TEXT }), make("p", { class: "hint" }, say("propose.applicant_hint")))),
    );
    this.#showAlternatives();
    this.#showReasons();
    this.#showFormer();
    this.element.addEventListener("input", ({ target }) => this.#typed(target));
  }

  /** What each check found, the proposed name first. */
  get checked() {
    return this.#blocks.map(({ checked }) => checked);
  }

  /** Examines every name anew, as the road or what is said of it changed. @param {number} [pause_ms] */
  look(pause_ms) {
    for (const block of this.#blocks) block.look(pause_ms);
  }

  stop() {
    for (const block of this.#blocks) block.stop();
  }

  /** What the application would still lack. */
  lacking() {
    const { fields, names, geometry } = this.draft;
    const others = names.slice(1).filter(({ name }) => name.trim());
    return [
      !names[0].name.trim() && say("propose.lacks.name"),
      !geometry && say("propose.lacks.ground"),
      this.#blocks.some((block) => block.written.name.trim() && block.open) && say("propose.lacks.readings"),
      others.length < 2 && say("propose.lacks.alternatives"),
      fields.width_m !== "" && !fields.width_basis && say("propose.lacks.width_basis"),
      !fields.meaning.trim() && say("propose.lacks.meaning"),
      !fields.origin.trim() && say("propose.lacks.origin"),
      !fields.applicant_name.trim() && say("propose.lacks.applicant"),
    ].flatMap((words) => (words ? [words] : []));
  }

  /** The road's length where it was drawn anew. */
  showLength() {
    const input = this.element.querySelector("[name=length_m]");
    const { fields } = this.draft;
    if (input instanceof HTMLInputElement && !fields.length_m) input.placeholder = String(lengthIn(this.draft) ?? "");
  }

  /** @param {number} place */
  #block(place) {
    return new NameBlock(this.draft.names[place], {
      id: `name-${++made}`,
      label: place === 0 ? say("propose.name") : say("propose.alternative", { number: place }),
      name: place === 0 ? "name" : "alternatives",
      required: place === 0,
      proposal: this.draft.id,
      about: () => ({ ...aboutOf(this.draft), outlines: place === 0 && this.draft.geometry !== null }),
      typed: (written, by_person) => {
        this.draft.names[place] = written;
        if (by_person) this.how.changed();
        else this.how.read();
      },
      found: () => {
        if (place === 0) this.#showReasons();
        this.how.found();
      },
      look: this.how.look,
      ...(place > 0 && { remove: () => this.#remove(place) }),
    });
  }

  #showAlternatives() {
    const add = make("button", { type: "button", class: "plain", onclick: () => this.#add() }, say("propose.add_alternative"));
    put(this.#alternatives, ...this.#blocks.slice(1).map(({ element }) => element), this.#blocks.length <= MOST_ALTERNATIVES && make("p", { class: "actions" }, add));
  }

  #add() {
    this.draft.names.push(unread(""));
    this.#rebuild();
    this.#blocks.at(-1)?.focus();
  }

  /** @param {number} place */
  #remove(place) {
    this.draft.names.splice(place, 1);
    this.#rebuild();
    (this.#blocks[place] ?? this.#blocks.at(-1))?.focus();
  }

  /** Alternatives numbered anew; what was found of them is asked for again. */
  #rebuild() {
    for (const block of this.#blocks.slice(1)) block.stop();
    this.#blocks = [this.#blocks[0], ...this.draft.names.slice(1).map((_, place) => this.#block(place + 1))];
    this.#showAlternatives();
    this.how.changed();
    for (const block of this.#blocks.slice(1)) block.look(0);
  }

  /** @param {EventTarget | null} target */
  #typed(target) {
    if (!(target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)) return;
    const { name, value } = target;
    if (name.startsWith("reason.")) this.draft.reasons[name.slice("reason.".length)] = value;
    else if (name in this.draft.fields) this.draft.fields[name] = value;
    else return;
    if (name === "action") this.#showFormer();
    this.how.changed();
    if (name.startsWith("reason.") || CHECKED.includes(name)) this.look();
  }

  #showFormer() {
    this.#former.hidden = this.draft.fields.action !== "rename";
  }

  #formerChanged() {
    this.how.changed();
    this.look();
  }

  /** What kind of place is named, and whether anew. */
  #sort() {
    const kinds = entries("naming_kinds").map(({ code }) => [code, label("naming_kinds", code)]);
    const acts = ["name", "rename"].map((code) => [code, say(`desk.action.${code}`)]);
    return make("div", { class: "two" }, make("div", { class: "fields" }, ...this.#choice("kind", kinds)), make("div", { class: "fields" }, ...this.#choice("action", acts)));
  }

  #road() {
    const units = this.how.units.map(({ code, name }) => /** @type {[string, string]} */ ([code, name]));
    return make(
      "div",
      { class: "fields" },
      make("div", { class: "three" }, ...[this.#line("width_m", NUMBER), this.#choice("width_basis", [["", "–"], ...WIDTH_BASES.map((code) => pair("width_basis", code))]), this.#line("length_m", { ...NUMBER, placeholder: lengthIn(this.draft) })].map((field) => make("div", { class: "fields" }, ...field))),
      make("div", { class: "three" }, ...[this.#choice("road_class", [["", "–"], ...classes(this.draft.fields.road_class)]), this.#line("parent", { maxlength: 40, lang: "zh-CN" }), this.#choice("unit_code", [["", say("propose.unit_by_ground")], ...units])].map((field) => make("div", { class: "fields" }, ...field))),
    );
  }

  /** Reasons that the rules ask for; what was written stays while it is written. */
  #showReasons() {
    const found = (this.#blocks[0]?.checked?.findings ?? []).map(({ code }) => REASON_FOR[code]).filter(Boolean);
    const written = Object.keys(this.draft.reasons).filter((subject) => Object.values(REASON_FOR).includes(subject));
    for (const subject of new Set([...found, ...written])) {
      const id = `reason-${subject}`;
      if (this.#reasons.querySelector(`#${id}`)) continue;
      this.#reasons.append(make("label", { for: id }, say(`reason.${subject}`)), make("textarea", { id, name: `reason.${subject}`, rows: 2, maxlength: LONG_TEXT }, this.draft.reasons[subject] ?? ""));
    }
  }

  /** @param {string} name @param {Record<string, string | number | null>} [attributes] @returns {HTMLElement[]} */
  #line(name, attributes = {}) {
    const id = `propose-${name}`;
    return [make("label", { for: id }, say(`propose.${name}`)), make("input", { id, name, autocomplete: "off", value: this.draft.fields[name], ...attributes })];
  }

  /** @param {string} name @param {Record<string, number>} attributes @returns {HTMLElement[]} */
  #text(name, attributes) {
    const id = `propose-${name}`;
    return [make("label", { for: id }, say(`propose.${name}`)), make("textarea", { id, name, maxlength: LONG_TEXT, ...attributes }, this.draft.fields[name])];
  }

  /** @param {string} name @param {string[][]} options @returns {HTMLElement[]} */
  #choice(name, options) {
    const id = `propose-${name}`;
    const select = make("select", { id, name }, ...options.map(([code, words]) => make("option", { value: code, selected: code === this.draft.fields[name] }, words)));
    return [make("label", { for: id }, say(`propose.${name}`)), select];
  }
}

/** @param {string} field @param {string} code @returns {[string, string]} */
function pair(field, code) {
  return [code, say(`${field}.${code}`)];
}

/** The classes that profiles know, and one that came from elsewhere. @param {string} held @returns {[string, string][]} */
function classes(held) {
  const known = ROAD_CLASSES.map((code) => pair("road_class", code));
  return held && !ROAD_CLASSES.includes(held) ? [...known, [held, held]] : known;
}

/** @param {string} key @param {...Child} body */
function section(key, ...body) {
  const id = `propose-section-${++made}`;
  return make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, say(key)), ...body);
}
