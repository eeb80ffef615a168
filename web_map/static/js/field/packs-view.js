/** Work packs: what is on the device and how old it is; taking along with the size before and the progress during. */
import { ApiError, getJson } from "../api.js";
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { confirmed } from "../pages/dialog.js";
import { putAway, sizeOf, takeAlong } from "./pack.js";
import { setAside } from "./reserve.js";
import { all } from "./store.js";
import { agoWords, bytesWords } from "./words.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./store.js").Pack} Pack */

/** Lines that bear posts: those of a district to its neighbours within the city, and beyond it. */
const LEVELS = ["county", "prefecture"];

export class PacksView {
  element = make("section", { class: "view", "aria-labelledby": "packs-title" });
  #told = make("div", { role: "status", class: "form-told" });
  #progress = make("div", { class: "progress", hidden: true });
  /** @type {AbortController | null} */
  #running = null;

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  async open() {
    const packs = /** @type {Pack[]} */ (await all("packs"));
    put(
      this.element,
      make("h1", { id: "packs-title" }, say("field.tab.packs")),
      make("p", { class: "hint" }, say("field.pack.why")),
      make("button", { type: "button", class: "strong wide", onclick: () => this.#choose("mine", say("field.pack.mine")) }, say("field.pack.take_mine")),
      await this.#lines(),
      this.#box(),
      this.#told,
      this.#progress,
      make("h2", {}, say("field.pack.here")),
      packs.length === 0 && make("p", { class: "empty-state" }, say("field.pack.none")),
      make("ul", { class: "packs" }, ...packs.map((pack) => this.#pack(pack))),
    );
    return this;
  }

  close() {
    this.#running?.abort();
  }

  /** @param {Pack} pack */
  #pack({ area, title, codes, taken_at, bytes }) {
    return make(
      "li",
      {},
      make("b", {}, title),
      make("span", { class: "hint" }, say("field.pack.about", { n: codes.length, size: bytesWords(bytes), ago: agoWords(taken_at) })),
      make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: () => this.#take(area, title) }, say("field.pack.refresh")), make("button", { type: "button", class: "link", onclick: () => this.#away(area, title) }, say("field.pack.away"))),
    );
  }

  /** Lines of the office to choose from; offline there is nothing to take along anyway. */
  async #lines() {
    try {
      /** @type {{features: {properties: {line_code: string, name: string | null, level: string, unit_codes: string[]}}[]}[]} */
      const levels = await Promise.all(LEVELS.map((level) => getJson("api/boundaries/lines", { geometry: "none", limit: 1000, level })));
      const features = levels.flatMap((level) => level.features);
      const home = this.app.home.replace(/(00)+$/, "");
      const near = (/** @type {{properties: {unit_codes: string[]}}} */ { properties }) => properties.unit_codes.some((code) => code.startsWith(home));
      const options = [...features.filter(near), ...features.filter((each) => !near(each))].map(({ properties: { line_code, name } }) => make("option", { value: line_code }, name ?? line_code));
      const select = make("select", { name: "line", "aria-label": say("field.pack.line") }, ...options);
      const act = () => this.#choose(select.value, select.selectedOptions[0]?.textContent ?? select.value);
      return make("div", { class: "field-row" }, make("label", { class: "field" }, say("field.pack.line"), select), make("button", { type: "button", class: "plain", onclick: act }, say("field.pack.size")));
    } catch (error) {
      return make("p", { class: "warned" }, this.#why(error));
    }
  }

  /** The area about where I am. */
  #box() {
    const act = () => {
      const { fix, standing } = this.app.positioning;
      if (!fix) {
        put(this.#told, say(`field.position.${standing}`));
        return;
      }
      const box = [fix.lon - 0.1, fix.lat - 0.1, fix.lon + 0.1, fix.lat + 0.1].map((value) => value.toFixed(4)).join(",");
      this.#choose(box, say("field.pack.around"));
    };
    return make("button", { type: "button", class: "plain wide", onclick: act }, say("field.pack.take_around"));
  }

  /** Says the size first. @param {string} area @param {string} title */
  async #choose(area, title) {
    put(this.#told, say("field.pack.measuring"));
    try {
      const { markers, photos, bytes } = await sizeOf(area);
      const words = say("field.pack.would", { title, markers, photos, size: bytesWords(bytes) });
      if (markers === 0) put(this.#told, make("p", {}, say("field.pack.empty", { title })));
      else put(this.#told, make("p", {}, words), make("button", { type: "button", class: "strong wide", onclick: () => this.#take(area, title) }, say("field.pack.take")));
    } catch (error) {
      put(this.#told, make("p", { class: "warned" }, this.#why(error)));
    }
  }

  /** @param {string} area @param {string} title */
  async #take(area, title) {
    if (this.#running) return;
    this.#running = new AbortController();
    const bar = make("progress", { max: 1, value: 0, "aria-label": title });
    const step = make("span", {});
    put(this.#progress, step, bar, make("button", { type: "button", class: "plain", onclick: () => this.#running?.abort() }, say("action.cancel")));
    this.#progress.hidden = false;
    try {
      const { markers } = await takeAlong({ area, title }, ({ step: part, done, all: whole }) => {
        put(step, say(`field.pack.step.${part}`, { done, all: whole }));
        bar.setAttribute("value", String(whole ? done / whole : 1));
      }, this.#running.signal);
      put(this.#told, make("p", { class: "good" }, say("field.pack.taken", { title, n: markers })));
    } catch (error) {
      put(this.#told, make("p", { class: "warned" }, this.#why(error)));
    } finally {
      this.#running = null;
      this.#progress.hidden = true;
    }
    await setAside();
    await this.app.packsChanged();
    await this.open();
  }

  /** @param {string} area @param {string} title */
  async #away(area, title) {
    const sure = await confirmed({ title: say("field.pack.away"), body: say("field.pack.away_sure", { title }), act: say("field.pack.away") });
    if (sure) await putAway(area);
    await this.open();
  }

  /** @param {unknown} error */
  #why(error) {
    if (error instanceof DOMException && error.name === "AbortError") return say("field.pack.stopped");
    if (!(error instanceof ApiError)) return this.app.whyNotKept(error);
    if (error.status === 0) return say("field.pack.offline");
    if (error.status === 401) return say("field.pack.sign_in");
    return error.detail || error.title || say("failed.service");
  }
}
