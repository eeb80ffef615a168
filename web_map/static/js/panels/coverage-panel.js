/** What a plan reaches, in figures, and the hand tools to change it; it draws nothing on the map and asks nothing. */
import { byId, make, put } from "../elements.js";
import { SIGNS_OF, cellSample } from "../map/coverage-cells.js";
import { STREETS } from "../map/road-tiles.js";
import { number } from "../measures.js";
import { language, say } from "../messages.js";

/** @typedef {import("../hubs.js").LiveAnswer} LiveAnswer */

const SMALLEST_M = 100;
const LARGEST_M = 3000;
const METRES_A_MINUTE = 60;
const GAPS_SHOWN = 8;
const SHOWN = /** @type {const} */ (["gaps", "catchments", "overlaps"]);

export class CoveragePanel {
  #box = byId("plan-box");
  #head = make("div", { class: "plan-head", role: "status" });
  #tools = make("div", { class: "plan-tools" });
  #tables = make("div", {});
  /** @type {LiveAnswer | null} */
  #answer = null;
  /** @type {{code: string, zh: string, en: string, radius_m: number}[]} */
  #presets = [];
  #putting = false;
  #view = { shown: /** @type {import("../map/coverage-cells.js").Shown} */ ("gaps"), circles: false, areas: false, roads: false };
  #key = make("ul", { class: "plan-key" });

  /** @param {import("../planning.js").Planning} planning @param {{element: HTMLElement, show: () => void}[]} parts */
  constructor(planning, parts) {
    this.planning = planning;
    this.parts = parts;
    put(this.#box, make("h2", {}, say("plan.title")), this.#head, this.#tools, this.#tables, ...parts.map(({ element }) => element));
  }

  open() {
    this.#box.hidden = false;
    this.show();
  }

  close() {
    this.#box.hidden = true;
  }

  /** @param {{code: string, zh: string, en: string, radius_m: number}[]} presets */
  offer(presets) {
    this.#presets = presets;
    this.#write();
  }

  /** @param {LiveAnswer} answer */
  answer(answer) {
    this.#answer = answer;
    this.#figures();
  }

  /** Shows the plan as it is now. */
  show() {
    this.#putting = document.documentElement.hasAttribute("data-putting");
    this.#write();
    this.#figures();
    for (const part of this.parts) part.show();
  }

  #write() {
    const { plan } = this.planning;
    const slider = this.#tools.querySelector("input[type=range]");
    if (slider && document.activeElement === slider) {
      this.#radiusWords();
      return; // the slider under the reader's hand stays the same element
    }
    put(this.#tools, this.#radius(plan.limit_m), this.#metric(plan.metric), this.#onMap(), this.#acts());
    this.#radiusWords();
  }

  /** @param {number} limit_m */
  #radius(limit_m) {
    const slide = (/** @type {Event} */ event) => this.planning.slide(Number(/** @type {HTMLInputElement} */ (event.target).value));
    const pick = (/** @type {Event} */ event) => {
      const metres = Number(/** @type {HTMLSelectElement} */ (event.target).value);
      if (metres) this.planning.change({ limit_m: metres });
    };
    const words = language() === "en" ? "en" : "zh";
    return make(
      "div",
      { class: "plan-radius" },
      make("label", { for: "plan-limit" }, say("plan.radius")),
      make("output", { id: "plan-limit-words", for: "plan-limit" }),
      make("input", { id: "plan-limit", type: "range", min: SMALLEST_M, max: LARGEST_M, step: 50, value: limit_m, oninput: slide }),
      make(
        "select",
        { "aria-label": say("plan.preset"), onchange: pick },
        make("option", { value: "" }, say("plan.preset")),
        ...this.#presets.map((preset) => make("option", { value: preset.radius_m }, `${preset[words]} · ${number(preset.radius_m, 0)} m`)),
      ),
    );
  }

