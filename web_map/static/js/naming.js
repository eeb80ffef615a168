/** Asks the service about names; one function a question, nothing shown and nothing kept. */
import { address, getJson, getWhole, sendJson } from "./api.js";

/**
 * @typedef {{id: string, name: string, pinyin: string, status: string, valid_from: string, valid_to: string | null}} NameThen
 * @typedef {{id: string, name_id: string, event: string, on: string, instrument: string,
 *   detail: {merged_into?: string, took?: string, called?: string}}} NameEvent
 * @typedef {{name: string, kind: string, status: string, pinyin: string, pinyin_plain: string, reading: string[],
 *   unit_code: string, aliases: string[], origin: string, meaning: string, heritage: string | null, source: string,
 *   synthetic: boolean, valid_from: string, valid_to: string | null, place_id: string, parent: string | null,
 *   sources: Record<string, string>, history: NameThen[], events: NameEvent[], matched?: {why: string, with: string | null}}} NameFacts
 * @typedef {{id: string, geometry: object | null, properties: NameFacts}} Name
 */

/** @param {string} id @returns {Promise<Name>} */
export function nameOf(id) {
  return getJson(`api/naming/names/${encodeURIComponent(id)}`);
}

/** A name with the ETag that a change of it names. @param {string} id @returns {Promise<{name: Name, etag: string}>} */
export async function nameToChange(id) {
  const answer = await getWhole(`api/naming/names/${encodeURIComponent(id)}`);
  return { name: await answer.json(), etag: answer.headers.get("ETag") ?? "" };
}

/**
 * @param {string} id
 * @param {{reading?: string[], origin?: string, meaning?: string, aliases?: string[], source: string}} change
 * @param {string} etag
 * @returns {Promise<Name>}
 */
export function correctName(id, change, etag) {
  return sendJson("PATCH", `api/naming/names/${encodeURIComponent(id)}`, change, { etag });
}

/**
 * @param {string} id
 * @param {{id: string, ended_on: string, instrument: string, historic: boolean, merged_into: string | null}} end
 * @returns {Promise<Name>}
 */
export function endName(id, end) {
  return sendJson("POST", `api/naming/names/${encodeURIComponent(id)}/retirement`, end);
}

/** Streets drawn around a road; more would hide it. */
const MOST_NEIGHBOURS = 40;
const AROUND_DEG = 0.006;

/**
 * The names in force around a place, for its map.
 * @param {object | null} geometry GeoJSON, EPSG:4490
 * @param {string[]} besides identifiers of those that are drawn anyway
 * @returns {Promise<import("./map/road-map.js").Drawn[]>}
 */
export async function streetsAround(geometry, besides) {
  const box = boxOf(geometry);
  if (!box) return [];
  return streetsIn([box[0] - AROUND_DEG, box[1] - AROUND_DEG, box[2] + AROUND_DEG, box[3] + AROUND_DEG], besides);
}

/**
 * The names in force inside a box.
 * @param {number[]} box west, south, east, north in degrees
 * @param {string[]} [besides]
 * @returns {Promise<import("./map/road-map.js").Drawn[]>}
 */
export async function streetsIn(box, besides = []) {
  /** @type {{features: Name[]}} */
  const { features } = await getJson("api/naming/names", { bbox: box.join(","), limit: MOST_NEIGHBOURS });
  return features
    .filter(({ id }) => !besides.includes(id))
    .map(({ geometry: line, properties: { name } }) => ({ role: "street", name, geometry: line }));
}

/**
 * Roads inside a box that have no name yet.
 * @param {number[]} box west, south, east, north in degrees
 * @returns {Promise<{id: string, geometry: any, properties: {road_class: string, source: string}}[]>}
 */
export async function unnamedRoadsIn(box) {
  /** @type {{features: {id: string, geometry: any, properties: {road_class: string, source: string}}[]}} */
  const { features } = await getJson("api/naming/unnamed-roads", { bbox: box.join(","), limit: MOST_NEIGHBOURS });
  return features;
}

/** West, south, east, north of a geometry. @param {object | null} geometry @returns {number[] | null} */
function boxOf(geometry) {
  const numbers = /** @type {number[]} */ (/** @type {any} */ (geometry)?.coordinates?.flat(Infinity) ?? []);
  if (numbers.length === 0) return null;
  const [lons, lats] = [0, 1].map((axis) => numbers.filter((_, place) => place % 2 === axis));
  return [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
}

/** Where a name's page and its QR code are. @param {string} id */
export function addressesOf(id) {
  const page = `n/${encodeURIComponent(id)}`;
  return { page: address(page).href, svg: address(`${page}/qr.svg`).href, png: address(`${page}/qr.png`).href };
}

/**
 * What a unit is called, its code where the register does not hold it.
 * @param {string} code
 * @returns {Promise<{zh: string, en: string}>}
 */
export async function unitName(code) {
  try {
    const { properties } = /** @type {any} */ (await getJson(`api/boundaries/units/${encodeURIComponent(code)}`));
    return { zh: properties.name, en: properties.pinyin || properties.name };
  } catch {
    return { zh: code, en: code };
  }
}

/** Hits shown at once; whoever wants more says more. */
const MOST_HITS = 60;

/**
 * Names that fit, the closest first; with words typed each says why.
 * @param {Record<string, string>} asked q, kind, status, unit
 * @param {AbortSignal} signal
 * @returns {Promise<{names: Name[], total: number}>}
 */
export async function findNames({ q, kind, status, unit }, signal) {
  const filter = { q: q.trim(), kind, status, unit: unit.trim(), limit: MOST_HITS, geometry: "none" };
  /** @type {{features: Name[], numberMatched?: number}} */
  const { features, numberMatched } = await getJson("api/naming/names", filter, signal);
  return { names: features, total: numberMatched ?? features.length };
}

/**
 * @typedef {{id: string, state: string, progress: number,
 *   result: {findings: import("./proposals.js").Finding[], count: number} | null}} AuditJob
 */

/** Begins the audit of the register. @returns {Promise<AuditJob>} */
export function startAudit() {
  return sendJson("POST", "api/naming/audits");
}

/** @param {string} id @returns {Promise<AuditJob>} */
export function auditState(id) {
  return getJson(`api/jobs/${encodeURIComponent(id)}`);
}
