/**
 * Two plans on one map: where people are reached by the second alone, the first alone, by both or by neither, and the
 * hubs of each. Every kind has a shape of its own beside its colour. It draws what it is given and asks for tiles only.
 */
import { DomUtil, Layer, Map as LeafletMap, control, divIcon, latLng, latLngBounds, layerGroup, marker } from "leaflet";
import { make } from "../elements.js";
import { language, say } from "../messages.js";
import { linePaint } from "./line-layer.js";
import { colour } from "./theme.js";
import { viewOf } from "./tile-source.js";
import { unitLabels, unitPaint } from "./unit-layer.js";
import { VectorTiles } from "./vector-tiles.js";

/** @typedef {"gained" | "lost" | "both" | "neither"} Reach */
/** @typedef {"added" | "removed" | "moved" | "kept"} Fate */
/** @typedef {{lon: number[], lat: number[], reach: Reach[]}} Places */
/** @typedef {{name: string, lon: number, lat: number, fate: Fate}} Sign */

/** Bottom first: what changed lies on what did not. @type {Reach[]} */
export const REACHES = ["neither", "both", "lost", "gained"];
/** @type {Fate[]} */
export const FATES = ["kept", "moved", "added", "removed"];
const INKS = { gained: "plan-reached", lost: "plan-gap-deep", both: "ink-2", neither: "plan-gap" };

export class DifferenceMap {
  #map;
  #dots = new Dots();
  #signs = layerGroup();

  /** @param {HTMLElement} element */
  constructor(element) {
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.#map = new LeafletMap(element, { zoomControl: false, attributionControl: false, minZoom: 6, maxZoom: 18, zoomAnimation: !still, fadeAnimation: false, scrollWheelZoom: false });
    this.#map.createPane("ground").style.zIndex = "250";
    control.zoom({ zoomInTitle: say("map.zoom_in"), zoomOutTitle: say("map.zoom_out") }).addTo(this.#map);
    control.scale({ imperial: false, position: "bottomleft" }).addTo(this.#map);
    const ground = new VectorTiles({ pane: "ground", keepBuffer: 1, updateWhenIdle: true, className: "ground" });
    ground.draw({
      views: new Map([
        ["units", viewOf("units", null)],
        ["lines", viewOf("lines", null)],
      ]),
      paint: [...unitPaint({ over_basemap: false }), ...linePaint()],
      labels: unitLabels({ pinyin: language() === "en" }),
    });
    ground.on("load", () => (element.dataset.drawn = ""));
    this.#map.setView([19.2, 109.7], 8, { animate: false });
    for (const layer of [ground, this.#dots, this.#signs]) layer.addTo(this.#map);
    element.setAttribute("role", "application");
    this.element = element;
  }

  /** @param {Places} places @param {Sign[]} signs @param {string} words what the map shows, for those who do not see it */
  show(places, signs, words) {
    this.element.setAttribute("aria-label", words);
    this.#signs.clearLayers();
    for (const { name, lon, lat, fate } of signs) {
      const icon = divIcon({ className: `difference-hub hub-${fate}`, html: make("span", {}), iconSize: [18, 18] });
      const told = `${name} · ${say(`compare.hub_${fate}`)}`;
      marker([lat, lon], { icon, title: told, alt: told, keyboard: false }).addTo(this.#signs);
    }
    const changed = [
      ...places.reach.flatMap((reach, row) => (reach === "gained" || reach === "lost" ? [latLng(places.lat[row], places.lon[row])] : [])),
      ...signs.filter(({ fate }) => fate !== "kept").map(({ lat, lon }) => latLng(lat, lon)),
    ];
    const all = places.lat.map((lat, row) => latLng(lat, places.lon[row]));
    const ground = latLngBounds(changed.length > 0 ? changed : all);
    if (ground.isValid()) this.#map.fitBounds(ground, { animate: false, padding: [24, 24], maxZoom: 14 });
    this.#dots.show(places);
  }
}

/** The dots on one canvas. */
class Dots extends Layer {
  #canvas = /** @type {HTMLCanvasElement} */ (DomUtil.create("canvas", "coverage-cells"));
  /** @type {Places} */
  #places = { lon: [], lat: [], reach: [] };

  /** @param {Places} places */
  show(places) {
    this.#places = places;
    this.#paint();
  }

  /** @override @param {import("leaflet").Map} map */
  onAdd(map) {
    this.#canvas.setAttribute("aria-hidden", "true");
    map.getPane("overlayPane")?.append(this.#canvas);
    map.on("moveend zoomend resize viewreset", this.#paint, this);
    return this;
  }

  /** @override @param {import("leaflet").Map} map */
  onRemove(map) {
    map.off("moveend zoomend resize viewreset", this.#paint, this);
    this.#canvas.remove();
    return this;
  }

  #paint() {
    const map = /** @type {import("leaflet").Map} */ (/** @type {any} */ (this)._map);
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const size = map.getSize();
    const scale = window.devicePixelRatio || 1;
    this.#canvas.width = size.x * scale;
    this.#canvas.height = size.y * scale;
    this.#canvas.style.width = `${size.x}px`;
    this.#canvas.style.height = `${size.y}px`;
    DomUtil.setPosition(this.#canvas, map.containerPointToLayerPoint([0, 0]));
    context.scale(scale, scale);
    const radius_px = Math.min(7, Math.max(1.8, (map.getZoom() - 8) * 0.9));
    const { lon, lat, reach } = this.#places;
    for (const kind of REACHES) {
      const ink = colour(INKS[kind]);
      for (let row = 0; row < lon.length; row += 1) {
        if (reach[row] !== kind) continue;
        const { x, y } = map.latLngToContainerPoint(latLng(lat[row], lon[row]));
        if (x > -9 && y > -9 && x < size.x + 9 && y < size.y + 9) drawReach(context, kind, x, y, radius_px, ink);
      }
    }
    this.#canvas.dataset.painted = String(lon.length);
  }
}

/**
 * One place: gained a triangle upwards, lost one downwards, reached by both a dot, by neither a ring.
 * @param {CanvasRenderingContext2D} context @param {Reach} kind @param {number} x @param {number} y
 * @param {number} radius_px @param {string} ink
 */
function drawReach(context, kind, x, y, radius_px, ink) {
  context.beginPath();
  if (kind === "gained" || kind === "lost") {
    const [tall, wide] = [radius_px * (kind === "gained" ? -1.7 : 1.7), radius_px * 1.5];
    context.moveTo(x, y + tall);
    context.lineTo(x + wide, y - tall / 2);
    context.lineTo(x - wide, y - tall / 2);
    context.closePath();
  } else context.arc(x, y, radius_px * (kind === "both" ? 0.8 : 0.9), 0, 2 * Math.PI);
  if (kind === "neither") {
    context.globalAlpha = 0.6;
    context.strokeStyle = ink;
    context.lineWidth = 1;
    context.stroke();
    context.globalAlpha = 1;
    return;
  }
  context.fillStyle = ink;
  context.fill();
}

/** The sign of a reach for the key, as the map draws it. @param {Reach} kind */
export function reachSample(kind) {
  const side_px = 18;
  const canvas = make("canvas", { width: side_px * 2, height: side_px * 2, "aria-hidden": "true", class: "sample" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(2, 2);
  drawReach(context, kind, side_px / 2, side_px / 2, 5, colour(INKS[kind]));
  return canvas;
}