  #radiusWords() {
    const { limit_m } = this.planning.plan;
    const words = this.#tools.querySelector("output");
    if (words) words.textContent = say("plan.radius_words", { limit: number(limit_m, 0), minutes: number(limit_m / METRES_A_MINUTE, 0) });
  }

  /** @param {string} metric */
  #metric(metric) {
    return this.#choice("plan.metric", ["walking", "straight_line"], metric, (chosen) =>
      this.planning.change({ metric: /** @type {"walking"} */ (chosen) }),
    );
  }

  #onMap() {
    const box = (/** @type {"circles" | "areas" | "roads"} */ name) => {
      const flip = (/** @type {Event} */ event) => this.#see({ [name]: /** @type {HTMLInputElement} */ (event.target).checked });
      return make("label", {}, make("input", { type: "checkbox", name, checked: this.#view[name], onchange: flip }), say(`plan.${name}`));
    };
    const shown = this.#choice("plan.show", SHOWN, this.#view.shown, (chosen) => this.#see({ shown: chosen }));
    this.#writeKey();
    shown.append(box("circles"), box("areas"), box("roads"), this.#key);
    return shown;
  }

  /** What the signs on the map mean, as long as they are there. */
  #writeKey() {
    const { shown, roads } = this.#view;
    const streets = roads ? /** @type {import("../map/road-tiles.js").Street[]} */ (Object.keys(STREETS)) : [];
    put(
      this.#key,
      ...SIGNS_OF[shown].map((sign) => make("li", {}, cellSample(sign), say(`plan.sign_${sign}`))),
      ...streets.map((street) => make("li", {}, make("span", { class: `street street-${street}`, "aria-hidden": "true" }), say(`plan.street_${street}`))),
    );
  }

  /** @param {Partial<{shown: string, circles: boolean, areas: boolean}>} view */
  #see(view) {
    this.#view = { ...this.#view, .../** @type {any} */ (view) };
    this.#writeKey();
    this.planning.see(/** @type {any} */ (view));
  }

  /** @param {string} words @param {readonly string[]} choices @param {string} now @param {(chosen: string) => void} act */
  #choice(words, choices, now, act) {
    return make(
      "fieldset",
      {},
      make("legend", {}, say(words)),
      ...choices.map((each) =>
        make("label", {}, make("input", { type: "radio", name: words, value: each, checked: each === now, onchange: () => act(each) }), say(`plan.${each}`)),
      ),
    );
  }

  #acts() {
    const putting = () => {
      this.planning.put(!this.#putting);
      this.show();
    };
    return make(
      "p",
      { class: "plan-acts" },
      make("button", { type: "button", id: "plan-add", class: "strong", "aria-pressed": String(this.#putting), onclick: putting }, say("plan.add")),
      make("button", { type: "button", id: "plan-undo", class: "plain", disabled: !this.planning.canUndo, onclick: () => this.planning.undo() }, say("plan.undo")),
      this.#putting && make("span", { class: "hint" }, say("plan.add_hint")),
    );
  }

  #figures() {
    const answer = this.#answer;
    if (!answer) {
      put(this.#head, say("plan.waiting"));
      return;
    }
    const { straight_line: circle } = answer;
    put(
      this.#head,
      make("strong", { id: "plan-share" }, share(answer.covered_share)),
      make("span", {}, say("plan.people", { count: number(answer.covered_weight, 0), total: number(answer.total_weight, 0) })),
      answer.metric === "walking" &&
        make("span", { class: "hint" }, say("plan.circle", { share: share(circle.covered_share), people: number(circle.circle_only_weight, 0) })),
    );
    put(this.#tables, this.#units(answer), this.#gaps(answer), this.#hubs(answer));
  }

  /** @param {LiveAnswer} answer */
  #units({ units }) {
    const rows = units.map(({ name, total_weight, covered_share }) =>
      make("tr", {}, make("th", { scope: "row" }, name ?? say("plan.no_unit")), make("td", {}, number(total_weight, 0)), make("td", {}, share(covered_share))),
    );
    const heads = ["plan.unit", "plan.total", "plan.share"].map((key) => make("th", { scope: "col" }, say(key)));
    return make("table", { id: "plan-units" }, make("caption", {}, say("plan.units")), make("thead", {}, make("tr", {}, ...heads)), make("tbody", {}, ...rows));
  }

  /** @param {LiveAnswer} answer */
  #gaps({ gaps }) {
    const items = gaps.slice(0, GAPS_SHOWN).map((gap) => {
      const words = say("plan.gap", { unit: gap.unit_name ?? say("plan.no_unit"), people: number(gap.weight, 0), metres: number(gap.excess_m, 0) });
      return make("li", {}, make("button", { type: "button", class: "link", onclick: () => this.planning.look(gap) }, words));
    });
    return make("details", {}, make("summary", {}, say("plan.gap_list")), make("ol", {}, ...items));
  }

  /** @param {LiveAnswer} answer */
  #hubs({ hubs }) {
    const { plan, chosen } = this.planning;
    const reach = new Map(hubs.map((hub) => [hub.id, hub]));
    const items = plan.hubs.map((hub) => {
      const told = reach.get(hub.id);
      const words = told?.snapped === false ? say("plan.off_road") : say("plan.hub", { name: hub.name, people: number(told?.covered_weight ?? 0, 0) });
      const remove = say("plan.remove", { name: hub.name });
      return make(
        "li",
        { "data-hub": hub.id, "aria-current": hub.id === chosen ? "true" : null },
        make("button", { type: "button", class: "link", onclick: () => this.#goTo(hub) }, words),
        make("button", { type: "button", class: "plain remove", "aria-label": remove, title: remove, onclick: () => this.planning.remove(hub.id) }, "×"),
      );
    });
    return make("details", { id: "plan-hubs", open: this.#tables.querySelector("#plan-hubs")?.hasAttribute("open") ?? false }, make("summary", {}, say("plan.hubs", { count: plan.hubs.length })), make("ul", {}, ...items));
  }

  /** @param {import("../hubs.js").PlacedHub} hub */
  #goTo(hub) {
    this.planning.choose(hub.id);
    this.planning.look(hub);
  }
}

/** @param {number | null} value */
function share(value) {
  return value === null ? "–" : `${number(value * 100, 1)} %`;
}
