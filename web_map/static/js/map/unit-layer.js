/**
 * How administrative units are painted, named and found under the pointer. Rules only: colours come from the style
 * sheet, names from the tiles.
 */
import { CenteredTextSymbolizer } from "protomaps-leaflet";
import { LABEL_FONTS, colour } from "./theme.js";

/** @typedef {import("protomaps-leaflet").Feature} Feature */
/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */
/** @typedef {import("protomaps-leaflet").LabelRule} LabelRule */
/** @typedef {import("protomaps-leaflet").View} View */

/**
 * Levels from the top: the zooms that name them, size of the name, from which zoom they can be picked.
 * @type {Record<string, {named: [number, number], size_px: number, weight: number, picked_from: number}>}
 */
const LEVELS = {
  province: { named: [0, 6], size_px: 17, weight: 600, picked_from: 0 },
  prefecture: { named: [6, 8], size_px: 15, weight: 600, picked_from: 5 },
  county: { named: [7, 22], size_px: 13.5, weight: 500, picked_from: 7 },
  township: { named: [11, 22], size_px: 12, weight: 400, picked_from: 11 },
  village: { named: [14, 22], size_px: 11, weight: 400, picked_from: 13 },
};
const ORDER = Object.keys(LEVELS);
const TINTS = ["map-tint-1", "map-tint-2", "map-tint-3", "map-tint-4", "map-tint-5"];
/** Two names of one unit must be further apart than this; tiles overlap a little. */
const SAME_NAME_PX = 900;

/** @param {Feature} feature */
const levelOf = (feature) => String(feature.props.level);

/**
 * Spreads codes over the tints; says nothing about a unit, so it may change freely. The factors give only one of
 * Hainan's 52 pairs of neighbours the same tint.
 * @param {string} code
 */
function tintOf(code) {
  let sum = 0;
  for (const digit of code) sum = (sum * 86 + digit.charCodeAt(0)) % 2003;
  return TINTS[sum % TINTS.length];
}

/**
 * @param {{over_basemap: boolean}} options
 * @returns {PaintRule[]}
 */
export function unitPaint({ over_basemap }) {
  const tints = Object.fromEntries(TINTS.map((name) => [name, colour(name)]));
  const coast = colour("map-coast");
  return ORDER.map((level) => ({
    dataSource: "units",
    dataLayer: "units",
    minzoom: LEVELS[level].picked_from,
    filter: (_zoom, feature) => levelOf(feature) === level,
    symbolizer: {
      draw(context, geom, _zoom, feature) {
        trace(context, geom);
        context.globalAlpha = over_basemap ? 0.12 : 1;
        context.fillStyle = tints[tintOf(String(feature.props.code))];
        context.fill();
        context.globalAlpha = 1;
        context.strokeStyle = coast;
        context.lineWidth = over_basemap ? 1.2 : 0.7;
        context.stroke();
      },
    },
  }));
}

/**
 * @param {{pinyin: boolean}} options whether the reader gets the spelling instead of the characters
 * @returns {LabelRule[]}
 */
export function unitLabels({ pinyin }) {
  const halo = colour("map-halo");
  const ink = colour("map-ink");
  return ORDER.map((level) => {
    const { named, size_px, weight } = LEVELS[level];
    const text = new CenteredTextSymbolizer({
      labelProps: pinyin ? ["pinyin", "name_en", "name"] : ["name"],
      font: `${weight} ${size_px}px ${LABEL_FONTS}`,
      fill: ink,
      stroke: halo,
      width: 2,
      lineHeight: 1.4,
    });
    return {
      dataSource: "units",
      dataLayer: "unit_labels",
      minzoom: named[0],
      maxzoom: named[1],
      sort: (a, b) => Number(b.radius_m ?? 0) - Number(a.radius_m ?? 0),
      filter: (_zoom, feature) => levelOf(feature) === level,
      symbolizer: { place: (layout, geom, feature) => namedOnce(text.place(layout, geom, feature), feature) },
    };
  });
}

/**
 * @param {import("protomaps-leaflet").Label[] | undefined} labels
 * @param {Feature} feature
 */
function namedOnce(labels, feature) {
  return labels?.map((label) => ({
    ...label,
    bboxes: label.bboxes.map((box) => ({
      minX: box.minX - 6,
      minY: box.minY - 4,
      maxX: box.maxX + 6,
      maxY: box.maxY + 4,
    })),
    deduplicationKey: `${feature.props.level}:${feature.props.code}`,
    deduplicationDistance: SAME_NAME_PX,
  }));
}

/** @typedef {{code: string, level?: string | null}} UnitMark a unit; without a level, every unit of that code */

/**
 * What marks the unit under the pointer and the chosen one.
 * @param {{hovered: UnitMark | null, selected: UnitMark | null}} marked
 * @returns {PaintRule[]}
 */
export function unitHighlight({ hovered, selected }) {
  const mark = (/** @type {UnitMark} */ unit, /** @type {string} */ name, /** @type {number} */ width) => ({
    dataSource: "units",
    dataLayer: "units",
    filter: (/** @type {number} */ _zoom, /** @type {Feature} */ feature) => sameUnit(unit, feature.props),
    symbolizer: {
      draw(/** @type {CanvasRenderingContext2D} */ context, /** @type {Feature["geom"]} */ geom) {
        trace(context, geom);
        context.fillStyle = colour(`${name}-fill`);
        context.fill();
        context.lineJoin = "round";
        context.strokeStyle = colour("map-halo");
        context.lineWidth = width + 2.5;
        context.stroke();
        context.strokeStyle = colour(name);
        context.lineWidth = width;
        context.stroke();
      },
    },
  });
  return [
    ...(hovered && !(selected && sameUnit(selected, hovered)) ? [mark(hovered, "map-hover", 1.5)] : []),
    ...(selected ? [mark(selected, "map-selected", 2.5)] : []),
  ];
}

/** 460400 is both a prefecture and a county, so the level counts where it is known. */
export function sameUnit(/** @type {UnitMark} */ wanted, /** @type {{code?: unknown, level?: unknown}} */ found) {
  return wanted.code === found.code && (!wanted.level || wanted.level === found.level);
}

/**
 * The finest unit at a point among those that the zoom shows.
 * @param {View} view
 * @param {{lat: number, lng: number}} at
 * @param {number} zoom
 * @returns {{code: string, level: string, name: string, pinyin: string} | null}
 */
export function unitAt(view, at, zoom) {
  const found = view
    .queryFeatures(at.lng, at.lat, zoom, 0)
    .filter(({ layerName, feature }) => layerName === "units" && LEVELS[levelOf(feature)]?.picked_from <= zoom)
    .sort((a, b) => ORDER.indexOf(levelOf(b.feature)) - ORDER.indexOf(levelOf(a.feature)))[0]?.feature.props;
  if (!found) return null;
  return {
    code: String(found.code),
    level: String(found.level),
    name: String(found.name),
    pinyin: String(found.pinyin ?? found.name_en ?? ""),
  };
}

/** @param {CanvasRenderingContext2D} context @param {Feature["geom"]} geom */
function trace(context, geom) {
  context.beginPath();
  for (const ring of geom) {
    ring.forEach((point, index) => (index === 0 ? context.moveTo(point.x, point.y) : context.lineTo(point.x, point.y)));
    context.closePath();
  }
}
