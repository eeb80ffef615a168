/** Asks the service about requests for controlled data and sends what is done about them; nothing shown and nothing kept. */
import { getJson, getWhole, sendJson } from "./api.js";

/** What may be asked for, and how it may be written: as the service has it. */
export const LAYERS = /** @type {const} */ (["lines", "boundaries", "tripoints", "markers", "names", "signs", "hubs"]);
export const FORMS = /** @type {const} */ (["gpkg", "shapefile", "geojson", "parquet", "flatgeobuf", "csv", "kml"]);
/** Who may decide on another officer's request. */
export const DECIDERS = ["boundary", "administrator"];

/**
 * @typedef {{layer: string, form: string, purpose: string, recipient: string, ground_code: string | null,
 *   as_of: string | null, document_id: string | null}} ReleaseFields
 * @typedef {ReleaseFields & {id: string, bbox: number[] | null, state: "requested" | "approved" | "refused" | "downloaded",
 *   requested_by: string, requested_at: string, reviewed_by: string | null, reviewed_at: string | null, note: string,
 *   expires_at: string | null, downloaded_at: string | null, sha256: string | null}} Release
 */

const ALL = "api/releases";

/** One's own requests and those that one may decide on, the newest first. @returns {Promise<{releases: Release[]}>} */
export function releases() {
  return getJson(ALL);
}

/** @param {ReleaseFields} asked @returns {Promise<Release>} */
export function applyForRelease(asked) {
  return sendJson("POST", ALL, asked);
}

/** @param {string} id @param {{approved: boolean, note: string}} decision @returns {Promise<Release & {link: string | null}>} */
export function decideRelease(id, decision) {
  return sendJson("POST", `${ALL}/${encodeURIComponent(id)}/review`, decision);
}

/**
 * Fetches the file of one's own approved request, which uses it up: its bytes and its name.
 * @param {string} id
 * @returns {Promise<{file: Blob, name: string}>}
 */
export async function fetchRelease(id) {
  /** @type {{link: string}} */
  const { link } = await sendJson("POST", `${ALL}/${encodeURIComponent(id)}/link`);
  const answer = await getWhole(link.slice(1));
  const named = /filename="([^"]+)"/.exec(answer.headers.get("Content-Disposition") ?? "");
  return { file: await answer.blob(), name: named?.[1] ?? id };
}
