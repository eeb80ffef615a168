/**
 * A small map of roads and areas on the office's own ground: what a page is about, what stands against it, the area
 * that counts. It asks the service for nothing but tiles.
 */
import { Map as LeafletMap, circleMarker, control, geoJSON, latLngBounds } from "leaflet";
import { make } from "../elements.js";
import { language, say } from "../messages.js";
import { linePaint } from "./line-layer.js";
import { colour } from "./theme.js";
import { viewOf } from "./tile-source.js";
import { unitLabels, unitPaint } from "./unit-layer.js";
import { VectorTiles } from "./vector-tiles.js";

/** @typedef {"own" | "against" | "near" | "street" | "scope"} Role what a thing is on the map */
/** @typedef {{role: Role, name?: string, geometry: object | null}} Drawn GeoJSON, EPSG:4490 */

/** @type {Record<Role, () => import("leaflet").PathOptions>} */
const STROKE = {
  own: () => ({ color: colour("map-selected"), weight: 6 }),
  against: () => ({ color: colour("map-disputed"), weight: 5, dashArray: "10 5" }),
  near: () => ({ color: colour("ink-2"), weight: 4, dashArray: "2 6" }),
  street: () => ({ color: colour("map-coast"), weight: 3 }),
  scope: () => ({ color: colour("accent"), weight: 3, dashArray: "12 8", fill: false }),
};
/** Bottom first. @type {Role[]} */
const ORDER = ["scope", "street", "near", "against", "own"];

/** What the view is not fitted to. @type {Role[]} */
const BACKGROUND = ["scope", "street"];

export class RoadMap {
  #map;
  #element;
  /** @type {import("leaflet").GeoJSON[]} */
  #layers = [];

  /** @param {HTMLElement} element @param {string} label what the map shows, in words */
  constructor(element, label) {
    this.#element = element;
    element.setAttribute("role", "application");
    element.setAttribute("aria-label", label);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#map = new LeafletMap(element, { zoomControl: false, attributionControl: false, minZoom: 6, maxZoom: 18, zoomAnimation: !still, fadeAnimation: false, scrollWheelZoom: false });
    this.#map.createPane("ground").style.zIndex = "250";
    control.zoom({ zoomInTitle: say("map.zoom_in"), zoomOutTitle: say("map.zoom_out") }).addTo(this.#map);
    control.scale({ imperial: false, position: "bottomleft" }).addTo(this.#map);
    const ground = new VectorTiles({ pane: "ground", keepBuffer: 1, updateWhenIdle: true, className: "ground" });
    ground.draw({
      views: new Map([["units", viewOf("units", null)], ["lines", viewOf("lines", null)]]),
      paint: [...unitPaint({ over_basemap: false }), ...linePaint()],
      labels: unitLabels({ pinyin: language() === "en" }),
    });
    ground.on("load", () => (element.dataset.drawn = ""));
    this.#map.setView([19.2, 109.7], 8, { animate: false });
    ground.addTo(this.#map);
    this.#map.on("zoomend moveend", () => this.#declutter());
  }

  /** For what draws on it, inside this folder. */
  get leaflet() {
    return this.#map;
  }

  /**
   * Draws roads and areas and brings the roads into view; areas only where there is no road.
   * @param {Drawn[]} things
   * @param {{keep_view?: boolean}} [how] whether to leave the view as it is
   */
  show(things, { keep_view = false } = {}) {
    for (const layer of this.#layers) layer.remove();
    const drawable = things.filter(({ geometry }) => geometry);
    const ordered = ORDER.flatMap((role) => drawable.filter((each) => each.role === role));
    this.#layers = ordered.map((each) => this.#draw(each));
    const roads = this.#layers.filter((_, place) => !BACKGROUND.includes(ordered[place].role));
    const bounds = latLngBounds([]);
    for (const layer of roads.length > 0 ? roads : this.#layers) bounds.extend(layer.getBounds());
    if (bounds.isValid() && !keep_view) this.#map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16, animate: false });
    this.#declutter();
    this.#element.dataset.roads = String(roads.length);
  }

  /** Brings one thing into view. @param {object} geometry */
  lookAt(geometry) {
    const bounds = geoJSON(/** @type {any} */ (geometry)).getBounds();
    if (bounds.isValid()) this.#map.fitBounds(bounds, { padding: [28, 28], maxZoom: 16, animate: false });
  }

  remove() {
    this.#map.remove();
  }

  /** Hides the name of what matters less where two would lie on each other. */
  #declutter() {
    /** @type {DOMRect[]} */
    const taken = [];
    for (const layer of [...this.#layers].reverse()) {
      const shown = layer.getTooltip()?.getElement();
      if (!shown) continue;
      const box = shown.getBoundingClientRect();
      const free = taken.every((other) => box.right < other.left || box.left > other.right || box.bottom < other.top || box.top > other.bottom);
      shown.classList.toggle("crowded", !free);
      if (free) taken.push(box);
    }
  }

  /** @param {Drawn} thing */
  #draw({ role, name, geometry }) {
    const dot = (/** @type {any} */ _feature, /** @type {import("leaflet").LatLng} */ at) => circleMarker(at, { ...STROKE[role](), radius: 8, interactive: false });
    const layer = geoJSON(/** @type {any} */ (geometry), { style: STROKE[role], pointToLayer: dot, interactive: false }).addTo(this.#map);
    if (name) {
      // An element, not a string: Leaflet would read a string as markup.
      const words = make("span", { lang: "zh-CN" }, name);
      layer.bindTooltip(words, { permanent: true, direction: "center", className: `road-name ${role}`, opacity: 1 });
      layer.openTooltip();
    }
    return layer;
  }
}
