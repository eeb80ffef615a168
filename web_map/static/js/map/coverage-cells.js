/**
 * Where people live, as dots on one canvas: reached, reached more than once, or in a gap. It draws what it is given;
 * thousands of dots are painted anew in a few milliseconds, so that they follow a hub that is dragged.
 */
import { DomUtil, Layer, latLng } from "leaflet";
import { make } from "../elements.js";
import { colour } from "./theme.js";

/** @typedef {{lon: number[], lat: number[], weight: number[]}} Places */
/** @typedef {"gaps" | "catchments" | "overlaps"} Shown */

/** @typedef {"reached" | "twice" | "gap" | "far_gap"} Sign */

/** What each of the views can show. @type {Record<Shown, Sign[]>} */
export const SIGNS_OF = {
  gaps: ["reached", "gap", "far_gap"],
  catchments: ["reached", "gap"],
  overlaps: ["reached", "twice", "gap"],
};
/** @type {Record<Sign, string>} */
const INKS = { reached: "plan-reached", twice: "plan-overlap", gap: "plan-gap", far_gap: "plan-gap-deep" };

/** Degrees between the hues of hubs that follow one another: neighbours can be told apart. */
const STEP_OF_HUE = 137.5;

export class CoverageCells extends Layer {
  #canvas = /** @type {HTMLCanvasElement} */ (DomUtil.create("canvas", "coverage-cells"));
  /** @type {Places} */
  #places = { lon: [], lat: [], weight: [] };
  /** @type {{times_served: number[], hub: number[], distance_m: number[]} | null} */
  answered = null;
  #limit_m = 0;
  /** @type {Shown} */
  #shown = "gaps";

  /** @param {Places} places */
  place(places) {
    this.#places = places;
    this.paint();
  }

  /** @param {{times_served: number[], hub: number[], distance_m: number[]}} cells @param {number} limit_m */
  answer(cells, limit_m) {
    this.answered = cells;
    this.#limit_m = limit_m;
    this.paint();
  }

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    this.paint();
  }

  /** @override @param {import("leaflet").Map} map */
  onAdd(map) {
    this.#canvas.setAttribute("aria-hidden", "true");
    map.getPane("overlayPane")?.append(this.#canvas);
    map.on("moveend zoomend resize viewreset", this.paint, this);
    this.paint();
    return this;
  }

  /** @override @param {import("leaflet").Map} map */
  onRemove(map) {
    map.off("moveend zoomend resize viewreset", this.paint, this);
    this.#canvas.remove();
    return this;
  }

  /** Paints all dots in view. */
  paint() {
    const map = /** @type {import("leaflet").Map | undefined} */ (/** @type {any} */ (this)._map);
    const context = this.#canvas.getContext("2d");
    if (!map || !context || !this.answered) return;
    const size = map.getSize();
    const scale = window.devicePixelRatio || 1;
    this.#canvas.width = size.x * scale;
    this.#canvas.height = size.y * scale;
    this.#canvas.style.width = `${size.x}px`;
    this.#canvas.style.height = `${size.y}px`;
    DomUtil.setPosition(this.#canvas, map.containerPointToLayerPoint([0, 0]));
    context.scale(scale, scale);
    const radius_px = Math.min(7, Math.max(1.6, (map.getZoom() - 8) * 0.9));
    const { lon, lat, weight } = this.#places;
    const inks = Object.fromEntries(Object.entries(INKS).map(([sign, name]) => [sign, colour(name)]));
    for (let row = 0; row < lon.length; row += 1) {
      const { x, y } = map.latLngToContainerPoint(latLng(lat[row], lon[row]));
      if (x < -9 || y < -9 || x > size.x + 9 || y > size.y + 9) continue;
      const { sign, ink } = this.#look(row);
      drawSign(context, sign, x, y, radius_px * (0.7 + Math.min(1, weight[row] / 1500)), ink ?? inks[sign]);
    }
    this.#canvas.dataset.painted = String(lon.length);
  }

  /** @param {number} row @returns {{sign: Sign, ink?: string}} */
  #look(row) {
    const { times_served, hub, distance_m } = /** @type {NonNullable<CoverageCells["answered"]>} */ (this.answered);
    if (times_served[row] === 0) {
      const far = distance_m[row] < 0 || distance_m[row] > 2 * this.#limit_m;
      return { sign: this.#shown === "gaps" && far ? "far_gap" : "gap" };
    }
    if (this.#shown === "catchments") return { sign: "reached", ink: `hsl(${(hub[row] * STEP_OF_HUE) % 360} 55% 42%)` };
    return { sign: this.#shown === "overlaps" && times_served[row] > 1 ? "twice" : "reached" };
  }
}

/**
 * One place: reached a dot, more than once a square, a gap a ring, a far one a thick ring.
 * @param {CanvasRenderingContext2D} context @param {Sign} sign @param {number} x @param {number} y
 * @param {number} radius_px @param {string} ink
 */
function drawSign(context, sign, x, y, radius_px, ink) {
  context.beginPath();
  if (sign === "twice") context.rect(x - radius_px, y - radius_px, 2 * radius_px, 2 * radius_px);
  else context.arc(x, y, radius_px, 0, 2 * Math.PI);
  if (sign === "gap" || sign === "far_gap") {
    context.lineWidth = Math.max(1, radius_px * (sign === "gap" ? 0.4 : 0.8));
    context.strokeStyle = ink;
    context.stroke();
    return;
  }
  context.fillStyle = ink;
  context.fill();
}

/** The sign of a place for the key, as the map draws it. @param {Sign} sign */
export function cellSample(sign) {
  const side_px = 16;
  const canvas = make("canvas", { width: side_px * 2, height: side_px * 2, "aria-hidden": "true", class: "sample" });
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.scale(2, 2);
  drawSign(context, sign, side_px / 2, side_px / 2, 4.5, colour(INKS[sign]));
  return canvas;
}
