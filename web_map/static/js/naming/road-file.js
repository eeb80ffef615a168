/**
 * Reads roads from a GeoJSON text in WGS 84 degrees (EPSG:4326, CGCS2000 EPSG:4490 and CRS84 are the same to a map).
 * What it cannot be sure of it refuses, saying which of the known mistakes it looks like; it guesses no datum.
 */

/** @typedef {{name: string, geometry: {type: string, coordinates: any}}} Road */

const MOST_BYTES = 5_000_000;
const MOST_POSITIONS = 20_000;
const MOST_ROADS = 500;
const DEGREES = /CRS84|EPSG:+(?:[\d.]*:)?(?:4326|4490)$/i;
const ROADS = ["LineString", "MultiLineString"];
const NAMES = ["name", "NAME", "Name"];

/** What is wrong with a file, as the key of a message with its facts. */
export class RoadFileError extends Error {
  /** @param {string} code e.g. `no_road` @param {Record<string, string | number>} [facts] */
  constructor(code, facts = {}) {
    super(code);
    this.name = "RoadFileError";
    this.code = code;
    this.facts = facts;
  }
}

/** @param {File} file @returns {Promise<Road[]>} at least one */
export async function readRoadFile(file) {
  if (file.size > MOST_BYTES) throw new RoadFileError("too_large", { most: MOST_BYTES / 1e6 });
  return roadsIn(await file.text());
}

/** @param {string} text @returns {Road[]} at least one; throws RoadFileError */
export function roadsIn(text) {
  const parsed = parse(text);
  const crs = parsed.crs?.properties?.name;
  if (parsed.crs !== undefined && parsed.crs !== null && !(typeof crs === "string" && DEGREES.test(crs))) throw new RoadFileError("other_crs", { crs: String(crs ?? "?").slice(0, 60) });
  const features = featuresOf(parsed);
  const roads = features.filter(({ geometry }) => ROADS.includes(geometry?.type));
  if (roads.length === 0) {
    const types = [...new Set(features.map(({ geometry }) => String(geometry?.type ?? "null")))].slice(0, 5);
    throw new RoadFileError("no_road", { found: types.join(", ") || "0" });
  }
  if (roads.length > MOST_ROADS) throw new RoadFileError("too_many_roads", { count: roads.length, most: MOST_ROADS });
  return roads.map(({ geometry, properties }) => ({ name: nameIn(properties), geometry: flat(geometry) }));
}

/** @param {string} text @returns {any} */
function parse(text) {
  let parsed;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw new RoadFileError("not_json");
  }
  if (parsed === null || typeof parsed !== "object" || typeof parsed.type !== "string") throw new RoadFileError("not_geojson");
  return parsed;
}

/** @param {any} parsed @returns {{geometry: any, properties: any}[]} */
function featuresOf(parsed) {
  if (parsed.type === "FeatureCollection") return (Array.isArray(parsed.features) ? parsed.features : []).flatMap(featuresOf);
  if (parsed.type === "Feature") return [{ geometry: parsed.geometry, properties: parsed.properties }];
  if (parsed.type === "GeometryCollection") return (Array.isArray(parsed.geometries) ? parsed.geometries : []).flatMap(featuresOf);
  if (Array.isArray(parsed.coordinates)) return [{ geometry: parsed, properties: null }];
  throw new RoadFileError("not_geojson");
}

/** @param {any} properties */
function nameIn(properties) {
  const name = NAMES.map((each) => properties?.[each]).find((each) => typeof each === "string" && each.trim());
  return String(name ?? "").trim().slice(0, 40);
}

/** The line in lon and lat alone, every position looked at. @param {any} geometry */
function flat({ type, coordinates }) {
  const parts = type === "LineString" ? [coordinates] : coordinates;
  if (!Array.isArray(parts)) throw new RoadFileError("bad_positions");
  const lines = parts.map((/** @type {any} */ part) => (Array.isArray(part) ? part.map(position) : []));
  if (lines.some((/** @type {number[][]} */ line) => line.length < 2)) throw new RoadFileError("bad_positions");
  const count = lines.reduce((/** @type {number} */ sum, /** @type {number[][]} */ line) => sum + line.length, 0);
  if (count > MOST_POSITIONS) throw new RoadFileError("too_many_positions", { count, most: MOST_POSITIONS });
  return lines.length === 1 ? { type: "LineString", coordinates: lines[0] } : { type: "MultiLineString", coordinates: lines };
}

/** @param {any} given @returns {[number, number]} */
function position(given) {
  const [lon, lat] = Array.isArray(given) ? given : [];
  if (!Number.isFinite(lon) || !Number.isFinite(lat)) throw new RoadFileError("bad_positions");
  if (Math.abs(lon) <= 85 && Math.abs(lat) > 85 && Math.abs(lat) <= 180) throw new RoadFileError("swapped", { lon, lat });
  if (Math.abs(lon) > 180 || Math.abs(lat) > 85) throw new RoadFileError("metres", { x: lon, y: lat });
  return [lon, lat];
}
