/**
 * Legal position beside the observed one, with the offset between them drawn to scale, and the reference objects. Says
 * so where positions are rounded or hidden; measures nothing itself.
 */
import { make } from "../elements.js";
import { dms } from "../geodesy/angles.js";
import { label } from "../legend.js";
import { number } from "../measures.js";
import { say } from "../messages.js";
import { moment } from "./marker-records.js";
import { fact } from "./unit-panel.js";

/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("../markers.js").Inspection} Inspection */
/** @typedef {import("../markers.js").LegalPosition} LegalPosition */

const SVG = "http://www.w3.org/2000/svg";
const PICTURE_PX = 132;

/** @param {MarkerPage} page */
export function markerPositions({ feature, history }) {
  const { legal_position: legal, reference_objects: objects } = feature.properties;
  if (legal === undefined) {
    const words = feature.geometry ? "position.rounded" : "position.hidden";
    return make("section", {}, make("h3", {}, say("position.title")), make("p", { class: "hint positions-told" }, say(words)));
  }
  const seen = history.inspections.find((each) => each.observed_position);
  return make(
    "section",
    { class: "positions" },
    make("h3", {}, say("position.title")),
    legal ? legalFacts(legal) : make("p", { class: "hint" }, say("position.none")),
    seen ? observed(seen) : make("p", { class: "hint" }, say("position.never_observed")),
    objects && objects.length > 0 && referenceObjects(objects),
  );
}

/** @param {LegalPosition} legal */
function legalFacts({ lon, lat, accuracy_m, height_m, method, original }) {
  return make(
    "dl",
    { class: "facts" },
    ...fact("position.legal", degrees(lon, lat)),
    ...(original ? fact("position.original", numbers(original)) : []),
    ...(accuracy_m === null ? [] : fact("position.accuracy", say("measure.m", { value: number(accuracy_m, 2) }))),
    ...(height_m ? fact("position.height", say("measure.m", { value: number(height_m, 2) })) : []),
    ...(method ? fact("position.method", method) : []),
  );
}

/** The numbers of the form: X is north, Y is east. @param {NonNullable<LegalPosition["original"]>} original */
function numbers({ north, east, epsg }) {
  return say("position.numbers", { north: north.toFixed(3), east: east.toFixed(3), epsg });
}

/** @param {Inspection} inspection */
function observed({ observed_position: fix, displacement, captured_at, position_check }) {
  if (!fix) return null;
  const { offset_m: offset, limit_m: limit, azimuth_deg: azimuth } = displacement;
  return make(
    "div",
    { class: "observed" },
    offset !== null && limit !== null ? picture({ offset, limit, azimuth: azimuth ?? 0 }) : null,
    make(
      "dl",
      { class: "facts" },
      ...fact("position.observed", degrees(fix.lon, fix.lat)),
      ...fact("position.observed_at", moment(captured_at)),
      ...(fix.accuracy_m === null ? [] : fact("position.accuracy", say("measure.m", { value: number(fix.accuracy_m, 2) }))),
      ...(offset === null
        ? []
        : fact("position.offset", say("position.offset_at", { offset: number(offset, 2), azimuth: number(azimuth ?? 0, 0) }))),
      ...(limit === null ? [] : fact("position.limit", say("measure.m", { value: number(limit, 2) }))),
      ...fact("position.verdict", label("position_check", position_check)),
    ),
  );
}

/**
 * The offset to scale, north up: the legal point in the middle, the limit about it, the observed point where it was.
 * @param {{offset: number, limit: number, azimuth: number}} measured
 */
function picture({ offset, limit, azimuth }) {
  const half = PICTURE_PX / 2;
  const scale = (half - 14) / Math.max(offset, limit, 0.01);
  const angle = (azimuth * Math.PI) / 180;
  const [x, y] = [half + Math.sin(angle) * offset * scale, half - Math.cos(angle) * offset * scale];
  const words = say("position.picture", { offset: number(offset, 2), limit: number(limit, 2), azimuth: number(azimuth, 0) });
  return shape("svg", { viewBox: `0 0 ${PICTURE_PX} ${PICTURE_PX}`, role: "img", "aria-label": words, class: "offset" }, [
    shape("circle", { cx: half, cy: half, r: limit * scale, class: "offset-limit" }),
    shape("path", { d: `M${half} 4v9M${half - 3} 7l3-4 3 4`, class: "offset-north" }),
    shape("line", { x1: half, y1: half, x2: x, y2: y, class: "offset-line" }),
    shape("path", { d: `M${half - 5} ${half}h10M${half} ${half - 5}v10`, class: "offset-legal" }),
    shape("circle", { cx: x, cy: y, r: 4.5, class: offset > limit ? "offset-seen beyond" : "offset-seen" }),
  ]);
}

/** @param {string} name @param {Record<string, string | number>} attributes @param {Node[]} children */
function shape(name, attributes, children = []) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

/** @param {import("../markers.js").ReferenceObject[]} objects */
function referenceObjects(objects) {
  const rows = objects.map(({ name, azimuth_deg, azimuth_kind, distance_m }) =>
    make(
      "tr",
      {},
      make("th", { scope: "row" }, name),
      make("td", { class: "figure" }, `${number(azimuth_deg, 2)}°`, make("span", { class: "kind" }, say(`azimuth.${azimuth_kind}`))),
      make("td", { class: "figure" }, say("measure.m", { value: number(distance_m, 2) })),
    ),
  );
  const head = ["object.name", "object.azimuth", "object.distance"].map((key) => make("th", { scope: "col" }, say(key)));
  return make(
    "table",
    { class: "neighbours objects" },
    make("caption", {}, say("object.title")),
    make("thead", {}, make("tr", {}, ...head)),
    make("tbody", {}, ...rows),
  );
}

/** @param {number} lon @param {number} lat */
function degrees(lon, lat) {
  return `${dms(lon, ["E", "W"])} ${dms(lat, ["N", "S"])}`;
}
