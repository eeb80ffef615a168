/**
 * How layers for reference are painted, labelled and found under the pointer: in the colour that the office gave each,
 * over the ground and under the office's own lines, so that nobody takes them for a register.
 */
import Point from "@mapbox/point-geometry";
import { CenteredTextSymbolizer } from "protomaps-leaflet";
import { LABEL_FONTS, colour } from "./theme.js";

/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */
/** @typedef {import("protomaps-leaflet").LabelRule} LabelRule */
/** @typedef {import("protomaps-leaflet").Feature} Feature */
/** @typedef {import("../references.js").ReferenceLayer} ReferenceLayer */
/** @typedef {import("../references.js").Style} Style */
/** @typedef {{layer: ReferenceLayer, props: Record<string, unknown>}} Found */

/** Until the service has told how a layer looks. @type {Style} */
const PLAIN = { colour: "#5a5a5a", width: 1.6, opacity: 0.9, label: null };
const POINT_PX = 4;
const REACH_PX = 8;
const LABEL = "label of reference";
const MOST_FOUND = 5;

/**
 * @param {string} source name of the view
 * @param {string} name of the collection, which is the name of the tile's layer
 * @param {Style} [style]
 * @returns {PaintRule[]}
 */
export function referencePaint(source, name, style = PLAIN) {
  return [
    {
      dataSource: source,
      dataLayer: name,
      symbolizer: {
        draw(context, geom, _zoom, feature) {
          context.save();
          context.strokeStyle = style.colour;
          context.fillStyle = style.colour;
          context.lineWidth = style.width;
          context.globalAlpha = style.opacity;
          if (feature.geomType === 1) dots(context, geom, style);
          else outline(context, geom, feature.geomType === 3, style);
          context.restore();
        },
      },
    },
  ];
}

/**
 * The value of the attribute that the office chose, beside a point, on the middle of a line or area.
 * @param {string} source
 * @param {string} name
 * @param {Style} [style]
 * @returns {LabelRule[]}
 */
export function referenceLabels(source, name, style = PLAIN) {
  const { label } = style;
  if (label === null) return [];
  const text = new CenteredTextSymbolizer({
    labelProps: [LABEL],
    font: `500 12px ${LABEL_FONTS}`,
    fill: style.colour,
    stroke: colour("map-halo"),
    width: 2.5,
    lineHeight: 1.3,
  });
  return [
    {
      dataSource: source,
      dataLayer: name,
      minzoom: 9,
      filter: (_zoom, feature) => feature.props[label] !== undefined && feature.props[label] !== "",
      symbolizer: {
        place(layout, geom, feature) {
          const said = { ...feature, props: { [LABEL]: String(feature.props[label]).slice(0, 40) } };
          return text.place(layout, [[anchor(geom, feature)]], /** @type {Feature} */ (said));
        },
      },
    },
  ];
}

/** @param {Feature["geom"]} geom @param {Feature} feature */
function anchor(geom, { geomType, bbox }) {
  const first = geom[0]?.[0];
  if (geomType === 2) return geom[0]?.[Math.floor(geom[0].length / 2)] ?? first;
  if (geomType === 1) return new Point(first.x, first.y + POINT_PX + 10);
  return new Point((bbox.minX + bbox.maxX) / 2, (bbox.minY + bbox.maxY) / 2);
}

/**
 * What lies under a point, the topmost layer first: points and lines within reach, and areas.
 * @param {{layer: ReferenceLayer, view: import("protomaps-leaflet").View}[]} shown in the order in which they are drawn
 * @param {{lat: number, lng: number}} at
 * @param {number} zoom
 * @returns {Found[]}
 */
export function referencesAt(shown, at, zoom) {
  return shown
    .toReversed()
    .flatMap(({ layer, view }) => view.queryFeatures(at.lng, at.lat, zoom, REACH_PX).map(({ feature }) => ({ layer, props: feature.props })))
    .slice(0, MOST_FOUND);
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} geom @param {Style} style */
function dots(context, geom, { colour: ink }) {
  for (const { x, y } of geom.flat()) {
    context.beginPath();
    context.arc(x, y, POINT_PX + 1.5, 0, 2 * Math.PI);
    context.fillStyle = colour("map-halo");
    context.fill();
    context.beginPath();
    context.arc(x, y, POINT_PX, 0, 2 * Math.PI);
    context.fillStyle = ink;
    context.fill();
  }
}

/** @param {CanvasRenderingContext2D} context @param {{x: number, y: number}[][]} geom @param {boolean} area @param {Style} style */
function outline(context, geom, area, { opacity }) {
  context.beginPath();
  for (const part of geom) {
    part.forEach(({ x, y }, index) => (index === 0 ? context.moveTo(x, y) : context.lineTo(x, y)));
    if (area) context.closePath();
  }
  if (area) {
    context.globalAlpha = opacity * 0.14;
    context.fill("evenodd");
  }
  context.globalAlpha = opacity;
  context.stroke();
}
