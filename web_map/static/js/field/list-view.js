/** The markers on the device by distance or due date, tasks first; what is being written about and what waits is marked. */
import { make, put } from "../elements.js";
import { signCanvas } from "../map/marker-signs.js";
import { say } from "../messages.js";
import { drafted } from "./drafts.js";
import { jointsHere } from "./joint-day.js";
import { isTask, markersHere, ordered, signOf, wayTo } from "./markers-here.js";
import { waiting } from "./outbox.js";
import { keep, kept } from "./store.js";
import { directionWords, distanceWords, dueWords } from "./words.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./store.js").PackedMarker} PackedMarker */

const SHOWN = 60;

export class ListView {
  element = make("section", { class: "view", "aria-labelledby": "list-title" });
  #list = make("ul", { class: "marker-list" });
  #count = make("p", { class: "hint", role: "status" });
  #order = /** @type {"due" | "distance"} */ ("due");
  #only = true;
  #words = "";
  #shown = SHOWN;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  async open() {
    this.#order = (await kept("list_order")) ?? "due";
    this.#only = (await kept("list_tasks")) ?? true;
    await this.#load();
    const joints = await jointsHere();
    const walk = joints.length > 0 && make("a", { class: "button wide", href: "#joints" }, say("field.joint.open", { n: joints.length }));
    put(this.element, make("h1", { id: "list-title" }, say("field.tab.list")), walk, this.#filters(), this.#count, this.#list);
    this.#write();
    return this;
  }

  async #load() {
    const [markers, drafts, records] = await Promise.all([markersHere(), drafted(), waiting()]);
    this.markers = markers;
    this.drafts = drafts;
    this.waits = new Set(records.map(({ marker_code }) => marker_code));
  }

  #filters() {
    const search = make("input", {
      type: "search",
      placeholder: say("field.list.find"),
      "aria-label": say("field.list.find"),
      oninput: () => {
        this.#words = search.value.trim().toUpperCase();
        this.#write();
      },
    });
    const order = (/** @type {"due" | "distance"} */ code) => this.#toggle(say(`field.list.${code}`), this.#order === code, () => this.#set({ order: code }));
    const only = (/** @type {boolean} */ tasks) => this.#toggle(say(tasks ? "field.list.tasks" : "field.list.all"), this.#only === tasks, () => this.#set({ only: tasks }));
    return make("div", { class: "filters" }, search, make("div", { class: "choice-row", role: "group", "aria-label": say("field.list.which") }, only(true), only(false)), make("div", { class: "choice-row", role: "group", "aria-label": say("field.list.order") }, order("due"), order("distance")));
  }

  /** @param {string} words @param {boolean} pressed @param {() => void} act */
  #toggle(words, pressed, act) {
    return make("button", { type: "button", class: "toggle", "aria-pressed": String(pressed), onclick: act }, words);
  }

  /** @param {{order?: "due" | "distance", only?: boolean}} change */
  async #set({ order = this.#order, only = this.#only }) {
    this.#order = order;
    this.#only = only;
    await Promise.all([keep("list_order", order), keep("list_tasks", only)]);
    await this.open();
  }

  /** The device has moved: distances change, and the order where it is by distance. */
  moved() {
    if (!this.element.contains(document.activeElement) || document.activeElement?.tagName !== "INPUT") this.#write();
  }

  async anew() {
    await this.#load();
    this.#write();
  }

  #write() {
    const { markers = [] } = this;
    const found = markers.filter((marker) => (!this.#only || isTask(marker)) && this.#fits(marker));
    const shown = ordered(found, this.#order, this.app.positioning.fix).slice(0, this.#shown);
    put(this.#count, say("field.list.count", { shown: found.length, all: markers.length }));
    if (markers.length === 0) {
      put(this.#list, make("li", { class: "empty-state" }, make("p", {}, say("field.list.empty")), make("a", { class: "button strong", href: "#packs" }, say("field.list.take_along"))));
      return;
    }
    const more = found.length > shown.length && make("li", {}, make("button", { type: "button", class: "plain wide", onclick: () => this.#more() }, say("field.list.more")));
    put(this.#list, ...shown.map((marker) => this.#item(marker)), more);
    if (found.length === 0) put(this.#list, make("li", { class: "empty-state" }, say("field.list.none")));
  }

  #more() {
    this.#shown += SHOWN;
    this.#write();
  }

  /** @param {PackedMarker} marker */
  #fits({ code, state }) {
    return !this.#words || `${code} ${state.number} ${state.name ?? ""}`.toUpperCase().includes(this.#words);
  }

  /** @param {PackedMarker} marker */
  #item(marker) {
    const { code, state, cases } = marker;
    const sign = signOf(marker);
    const way = wayTo(this.app.positioning.fix, marker);
    return make(
      "li",
      {},
      make(
        "a",
        { href: `#marker=${encodeURIComponent(code)}`, class: "marker-row" },
        signCanvas(sign, 30),
        make("span", { class: "marker-words" }, make("b", {}, state.number), make("span", { class: "hint" }, [sign.label, dueWords(state.next_due_on)].join(" · "))),
        make("span", { class: "marker-way" }, way ? make("b", {}, distanceWords(way.distance_m)) : "–", way && make("span", { class: "hint" }, directionWords(way.azimuth_deg))),
        this.drafts?.has(code) && make("span", { class: "badge draft-badge" }, say("field.list.draft")),
        this.waits?.has(code) && make("span", { class: "badge" }, say("field.list.waits")),
        cases.length > 0 && make("span", { class: "badge case-badge" }, say("field.list.case")),
      ),
    );
  }
}
