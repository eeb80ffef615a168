/** Which markers are shown: line, unit, due date, case stage; it sets the state and fetches only names to choose from. */
import { make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { namesOf } from "../markers.js";
import { say } from "../messages.js";

/** @typedef {import("../state.js").MarkerFilter} MarkerFilter */

/** A stage that no marker is filtered by: `none` would mean nearly all of them. */
const NOT_A_STAGE = "none";

export class BoardFilter {
  element = make("details", { class: "board-filter" });

  /** @param {import("../state.js").State} state */
  constructor(state) {
    this.state = state;
    state.on(["filter", "as_of"], () => this.show());
  }

  /** Writes the fields anew; the one in use keeps the focus. */
  async show() {
    const { filter, as_of } = this.state.now;
    const used = Object.keys(filter).length;
    if (used > 0) this.element.open = true;
    const focused = document.activeElement?.id;
    put(
      this.element,
      make("summary", {}, say("filter.title"), used > 0 && make("span", { class: "count" }, say("filter.used", { number: used }))),
      this.#choice("unit", filter.unit),
      this.#choice("line", filter.line),
      this.#stage(filter.case_stage),
      this.#due(filter.due_before),
      used > 0 &&
        make("button", { type: "button", class: "plain", onclick: () => this.state.set({ filter: {} }) }, say("filter.clear")),
    );
    if (focused?.startsWith("filter-")) document.getElementById(focused)?.focus();
    await Promise.all([this.#offer("unit", "units", as_of), this.#offer("line", "lines", as_of)]);
  }

  /** @param {Partial<Record<keyof MarkerFilter, string>>} change an empty value takes the condition away */
  #set(change) {
    const all = { ...this.state.now.filter, ...change };
    this.state.set({ filter: Object.fromEntries(Object.entries(all).filter(([, value]) => value)) });
  }

  /** @param {"unit" | "line"} name @param {string | undefined} chosen */
  #choice(name, chosen) {
    const change = (/** @type {Event} */ event) =>
      this.#set({ [name]: /** @type {HTMLSelectElement} */ (event.target).value });
    return make(
      "label",
      { class: "field" },
      say(`filter.${name}`),
      make(
        "select",
        { id: `filter-${name}`, onchange: change },
        make("option", { value: "" }, say("filter.any")),
        chosen && make("option", { value: chosen, selected: true }, chosen),
      ),
    );
  }

  /** Fills a choice once the names are there. @param {"unit" | "line"} name @param {"units" | "lines"} what @param {string | null} as_of */
  async #offer(name, what, as_of) {
    const names = await namesOf(what, as_of).catch(() => new Map());
    const select = this.element.querySelector(`#filter-${name}`);
    if (!select) return;
    const chosen = this.state.now.filter[name];
    const known = chosen && !names.has(chosen) ? new Map([[chosen, chosen], ...names]) : names;
    put(
      select,
      make("option", { value: "" }, say("filter.any")),
      ...[...known].map(([code, words]) => make("option", { value: code, selected: code === chosen }, words)),
    );
  }

  /** @param {string | undefined} chosen */
  #stage(chosen) {
    const change = (/** @type {Event} */ event) =>
      this.#set({ case_stage: /** @type {HTMLSelectElement} */ (event.target).value });
    const stages = entries("case_stage").filter(({ code }) => code !== NOT_A_STAGE);
    return make(
      "label",
      { class: "field" },
      say("filter.case_stage"),
      make(
        "select",
        { id: "filter-stage", onchange: change },
        make("option", { value: "" }, say("filter.any")),
        ...stages.map(({ code }) => make("option", { value: code, selected: code === chosen }, label("case_stage", code))),
      ),
    );
  }

  /** @param {string | undefined} chosen */
  #due(chosen) {
    const change = (/** @type {Event} */ event) =>
      this.#set({ due_before: /** @type {HTMLInputElement} */ (event.target).value });
    return make(
      "label",
      { class: "field" },
      say("filter.due_before"),
      make("input", { id: "filter-due", type: "date", value: chosen ?? "", onchange: change }),
    );
  }
}
