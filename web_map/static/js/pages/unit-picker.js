/** Chooses units, found by name, pinyin or code, each taken back at a click. Knows nothing of officers. */
import { isAbort } from "../api.js";
import { findUnits } from "../boundaries.js";
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";
import { EVERYWHERE } from "../people.js";
import { jurisdiction, nameOf } from "./jurisdictions.js";

/** @typedef {import("../boundaries.js").UnitProperties} UnitProperties */

const PAUSE_MS = 150;

export class UnitPicker {
  #chips = make("ul", { class: "chips" });
  #list = make("ul", { id: "unit-list", role: "listbox", "aria-label": say("search.list"), hidden: true });
  #told = make("p", { class: "hint", role: "status" });
  #input = make("input", {
    id: "unit-search",
    name: "units",
    role: "combobox",
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    "aria-controls": "unit-list",
    autocomplete: "off",
    spellcheck: "false",
    placeholder: say("search.placeholder"),
  });
  /** @type {string[]} */
  #codes = [];
  /** @type {UnitProperties[]} */
  #found = [];
  #active = -1;
  #timer = 0;
  #request = new AbortController();

  #one;

  /**
   * @param {{name: string, label: string, everywhere?: boolean, one?: boolean}} what the name of the field and the key of
   *   its words; whether everything may be given, and whether one unit takes the place of another
   */
  constructor({ name, label: words, everywhere = false, one = false }) {
    this.#one = one;
    this.#input.name = name;
    this.#input.addEventListener("input", () => this.#later());
    this.#input.addEventListener("blur", () => this.#open(false));
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
    const all = make("button", { type: "button", class: "link", onclick: () => this.#add(EVERYWHERE) }, say("picker.everywhere"));
    this.element = make(
      "div",
      { class: "picker" },
      make("label", { for: "unit-search" }, say(words)),
      this.#chips,
      make("div", { class: "drop-of" }, this.#input, this.#list),
      this.#told,
      everywhere && all,
    );
  }

  get codes() {
    return this.#codes;
  }

  /** @param {readonly string[]} codes */
  set codes(codes) {
    this.#codes = [...codes];
    put(this.#chips, ...this.#codes.map((code) => this.#chip(code)));
  }

  /** @param {string} code */
  #chip(code) {
    const remove = make("button", { type: "button", class: "chip-remove", onclick: () => this.#remove(code) }, "×");
    nameOf(code).then((name) => remove.setAttribute("aria-label", say("picker.remove", { name: name ?? code })));
    return make("li", {}, jurisdiction(code), remove);
  }

  /** @param {string} code */
  #remove(code) {
    this.codes = this.#codes.filter((each) => each !== code);
    this.#input.focus();
  }

  /** @param {string} code */
  #add(code) {
    this.codes = this.#one || code === EVERYWHERE ? [code] : [...new Set([...this.#codes.filter((each) => each !== EVERYWHERE), code])];
    this.#input.value = "";
    this.#fill([], "");
    this.#input.removeAttribute("aria-invalid");
  }

  #later() {
    window.clearTimeout(this.#timer);
    this.#request.abort();
    this.#timer = window.setTimeout(() => this.#search(this.#input.value.trim()), PAUSE_MS);
  }

  /** @param {string} wanted */
  async #search(wanted) {
    if (wanted === "") {
      this.#fill([], "");
      return;
    }
    this.#request = new AbortController();
    try {
      const { features } = await findUnits(wanted, null, this.#request.signal);
      // one code may be borne by two units (460400): as a jurisdiction it is one
      const found = [...new Map(features.map(({ properties }) => [properties.code, properties])).values()];
      this.#fill(found, say(found.length === 0 ? "search.none" : "search.found", { q: wanted, shown: found.length }));
    } catch (error) {
      if (!isAbort(error)) this.#fill([], say("search.failed"));
    }
  }

  /** @param {UnitProperties[]} found @param {string} told */
  #fill(found, told) {
    this.#found = found;
    put(this.#list, ...found.map((unit, place) => this.#option(unit, place)));
    this.#told.textContent = told;
    this.#activate(found.length > 0 ? 0 : -1);
    this.#open(found.length > 0);
  }

  /** @param {UnitProperties} unit @param {number} place */
  #option({ name, code, level, parent_name }, place) {
    return make(
      "li",
      { role: "option", id: `unit-option-${place}`, "aria-selected": "false", onclick: () => this.#add(code) },
      make("span", { class: "option-name", lang: "zh-CN" }, name),
      make("span", { class: "option-level" }, label("levels", level)),
      make("span", { class: "option-pinyin", lang: "zh-CN" }, parent_name ?? ""),
      make("span", { class: "option-code" }, code),
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return; // Enter ends the writing of a Chinese word, it chooses nothing yet
    const last = this.#found.length - 1;
    const open = !this.#list.hidden;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowDown: () => this.#activate(this.#active >= last ? 0 : this.#active + 1),
      ArrowUp: () => this.#activate(this.#active <= 0 ? last : this.#active - 1),
      Enter: () => open && this.#active >= 0 && this.#add(this.#found[this.#active].code),
      Escape: () => this.#open(false),
    };
    const act = acts[event.key];
    if (!act || (event.key === "Escape" && !open)) return;
    event.preventDefault(); // Enter does not send the form, and Escape does not leave the window, while a list is open
    act();
  }

  /** @param {number} place */
  #activate(place) {
    this.#active = place;
    [...this.#list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === place));
      if (index === place) option.scrollIntoView({ block: "nearest" });
    });
    if (place >= 0) this.#input.setAttribute("aria-activedescendant", `unit-option-${place}`);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {boolean} open */
  #open(open) {
    this.#list.hidden = !open;
    this.#input.setAttribute("aria-expanded", String(open));
    if (open) this.#list.scrollIntoView({ block: "nearest" });
  }
}
