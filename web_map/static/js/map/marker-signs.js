/**
 * The signs of markers as strokes on a canvas: one shape for each code of the legend, in the legend's ink, with a halo
 * and a dark edge, so that a sign can be told without its colour and on any ground. Also the ring that shows what a
 * group of markers is mixed of. Knows no map and no marker.
 */

import { colour } from "./theme.js";

/** @typedef {{colour: string, shape: string, ink: string}} Sign */
/** @typedef {{sign: Sign, number: number}} Share */

/** A segment of the ring shorter than this has no room for its shape. */
const SHORTEST_WITH_SHAPE_PX = 10;
const RING_PX = 8;

/** Outlines about the origin, for a sign that reaches 1 from its centre. @type {Record<string, (path: Path2D) => void>} */
const OUTLINES = {
  circle: (path) => path.arc(0, 0, 0.86, 0, 2 * Math.PI),
  ring: (path) => path.arc(0, 0, 0.86, 0, 2 * Math.PI),
  square: (path) => path.rect(-0.78, -0.78, 1.56, 1.56),
  diamond: (path) => polygon(path, [[0, -1.08], [1.02, 0], [0, 1.08], [-1.02, 0]]),
  triangle: (path) => polygon(path, [[0, -1.02], [1.04, 0.82], [-1.04, 0.82]]),
  cross: (path) =>
    polygon(path, [
      [-0.98, -0.6], [-0.6, -0.98], [0, -0.38], [0.6, -0.98], [0.98, -0.6], [0.38, 0],
      [0.98, 0.6], [0.6, 0.98], [0, 0.38], [-0.6, 0.98], [-0.98, 0.6], [-0.38, 0],
    ]),
};

/** @type {Map<string, Path2D>} */
const drawn = new Map();
/** @type {{halo: string, edge: string, paper: string} | null} */
let read = null;

/** The quiet colours about a sign, read once: thousands of signs are drawn at a time. */
function quiet() {
  read ??= { halo: colour("map-halo"), edge: colour("ink"), paper: colour("paper") };
  return read;
}

/**
 * Draws one sign.
 * @param {CanvasRenderingContext2D} context
 * @param {Sign} sign
 * @param {{x: number, y: number, radius_px: number, chosen?: string | null}} at `chosen` is the ink of the ring about
 *   the chosen marker
 */
export function drawSign(context, { shape, ink }, { x, y, radius_px, chosen = null }) {
  const path = outline(shape);
  context.save();
  context.translate(x, y);
  if (chosen) circle(context, radius_px + 6, 3, chosen);
  context.scale(radius_px, radius_px);
  context.lineJoin = "round";
  context.strokeStyle = quiet().halo;
  context.lineWidth = 5 / radius_px;
  context.stroke(path);
  if (shape === "ring") {
    context.fillStyle = quiet().halo;
    context.fill(path);
    context.strokeStyle = ink;
    context.lineWidth = 2.6 / radius_px;
  } else {
    context.fillStyle = ink;
    context.fill(path);
    context.strokeStyle = quiet().edge;
    context.lineWidth = 1.1 / radius_px;
  }
  context.stroke(path);
  context.restore();
}

/** How far a ring of so many markers reaches. @param {number} number */
export function ringRadius(number) {
  return Math.min(26, 15 + 3.2 * Math.log10(number) + (number > 99 ? 2 : 0));
}

/**
 * Draws a group: a ring parted by the mix of its signs, clockwise from the top in the legend's order, each part with
 * its shape where there is room, and the number within.
 * @param {CanvasRenderingContext2D} context
 * @param {Share[]} mix
 * @param {{x: number, y: number, font: string}} at
 */
