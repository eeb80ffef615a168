/**
 * How boundary lines are painted and found under the pointer: colour and stroke from the legend, so that a level can
 * be told without its colour.
 */
import { entry } from "../legend.js";
import { STROKES } from "./strokes.js";
import { colour } from "./theme.js";

/** @typedef {import("protomaps-leaflet").Feature} Feature */
/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */
/** @typedef {import("protomaps-leaflet").View} View */

/** Levels with the width of their line and the zoom that first shows it. @type {Record<string, [number, number]>} */
const LEVELS = { village: [1, 13], township: [1.2, 10], county: [1.6, 7], prefecture: [2.2, 5], province: [2.8, 0] };
const REACH_PX = 12;

/** @returns {PaintRule[]} */
export function linePaint() {
  const casing = colour("map-halo");
  const disputed = colour("map-disputed");
  return Object.entries(LEVELS).map(([level, [width_px, from]]) => {
    const sign = entry("levels", level);
    const dashes = STROKES[sign?.shape ?? "solid"] ?? [];
    const ink = sign?.colour ?? colour("map-ink");
    return {
      dataSource: "lines",
      dataLayer: "lines",
      minzoom: from,
      filter: (_zoom, feature) => feature.props.level === level,
      symbolizer: {
        draw(context, geom, _zoom, feature) {
          stroke(context, geom, { width_px: width_px + 3, ink: casing, alpha: 0.75 });
          if (feature.props.disputed === true) stroke(context, geom, { width_px: width_px + 5, ink: disputed, alpha: 0.45 });
          stroke(context, geom, { width_px, ink, dashes });
        },
      },
    };
  });
}

/**
 * What marks the chosen line.
 * @param {string | null} line_code
 * @returns {PaintRule[]}
 */
export function lineHighlight(line_code) {
  if (!line_code) return [];
  return [
    {
      dataSource: "lines",
      dataLayer: "lines",
      filter: (_zoom, feature) => feature.props.line_code === line_code,
      symbolizer: {
        draw(context, geom) {
          stroke(context, geom, { width_px: 9, ink: colour("map-halo"), alpha: 0.9 });
          stroke(context, geom, { width_px: 4.5, ink: colour("map-selected") });
        },
      },
    },
  ];
}

/**
 * The line within reach of a point, the highest level first.
 * @param {View} view
 * @param {{lat: number, lng: number}} at
 * @param {number} zoom
 * @returns {{line_code: string, level: string} | null}
 */
export function lineAt(view, at, zoom) {
  const order = Object.keys(LEVELS);
  const found = view
    .queryFeatures(at.lng, at.lat, zoom, REACH_PX)
    .map(({ feature }) => ({ line_code: String(feature.props.line_code), level: String(feature.props.level) }))
    .filter(({ level }) => (LEVELS[level]?.[1] ?? 99) <= zoom)
    .sort((a, b) => order.indexOf(b.level) - order.indexOf(a.level));
  return found[0] ?? null;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Feature["geom"]} geom
 * @param {{width_px: number, ink: string, alpha?: number, dashes?: readonly number[]}} style
 */
export function stroke(context, geom, { width_px, ink, alpha = 1, dashes = [] }) {
  context.save();
  context.beginPath();
  for (const part of geom) {
    part.forEach((point, index) => (index === 0 ? context.moveTo(point.x, point.y) : context.lineTo(point.x, point.y)));
  }
  context.lineJoin = "round";
  context.globalAlpha = alpha;
  context.strokeStyle = ink;
  context.lineWidth = width_px;
  context.setLineDash([...dashes]);
  context.stroke();
  context.restore();
}
