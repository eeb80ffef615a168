/** Asks the service about units and lines; one function a question, nothing shown and nothing kept. */
import { getJson } from "./api.js";

/**
 * @typedef {{code: string, name: string, level: string}} UnitName
 * @typedef {UnitName & {pinyin: string | null, parent_code: string | null,
 *   parent_name?: string | null, valid_from: string | null,
 *   valid_to: string | null, area_m2: number | null, authoritative?: boolean, source?: string | null}} UnitProperties
 * @typedef {{code: string, name: string, line_code: string, length_m: number}} Neighbour
 * @typedef {UnitName & {valid_from: string | null, valid_to: string | null, relation?: string, kind: string | null,
 *   effective_on?: string | null, instrument: string | null}} Version
 * @typedef {UnitProperties & {ancestors?: UnitName[], children?: number, neighbours: Neighbour[],
 *   history: Version[]}} UnitDetails
 * @typedef {{line_code: string, level: string, name: string | null, unit_codes: string[], units?: UnitName[],
 *   length_m: number, managing: string | null, last_joint_inspection_on: string | null, next_due_on: string | null,
 *   disputed: boolean, derived?: boolean, legal_instrument?: string | null,
 *   stated_name?: string | null, stated_length_m?: number | null}} LineDetails
 * @typedef {import("./map/basemap-layer.js").Basemap} Basemap
 * @typedef {{basemaps: Basemap[], home_unit: string, colour_profile: string, language: string, demo: boolean,
 *   authoritative: boolean}} PublicSettings
 */

/**
 * @template P
 * @typedef {{id: string, geometry: object | null, properties: P}} Feature
 */

/**
 * @template P
 * @typedef {{features: Feature<P>[], numberMatched?: number | null, numberReturned: number}} FeatureCollection
 */

/** @returns {Promise<PublicSettings>} */
export function publicSettings() {
  return getJson("api/settings/public");
}

/**
 * @param {{code: string, level?: string | null}} unit
 * @param {string | null} as_of
 * @param {AbortSignal} [signal]
 * @returns {Promise<Feature<UnitDetails>>}
 */
export function unitDetails({ code, level }, as_of, signal) {
  return getJson(`api/boundaries/units/${encodeURIComponent(code)}`, { level, as_of }, signal);
}

/**
 * @param {string} line_code
 * @param {string | null} as_of
 * @param {AbortSignal} [signal]
 * @returns {Promise<Feature<LineDetails>>}
 */
export function lineDetails(line_code, as_of, signal) {
  return getJson(`api/boundaries/lines/${encodeURIComponent(line_code)}`, { as_of }, signal);
}

/**
 * Units whose name, pinyin or code matches.
 * @param {string} q
 * @param {string | null} as_of
 * @param {AbortSignal} signal
 * @returns {Promise<FeatureCollection<UnitProperties>>}
 */
export function findUnits(q, as_of, signal) {
  return getJson("api/boundaries/units", { q, as_of, geometry: "none", limit: 12 }, signal);
}

/** Whether the register holds any unit on a date. @param {string | null} as_of */
export async function anyUnits(as_of) {
  /** @type {FeatureCollection<UnitProperties>} */
  const page = await getJson("api/boundaries/units", { as_of, geometry: "none", limit: 1 });
  return page.numberReturned > 0;
}

/**
 * The counties and districts of a city, for choosing one.
 * @param {string} parent_code
 * @returns {Promise<{code: string, name: string}[]>}
 */
export async function unitsBelow(parent_code) {
  /** @type {FeatureCollection<UnitProperties>} */
  const { features } = await getJson("api/boundaries/units", { parent: parent_code, level: "county", geometry: "none", limit: 100 });
  return features.map(({ properties: { code, name } }) => ({ code, name }));
}
