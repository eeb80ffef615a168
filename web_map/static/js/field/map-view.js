/** The map in the field: the ground that was taken along, markers, where I am, the way to one of them. */
import { make, put } from "../elements.js";
import { FieldMap } from "../map/field-map.js";
import { say } from "../messages.js";
import { markersHere, signOf, wayTo } from "./markers-here.js";
import { directionWords, distanceWords } from "./words.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("../map/field-map.js").Placed} Placed */

/** What a phone shows around its position at first. */
const AROUND_M = 800;
/** Where the map looks without markers and without a position: Haikou. */
const HOME = { lon: 110.35, lat: 20.02, zoom: 10 };

export class MapView {
  element = make("section", { class: "view map-view", "aria-label": say("field.tab.map") });
  #told = make("p", { class: "map-told", role: "status" });

  /** @param {App} app @param {string | null} code */
  constructor(app, code) {
    this.app = app;
    this.code = code;
  }

  async open() {
    const markers = await markersHere();
    const placed = markers.filter(({ form }) => form.legal_position).map((marker) => ({ marker, ...at(marker) }));
    const box = make("div", { class: "field-map", role: "application", tabindex: "0", "aria-label": say("field.map.label") });
    const tool = (/** @type {string} */ key, /** @type {string} */ sign, /** @type {() => void} */ act) => make("button", { type: "button", class: "control", "aria-label": say(key), title: say(key), onclick: act }, sign);
    put(
      this.element,
      make("h1", { class: "unseen" }, say("field.tab.map")),
      box,
      make("div", { class: "map-tools" }, tool("map.zoom_in", "+", () => this.map?.zoomBy(1)), tool("map.zoom_out", "−", () => this.map?.zoomBy(-1)), tool("field.map.here", "◎", () => this.#follow()), tool("field.map.all", "⤢", () => this.map?.show(placed))),
      this.#told,
    );
    this.chosen = placed.find(({ code }) => code === this.code) ?? null;
    this.box = box;
    this.placed = placed;
    return this;
  }

  /** The element stands on the page: Leaflet needs its size, which is all between what stands above and the tabs. */
  shown() {
    if (!this.box) return;
    const above = this.element.getBoundingClientRect().top + window.scrollY;
    this.element.style.height = `calc(100dvh - ${above}px - var(--tabs) - env(safe-area-inset-bottom))`;
    const { fix } = this.app.positioning;
    this.map = new FieldMap(this.box, fix && !this.chosen ? { ...fix, zoom: 14 } : HOME);
    this.map.markers(this.placed ?? []);
    this.map.addEventListener("pick", (event) => this.app.go(`marker=${encodeURIComponent(/** @type {CustomEvent} */ (event).detail.code)}`));
    if (this.chosen) this.map.show(fix ? [this.chosen, fix] : [this.chosen]);
    else if (!fix) this.map.show(this.placed ?? []);
    else this.#nearest(fix);
    this.moved();
  }

  /** An empty map says nothing: where no marker is around, the nearest comes into view. @param {import("../map/field-map.js").Here} fix */
  #nearest(fix) {
    const ways = (this.placed ?? []).map((each) => ({ each, away: wayTo(/** @type {any} */ (fix), each.marker)?.distance_m ?? Infinity }));
    const nearest = ways.sort((a, b) => a.away - b.away)[0];
    if (nearest && nearest.away > AROUND_M) this.map?.show([fix, nearest.each]);
  }

  #follow() {
    const { fix, standing } = this.app.positioning;
    if (fix) this.map?.follow(fix);
    else this.app.tell(say(`field.position.${standing}`));
  }

  moved() {
    const { fix, standing } = this.app.positioning;
    this.map?.position(fix, this.chosen ?? null);
    if (!fix) put(this.#told, say(`field.position.${standing}`));
    else if (this.chosen) {
      const way = wayTo(fix, this.chosen.marker);
      put(this.#told, way ? `${this.chosen.number} · ${distanceWords(way.distance_m)} · ${directionWords(way.azimuth_deg)}` : "");
    } else put(this.#told, "");
  }

  close() {
    this.map?.remove();
  }
}

/** @param {import("./store.js").PackedMarker} marker @returns {Placed} */
function at(marker) {
  const { lon, lat } = marker.form.legal_position;
  return { code: marker.code, number: marker.state.number, lon, lat, sign: signOf(marker) };
}
