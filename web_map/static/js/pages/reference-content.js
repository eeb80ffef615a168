/** What a file holds, for a person to choose by: its layers, rows, CRS, columns of places and first rows. */
import { make } from "../elements.js";
import { language, say } from "../messages.js";
import { value } from "./fields.js";
import { fact, inputOf, labelled, selectOf } from "./form-pieces.js";

/** @typedef {import("../references.js").FileContent} FileContent */

const PLACES = { lon: "references.column.lon", lat: "references.column.lat", wkt: "references.column.wkt" };
const KNOWN_CRS = ["EPSG:4490", "EPSG:4326", "EPSG:4546", "EPSG:4547", "EPSG:3857", "GCJ-02", "BD-09"];

/** @param {FileContent} content @param {{again: () => void, crs: string | null}} how asks once more with what was chosen */
export function contentFields(content, { again, crs }) {
  const { layers, layer, features, geometry_types, bounds } = content;
  const kinds = geometry_types.map((kind) => say(`references.kind.${kind.toLowerCase()}`)).join(" · ");
  const choose = selectOf("layer", layers.map(({ name }) => /** @type {[string, string]} */ ([name, name])), layer);
  choose.addEventListener("change", again);
  return [
    ...(layers.length > 1 ? labelled("references.layer", choose) : []),
    make(
      "dl",
      { class: "facts" },
      ...fact("references.rows", features === null ? say("references.rows_unknown") : features.toLocaleString(language())),
      ...(kinds ? fact("references.kinds", kinds) : []),
      ...(bounds ? fact("references.bounds", make("span", { class: "code" }, bounds.map((each) => each.toPrecision(7)).join(", "))) : []),
    ),
    ...places(content, again),
    ...crsFields(content, crs),
    firstRows(content),
  ];
}

/** The columns that a table's coordinates stand in. @param {FileContent} content @param {() => void} again */
function places({ places: found, needs_places, columns }, again) {
  if (!needs_places && Object.keys(found).length === 0) return [];
  const names = [...new Set([...Object.values(found), ...columns.map(({ name }) => name)])];
  const choices = /** @type {[string, string][]} */ ([["", say("references.column_none")], ...names.map((name) => [name, name])]);
  const fields = Object.entries(PLACES).map(([key, words]) => {
    const choice = selectOf(key, choices, found[key] ?? "");
    choice.addEventListener("change", () => {
      const form = /** @type {HTMLFormElement} */ (choice.form);
      if (value(form, "wkt") || (value(form, "lon") && value(form, "lat"))) again();
    });
    return labelled(words, choice);
  });
  return [make("p", { class: needs_places ? "note" : "hint" }, say(needs_places ? "references.places_needed" : "references.places_found")), ...fields.flat()];
}

/** @param {FileContent} content @param {string | null} chosen */
function crsFields({ crs }, chosen) {
  const own = /** @type {[string, string][]} */ (crs === null ? [["", say("references.crs_choose")]] : [["", say("references.crs_own", { crs: crs.slice(0, 60) })]]);
  const known = KNOWN_CRS.map((code) => {
    const word = code.toLowerCase().replace(/\W/, "_");
    return /** @type {[string, string]} */ ([code, say(`references.crs.${word}`)]);
  });
  const choice = selectOf("crs", [...own, ...known, ["other", say("references.crs_other")]], chosen ?? "");
  if (crs === null) choice.required = true;
  const other = inputOf("crs_other", { placeholder: "EPSG:4549", maxlength: 20, "aria-label": say("references.crs_other") });
  other.hidden = choice.value !== "other";
  choice.addEventListener("change", () => (other.hidden = choice.value !== "other"));
  return [...labelled("references.crs", choice), other, make("p", { class: "hint" }, say(crs === null ? "references.crs_none" : "references.crs_why"))];
}

/** @param {FileContent} content */
function firstRows({ columns, rows }) {
  if (rows.length === 0 || columns.length === 0) return make("p", { class: "hint" }, say("references.no_rows"));
  const cell = (/** @type {unknown} */ said) => (said === null || said === undefined ? "–" : typeof said === "object" ? JSON.stringify(said) : String(said));
  return make(
    "div",
    { class: "first-rows", tabindex: "0", role: "region", "aria-label": say("references.first_rows") },
    make(
      "table",
      {},
      make("thead", {}, make("tr", {}, ...columns.map(({ name }) => make("th", { scope: "col" }, name)))),
      make("tbody", {}, ...rows.map((row) => make("tr", {}, ...columns.map(({ name }) => make("td", {}, cell(row[name])))))),
    ),
  );
}

/** What a person has chosen. @param {HTMLFormElement} form @param {FileContent} content */
export function termsOf(form, content) {
  const chosen = (/** @type {string} */ name) => (form.elements.namedItem(name) ? value(form, name).trim() : "");
  const crs = chosen("crs") === "other" ? chosen("crs_other") : chosen("crs");
  const named = chosen("wkt") ? { wkt: chosen("wkt") } : { lon: chosen("lon"), lat: chosen("lat") };
  const columns = Object.fromEntries(Object.entries(named).filter(([, name]) => name));
  return { layer: content.layers.length > 1 ? chosen("layer") : null, crs: crs || null, columns: Object.keys(columns).length === 0 ? {} : columns };
}
