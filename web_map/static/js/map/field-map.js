/**
 * The map of the field app: the office map's ground and signs, the markers of the work packs, where the device is with
 * its circle of accuracy, and the way to a chosen marker. It asks the service for nothing but tiles.
 *
 * Events: `pick` {code}.
 */
import { Map as LeafletMap, circle, circleMarker, control, divIcon, layerGroup, marker, polyline } from "leaflet";
import { language } from "../messages.js";
import { linePaint } from "./line-layer.js";
import { signCanvas } from "./marker-signs.js";
import { colour } from "./theme.js";
import { viewOf } from "./tile-source.js";
import { unitLabels, unitPaint } from "./unit-layer.js";
import { VectorTiles } from "./vector-tiles.js";

/** @typedef {{code: string, number: string, lon: number, lat: number, sign: import("./marker-signs.js").Sign & {label: string}}} Placed */
/** @typedef {{lon: number, lat: number, accuracy_m: number}} Here */

const SIGN_PX = 30;
/** What a thumb hits. */
const TOUCH_PX = 44;
/** More signs than a phone draws at once are left out, the farthest from the middle first. */
const MOST_SIGNS = 300;

export class FieldMap extends EventTarget {
  #map;
  #signs = layerGroup();
  #about = layerGroup();
  /** @type {Placed[]} */
  #placed = [];
  #followed = true;

  /** @param {HTMLElement} element @param {{lon: number, lat: number, zoom: number}} view */
  constructor(element, { lon, lat, zoom }) {
    super();
    this.#map = new LeafletMap(element, { zoomControl: false, attributionControl: false, minZoom: 6, maxZoom: 18, zoomAnimation: false, fadeAnimation: false });
    this.#map.createPane("ground").style.zIndex = "250";
    control.scale({ imperial: false, position: "bottomleft" }).addTo(this.#map);
    this.#map.setView([lat, lon], zoom);
    const ground = new VectorTiles({ pane: "ground", keepBuffer: 1, updateWhenIdle: true, className: "ground" });
    ground.addTo(this.#map);
    ground.draw({
      views: new Map([["units", viewOf("units", null)], ["lines", viewOf("lines", null)]]),
      paint: [...unitPaint({ over_basemap: false }), ...linePaint()],
      labels: unitLabels({ pinyin: language() === "en" }),
    });
    ground.on("load", () => (element.dataset.drawn = ""));
    this.#signs.addTo(this.#map);
    this.#about.addTo(this.#map);
    this.#map.on("moveend", () => this.#draw());
    this.#map.on("dragstart", () => (this.#followed = false));
  }

  /** @param {Placed[]} placed */
  markers(placed) {
    this.#placed = placed;
    this.#draw();
  }

  /**
   * Where the device is and, when a marker is chosen, the straight way to it.
   * @param {Here | null} here
   * @param {Placed | null} chosen
   */
  position(here, chosen) {
    this.#about.clearLayers();
    const ink = colour("map-selected");
    if (chosen) circleMarker([chosen.lat, chosen.lon], { radius: 19, color: ink, weight: 4, fill: false, interactive: false }).addTo(this.#about);
    if (!here) return;
    circle([here.lat, here.lon], { radius: here.accuracy_m, color: ink, weight: 1.5, fillOpacity: 0.12, interactive: false }).addTo(this.#about);
    circleMarker([here.lat, here.lon], { radius: 8, color: colour("map-halo"), weight: 3, fillColor: ink, fillOpacity: 1, interactive: false }).addTo(this.#about);
    if (chosen) polyline([[here.lat, here.lon], [chosen.lat, chosen.lon]], { color: ink, weight: 3, dashArray: "8 7", interactive: false }).addTo(this.#about);
    if (this.#followed && !chosen) this.#map.panTo([here.lat, here.lon], { animate: false });
  }

  /** Brings places into view. @param {{lon: number, lat: number}[]} places */
  show(places) {
    if (places.length === 0) return;
    this.#followed = false;
    this.#map.fitBounds(places.map(({ lat, lon }) => [lat, lon]), { paddingTopLeft: [48, 48], paddingBottomRight: [84, 84], maxZoom: 17, animate: false });
  }

  /** Follows the device again. @param {Here} here */
  follow({ lon, lat }) {
    this.#followed = true;
    this.#map.setView([lat, lon], Math.max(this.#map.getZoom(), 15), { animate: false });
  }

  zoomBy(/** @type {number} */ steps) {
    this.#map.setZoom(this.#map.getZoom() + steps);
  }

  remove() {
    this.#map.remove();
  }

  #draw() {
    this.#signs.clearLayers();
    const bounds = this.#map.getBounds().pad(0.1);
    const centre = this.#map.getCenter();
    const seen = this.#placed
      .filter(({ lat, lon }) => bounds.contains([lat, lon]))
      .map((each) => ({ each, away: (each.lat - centre.lat) ** 2 + (each.lon - centre.lng) ** 2 }))
      .sort((a, b) => a.away - b.away)
      .slice(0, MOST_SIGNS);
    for (const { each } of seen) this.#sign(each).addTo(this.#signs);
  }

  /** @param {Placed} placed */
  #sign({ code, number, lon, lat, sign }) {
    const icon = divIcon({ html: signCanvas(sign, SIGN_PX), className: "field-sign", iconSize: [TOUCH_PX, TOUCH_PX] });
    const drawn = marker([lat, lon], { icon, alt: `${number} ${sign.label}`, title: `${number} ${sign.label}`, keyboard: true });
    return drawn.on("click", () => this.dispatchEvent(new CustomEvent("pick", { detail: { code } })));
  }
}
