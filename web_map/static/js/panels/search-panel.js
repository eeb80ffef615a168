/**
 * Search by name, pinyin or code: a combobox whole from the keyboard (arrows, Enter, Escape), after the ARIA pattern
 * with list autocomplete. It tells what was chosen and moves nothing itself.
 */
import { isAbort } from "../api.js";
import { findUnits } from "../boundaries.js";
import { byId, make, put } from "../elements.js";
import { label } from "../legend.js";
import { period } from "../measures.js";
import { say } from "../messages.js";

/** @typedef {import("../boundaries.js").UnitProperties} UnitProperties */

const PAUSE_MS = 150;

export class SearchPanel {
  #input = byId("search-input");
  #list = byId("search-list");
  #count = byId("search-count");
  /** @type {UnitProperties[]} */
  #found = [];
  #active = -1;
  #timer = 0;
  #request = new AbortController();

  /**
   * @param {import("../state.js").State} state
   * @param {(unit: UnitProperties) => void} choose
   */
  constructor(state, choose) {
    this.state = state;
    this.choose = choose;
    this.#input.addEventListener("input", () => this.#later());
    this.#input.addEventListener("focus", () => this.#found.length > 0 && this.#open(true));
    this.#input.addEventListener("blur", () => this.#open(false));
    this.#input.addEventListener("keydown", (event) => this.#key(event));
    // The list must not take the focus from the field, or the field's blur would close it before the click.
    this.#list.addEventListener("pointerdown", (event) => event.preventDefault());
  }

  /** Forgets what was found in another language. */
  show() {
    this.#fill([], "");
  }

  get #text() {
    return /** @type {HTMLInputElement} */ (this.#input).value.trim();
  }

  #later() {
    window.clearTimeout(this.#timer);
    this.#request.abort();
    this.#timer = window.setTimeout(() => this.#search(), PAUSE_MS);
  }

  async #search() {
    const wanted = this.#text;
    if (wanted === "") {
      this.#fill([], "");
      return;
    }
    this.#request = new AbortController();
    this.#input.setAttribute("aria-busy", "true");
    try {
      const page = await findUnits(wanted, this.state.now.as_of, this.#request.signal);
      const found = page.features.map((feature) => feature.properties);
      this.#fill(found, found.length === 0 ? say("search.none", { q: wanted }) : this.#counted(page, found.length));
    } catch (error) {
      if (!isAbort(error)) this.#fill([], say("search.failed"));
    } finally {
      this.#input.removeAttribute("aria-busy");
    }
  }

  /** @param {{numberMatched?: number | null}} page @param {number} shown */
  #counted({ numberMatched }, shown) {
    const matched = numberMatched ?? shown;
    return matched > shown ? say("search.first_of", { shown, matched }) : say("search.found", { shown });
  }

  /** @param {UnitProperties[]} found @param {string} told */
  #fill(found, told) {
    this.#found = found;
    put(this.#list, ...found.map((unit, place) => this.#option(unit, place)));
    this.#count.textContent = told;
    this.#count.toggleAttribute("data-alone", found.length === 0 && told !== "");
    this.#activate(found.length > 0 ? 0 : -1);
    this.#open(told !== "");
  }

  /** @param {UnitProperties} unit @param {number} place */
  #option(unit, place) {
    return make(
      "li",
      { role: "option", id: `search-option-${place}`, "aria-selected": "false", onclick: () => this.#take(place) },
      make("span", { class: "option-name" }, unit.name),
      make("span", { class: "option-pinyin" }, [unit.pinyin, unit.parent_name].filter(Boolean).join(" · ")),
      make("span", { class: "option-level" }, label("levels", unit.level)),
      make("span", { class: "option-code" }, unit.code),
      unit.valid_to && make("span", { class: "option-time" }, period(unit.valid_from, unit.valid_to)),
    );
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return; // Enter ends the writing of a Chinese word, it chooses nothing yet
    const last = this.#found.length - 1;
    /** @type {Record<string, () => void>} */
    const acts = {
      ArrowDown: () => this.#activate(this.#active >= last ? 0 : this.#active + 1),
      ArrowUp: () => this.#activate(this.#active <= 0 ? last : this.#active - 1),
      Enter: () => this.#take(this.#active),
      Escape: () => this.#leave(),
    };
    const act = acts[event.key];
    if (!act) return;
    if (event.key !== "Escape" || !this.#list.hidden || this.#text !== "") event.preventDefault();
    act();
  }

  #leave() {
    if (this.#list.hidden) /** @type {HTMLInputElement} */ (this.#input).value = "";
    this.#open(false);
  }

  /** @param {number} place */
  #activate(place) {
    this.#active = place;
    [...this.#list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === place));
      if (index === place) option.scrollIntoView({ block: "nearest" });
    });
    if (place >= 0) this.#input.setAttribute("aria-activedescendant", `search-option-${place}`);
    else this.#input.removeAttribute("aria-activedescendant");
  }

  /** @param {boolean} open */
  #open(open) {
    const listed = open && this.#found.length > 0;
    this.#list.hidden = !listed;
    this.#count.toggleAttribute("data-shown", open);
    this.#input.setAttribute("aria-expanded", String(listed));
  }

  /** @param {number} place */
  #take(place) {
    const unit = this.#found[place];
    if (!unit) return;
    /** @type {HTMLInputElement} */ (this.#input).value = unit.name;
    this.#open(false);
    this.choose(unit);
  }
}
