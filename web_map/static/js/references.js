/** Asks the service about the layers for reference and sends what is done with them; refuses to know how they are drawn. */
import { getJson, sendJson, sendLargeForm } from "./api.js";

/** A layer for reference among the names of layers begins so. */
export const REFERENCE = "reference:";
/** Who may add, change and remove them. */
export const KEEPERS = ["administrator", "boundary"];
export const FORMS = /** @type {const} */ (["gpkg", "shapefile", "geojson", "flatgeobuf", "parquet", "kml", "csv", "xlsx"]);

/**
 * @typedef {{colour: string, width: number, opacity: number, label: string | null}} Style
 * @typedef {{id: string, name: string, title: string, features: number, geometry_type: string,
 *   columns: {name: string, type: string}[], bbox: [number, number, number, number] | null, style: Style, etag: string,
 *   source_file: string | null, source_layer: string | null, source_crs: string | null, recorded_at: string | null,
 *   recorded_by: string | null, removed_at: string | null, removed_by: string | null, kept_until: string | null}} ReferenceLayer
 * @typedef {{layers: {name: string, geometry_type: string | null}[], layer: string, columns: {name: string, type: string}[],
 *   crs: string | null, bounds: number[] | null, features: number | null, geometry_types: string[],
 *   rows: Record<string, unknown>[], places: Record<string, string>, needs_places: boolean}} FileContent
 * @typedef {{id: string, file_name: string, size: number, content: FileContent}} Upload
 * @typedef {{id: string, state: "waiting" | "running" | "done" | "failed" | "cancelled", progress: number,
 *   result: {name: string, features: number, findings: {code: string, evidence: Record<string, string>}[]} | null,
 *   problem: {code: string, title: string, detail: string} | null}} LoadJob
 * @typedef {{id: string, upload: string, name: string, title: string, layer: string | null, crs: string | null,
 *   columns: Record<string, string>, replace: boolean}} NewLayer
 */

const ALL = "api/reference-layers";
const one = (/** @type {string} */ name) => `${ALL}/${encodeURIComponent(name)}`;

/** And how large a file may be, in MiB. @returns {Promise<{layers: ReferenceLayer[], removed: ReferenceLayer[], most_mib: number}>} */
export function referenceLayers() {
  return getJson(ALL);
}

/** Sends a file; it is looked into at once. @param {string} id @param {File} file @param {{told: (fraction: number) => void, signal: AbortSignal}} how @returns {Promise<Upload>} */
export function sendFile(id, file, how) {
  const form = new FormData();
  form.append("id", id);
  form.append("file", file);
  return sendLargeForm(`${ALL}/uploads`, form, how);
}

/** @param {string} id @param {Record<string, string | null>} terms layer, wkt, lon, lat @returns {Promise<Upload>} */
export function lookAgain(id, terms) {
  return getJson(`${ALL}/uploads/${encodeURIComponent(id)}`, terms);
}

/** @param {NewLayer} asked @returns {Promise<LoadJob>} */
export function loadLayer(asked) {
  return sendJson("POST", ALL, asked);
}

/** @param {string} id @returns {Promise<LoadJob>} */
export function loadState(id) {
  return getJson(`api/jobs/${encodeURIComponent(id)}`);
}

/** @param {string} id @returns {Promise<LoadJob>} */
export function stopLoading(id) {
  return sendJson("DELETE", `api/jobs/${encodeURIComponent(id)}`);
}

/** @param {ReferenceLayer} layer as it was read @param {{title?: string, style?: Style}} change @returns {Promise<ReferenceLayer>} */
export function changeLayer({ name, etag }, change) {
  return sendJson("PATCH", one(name), change, { etag });
}

/** @param {string} name @returns {Promise<ReferenceLayer>} */
export function removeLayer(name) {
  return sendJson("DELETE", one(name));
}

/** @param {string} id @returns {Promise<ReferenceLayer>} */
export function restoreLayer(id) {
  return sendJson("POST", `${ALL}/removed/${encodeURIComponent(id)}/restoration`);
}

/** Where a layer's file is had. @param {string} name */
export function fileOf(name) {
  return `${one(name)}/file`;
}
