/** Lists of markers with sign, number and word; it tells which was chosen and fetches nothing. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { date } from "../measures.js";
import { say } from "../messages.js";

/** @typedef {import("../map/marker-layer.js").NamedSign} NamedSign */
/** @typedef {import("../markers.js").MarkerProperties} MarkerProperties */

/**
 * @param {import("../boundaries.js").Feature<MarkerProperties>[]} features
 * @param {NamedSign[]} signs
 * @param {(code: string, geometry: object | null) => void} choose
 */
export function markerList(features, signs, choose) {
  const items = features.map(({ geometry, properties }) =>
    row({ ...properties.colour, number: properties.number }, signs, {
      about: about(properties),
      onclick: () => choose(properties.code, geometry),
    }),
  );
  return make("ul", { class: "marker-list" }, ...items);
}

/**
 * Markers as the map knows them.
 * @param {import("../map/marker-source.js").MarkerPoint[]} points
 * @param {NamedSign[]} signs
 * @param {(code: string) => void} choose
 */
export function pointList(points, signs, choose) {
  const items = points.map(({ code, label: number, colour, shape }) =>
    row({ code: colour, shape, number: number || code }, signs, { about: "", onclick: () => choose(code) }),
  );
  return make("ul", { class: "marker-list" }, ...items);
}

/** A handling outranks the clock: one of the two says what is to be done. @param {MarkerProperties} marker */
function about({ case_stage, next_due_on }) {
  if (case_stage !== "none" && case_stage !== "closed") return label("case_stage", case_stage);
  return next_due_on ? say("board.due", { date: date(next_due_on) }) : "";
}

/**
 * @param {{code: string, shape: string, number: string}} marker `code` of the colour
 * @param {NamedSign[]} signs
 * @param {{about: string, onclick: () => void}} more
 */
function row({ code, shape, number }, signs, { about: words, onclick }) {
  const sign = signs.find((each) => each.colour === code && each.shape === shape);
  return make(
    "li",
    {},
    make(
      "button",
      { type: "button", class: "marker-row", onclick },
      sign && signCanvas(sign, 18),
      make("span", { class: "code" }, number),
      make("span", { class: "word" }, sign?.label),
      words && make("span", { class: "about" }, words),
    ),
  );
}
