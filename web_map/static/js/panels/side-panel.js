/**
 * The frame in which a unit or a line is told about: beside the map, or a sheet from below on a phone. It fetches
 * what is selected, says when it waits or fails, and gives the focus back when it closes.
 */
import { ApiError, isAbort } from "../api.js";
import { lineDetails, unitDetails } from "../boundaries.js";
import { markerDetails, markerHistory } from "../markers.js";
import { whoAmI } from "../people.js";
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { linePanel } from "./line-panel.js";
import { unitPanel } from "./unit-panel.js";

/** @typedef {import("../state.js").State} State */
/** @typedef {NonNullable<import("../state.js").PageState["selected"]>} Selected */
/**
 * What a panel may ask of the page.
 * @typedef {object} Acts
 * @property {(selected: Selected) => void} select
 * @property {(geometry: object | null) => void} show brings a geometry into view
 * @property {(version: import("../boundaries.js").Version) => void} seeThen goes to the time of a version
 * @property {(words: string) => void} tell says something to the reader
 * @property {() => void} recoloured a record has changed the colour of a marker
 */

export class SidePanel {
  #frame = byId("panel");
  #body = byId("panel-body");
  #title = byId("panel-title");
  #request = new AbortController();
  /** @type {HTMLElement | null} */
  #came_from = null;

  /** @param {State} state @param {Acts} acts */
  constructor(state, acts) {
    this.state = state;
    this.acts = acts;
    byId("panel-close").addEventListener("click", () => this.close());
    document.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !this.#frame.hidden) this.close();
    });
    state.on(["selected", "as_of", "profile"], () => this.refresh());
  }

  close() {
    this.state.set({ selected: null });
    (this.#came_from ?? byId("map")).focus({ preventScroll: true });
  }

  /** Shows what is selected on the state's date; resolves once it stands there. */
  async refresh() {
    const { selected, as_of } = this.state.now;
    this.#request.abort();
    this.#frame.classList.remove("wide");
    if (!selected) {
      this.#frame.hidden = true;
      return;
    }
    const request = (this.#request = new AbortController());
    this.#open();
    try {
      const filled = await this.#filled(selected, as_of, request.signal);
      this.#show(filled.title, ...filled.body);
      await this.#papers(selected, request.signal);
    } catch (error) {
      if (!isAbort(error)) this.#failed(error, selected);
    } finally {
      if (request === this.#request) this.#frame.removeAttribute("aria-busy");
    }
  }

  #open() {
    if (this.#frame.hidden) this.#came_from = /** @type {HTMLElement | null} */ (document.activeElement);
    if (this.#frame.hidden) put(this.#body, make("p", { class: "waiting" }, say("panel.loading")));
    this.#frame.hidden = false;
    this.#frame.setAttribute("aria-busy", "true");
  }

  /** @param {Selected} selected @param {string | null} as_of @param {AbortSignal} signal */
  async #filled(selected, as_of, signal) {
    if (selected.kind === "marker") return this.#marker(selected.code, signal);
    if (selected.kind === "line") return linePanel(await lineDetails(selected.code, as_of, signal), this.acts);
    return unitPanel(await unitDetails(selected, as_of, signal), this.acts);
  }

  /** The page of a marker is made of three answers, and its code is loaded with the first of them. @param {string} code @param {AbortSignal} signal */
  async #marker(code, signal) {
    const { now } = this.state;
    const [{ markerPanel }, feature, history, reader] = await Promise.all([
      import("./marker-panel.js"),
      markerDetails(code, now, signal),
      markerHistory(code, now, signal),
      whoAmI(),
    ]);
    const changed = () => {
      this.acts.recoloured();
      this.refresh();
    };
    return markerPanel({ feature, history, reader, now }, { ...this.acts, changed });
  }

  /** Adds the papers on file, for whoever is signed in; without them the rest still stands. @param {Selected} selected @param {AbortSignal} signal */
  async #papers({ kind, code }, signal) {
    try {
      if (!(await whoAmI()).signed_in) return;
      const { papersSection } = await import("./papers.js");
      const section = await papersSection({ kind, code }, this.state.now, signal);
      if (!signal.aborted) this.#body.append(section);
    } catch (error) {
      if (!isAbort(error) && !signal.aborted) this.#body.append(make("p", { class: "hint" }, say("papers.failed")));
    }
  }

  /** @param {string} title @param {...Node} body */
  #show(title, ...body) {
    this.#title.textContent = title;
    put(this.#body, ...body);
    this.#body.scrollTop = 0;
    this.acts.tell(say("panel.shown", { name: title }));
  }

  /** @param {unknown} error @param {Selected} selected */
  #failed(error, selected) {
    const missing = error instanceof ApiError && error.status === 404;
    this.#title.textContent = selected.code;
    put(
      this.#body,
      make("p", { class: "failed" }, say(missing ? "panel.missing" : "panel.failed", { code: selected.code })),
      !missing && make("button", { type: "button", class: "plain", onclick: () => this.refresh() }, say("action.retry")),
    );
  }
}
