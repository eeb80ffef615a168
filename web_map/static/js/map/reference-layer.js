/**
 * How layers for reference are painted: one quiet colour each, over the ground and under the office's own lines, so
 * that nobody takes them for a register.
 */
import { colour } from "./theme.js";

/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */

const INKS = ["#7a4fa3", "#a3562a", "#2a7a7a", "#8a2f5f", "#4f6b1f"];
const POINT_PX = 4;

/**
 * @param {string} source name of the view
 * @param {string} name of the collection, which is the name of the tile's layer
 * @returns {PaintRule[]}
 */
export function referencePaint(source, name) {
  const ink = inkOf(name);
  return [
    {
      dataSource: source,
      dataLayer: name,
      symbolizer: {
        draw(context, geom, _zoom, feature) {
          context.save();
          context.strokeStyle = ink;
          context.fillStyle = ink;
          context.lineWidth = 1.6;
          if (feature.geomType === 1) dots(context, geom);
          else outline(context, geom, feature.geomType === 3);
          context.restore();
        },
      },
    },
  ];
}

/** The same name has the same colour on every page. @param {string} name */
function inkOf(name) {
  const sum = [...name].reduce((total, sign) => total + (sign.codePointAt(0) ?? 0), 0);
  return INKS[sum % INKS.length] ?? "#7a4fa3";
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} geom */
function dots(context, geom) {
  for (const { x, y } of geom.flat()) {
    context.beginPath();
    context.arc(x, y, POINT_PX + 1.5, 0, 2 * Math.PI);
    context.fillStyle = colour("map-halo");
    context.fill();
    context.beginPath();
    context.arc(x, y, POINT_PX, 0, 2 * Math.PI);
    context.fillStyle = context.strokeStyle;
    context.fill();
  }
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} geom @param {boolean} area */
function outline(context, geom, area) {
  context.beginPath();
  for (const part of geom) {
    part.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    if (area) context.closePath();
  }
  if (area) {
    context.globalAlpha = 0.12;
    context.fill("evenodd");
  }
  context.globalAlpha = 0.9;
  context.stroke();
}
