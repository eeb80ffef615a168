/**
 * Colours, shapes and names of codes, as the service's legend gives them; this file holds none of its own.
 */
import { getJson } from "./api.js";
import { language } from "./messages.js";

/**
 * @typedef {object} LegendEntry
 * @property {string} code
 * @property {string} [colour]
 * @property {string} [shape]
 * @property {string} zh
 * @property {string} en
 * @property {string} [profile] of a sign: the colour profile that it belongs to
 * @property {string} [definition_zh]
 * @property {string} [definition_en]
 */

/** @type {Record<string, LegendEntry[]>} */
let groups = {};

export async function loadLegend() {
  groups = await getJson("api/legend");
}

/** @param {string} group @returns {LegendEntry[]} */
export function entries(group) {
  return groups[group] ?? [];
}

/** @param {string} group @param {string} code */
export function entry(group, code) {
  return entries(group).find((each) => each.code === code);
}

/** The name of a code in the reader's language; the code itself where the legend has none. */
export function label(/** @type {string} */ group, /** @type {string} */ code) {
  const found = entry(group, code);
  if (!found) return code;
  return language() === "en" ? found.en : found.zh;
}

/** What a code means exactly, in the reader's language; empty where the legend defines nothing. */
export function definition(/** @type {string} */ group, /** @type {string} */ code) {
  const found = entry(group, code);
  return (language() === "en" ? found?.definition_en : found?.definition_zh) ?? "";
}