export function drawGroup(context, mix, { x, y, font }) {
  const total = mix.reduce((sum, { number }) => sum + number, 0);
  const radius = ringRadius(total);
  context.save();
  context.translate(x, y);
  disc(context, radius + 1.5, quiet().halo);
  let from = -Math.PI / 2;
  for (const { sign, number } of mix) {
    const to = from + (2 * Math.PI * number) / total;
    segment(context, { from, to, radius, ink: sign.ink, alone: number === total });
    from = to;
  }
  disc(context, radius - RING_PX, quiet().paper);
  circle(context, radius, 1, quiet().edge);
  from = -Math.PI / 2;
  for (const { sign, number } of mix) {
    const to = from + (2 * Math.PI * number) / total;
    shapeIn(context, sign, { from, to, radius });
    from = to;
  }
  context.font = font;
  context.fillStyle = quiet().edge;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(total > 9999 ? `${Math.round(total / 1000)}k` : String(total), 0, 0.5);
  context.restore();
}

/**
 * A sign as an element for keys, tables and panels; hidden from readers of the page, so its word must stand beside it.
 * @param {Sign} sign
 * @param {number} [size_px]
 */
export function signCanvas(sign, size_px = 20) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = size_px * 2;
  canvas.className = "sign";
  canvas.setAttribute("aria-hidden", "true");
  const context = canvas.getContext("2d");
  if (context) {
    context.scale(2, 2);
    drawSign(context, sign, { x: size_px / 2, y: size_px / 2, radius_px: size_px * 0.34 });
  }
  return canvas;
}

/** @param {string} shape */
function outline(shape) {
  const known = drawn.get(shape);
  if (known) return known;
  const path = new Path2D();
  (OUTLINES[shape] ?? OUTLINES.circle)(path);
  drawn.set(shape, path);
  return path;
}

/** @param {CanvasRenderingContext2D} context @param {{from: number, to: number, radius: number, ink: string, alone: boolean}} part */
function segment(context, { from, to, radius, ink, alone }) {
  context.beginPath();
  context.moveTo(0, 0);
  context.arc(0, 0, radius, from, to);
  context.closePath();
  context.fillStyle = ink;
  context.fill();
  if (alone) return;
  context.strokeStyle = quiet().halo;
  context.lineWidth = 1.5;
  context.stroke();
}

/** The shape of a part in the middle of its arc. @param {CanvasRenderingContext2D} context @param {Sign} sign @param {{from: number, to: number, radius: number}} part */
function shapeIn(context, { shape, ink }, { from, to, radius }) {
  const middle = radius - RING_PX / 2;
  if ((to - from) * middle < SHORTEST_WITH_SHAPE_PX) return;
  const angle = (from + to) / 2;
  context.save();
  context.translate(Math.cos(angle) * middle, Math.sin(angle) * middle);
  context.scale(2.9, 2.9);
  const path = outline(shape);
  context.fillStyle = dark(ink) ? quiet().halo : quiet().edge;
  context.strokeStyle = context.fillStyle;
  context.lineWidth = 1.2 / 2.9;
  if (shape === "ring") context.stroke(path);
  else context.fill(path);
  context.restore();
}

/** Whether white is read better than black on an ink such as `#c62828`. @param {string} ink */
function dark(ink) {
  const [red, green, blue] = [1, 3, 5].map((place) => parseInt(ink.slice(place, place + 2), 16) / 255);
  return 0.2126 * red ** 2.2 + 0.7152 * green ** 2.2 + 0.0722 * blue ** 2.2 < 0.36;
}

/** @param {CanvasRenderingContext2D} context @param {number} radius @param {string} ink */
function disc(context, radius, ink) {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.fillStyle = ink;
  context.fill();
}

/** @param {CanvasRenderingContext2D} context @param {number} radius @param {number} width_px @param {string} ink */
function circle(context, radius, width_px, ink) {
  context.beginPath();
  context.arc(0, 0, radius, 0, 2 * Math.PI);
  context.strokeStyle = ink;
  context.lineWidth = width_px;
  context.stroke();
}

/** @param {Path2D} path @param {number[][]} corners */
function polygon(path, corners) {
  corners.forEach(([x, y], place) => (place === 0 ? path.moveTo(x, y) : path.lineTo(x, y)));
  path.closePath();
}
