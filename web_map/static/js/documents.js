/** Asks the service about papers on file and puts one there; nothing shown and nothing kept. */
import { address, getJson, sendForm } from "./api.js";

/**
 * @typedef {{id: string, type: string, number: string | null, date: string | null, title: string,
 *   archive_place: string | null, media_type: string, content: string, sha256: string}} Paper
 * @typedef {{documents: Paper[], links: {rel: string, href: string}[]}} PaperList
 */

const MOST = 50;

/**
 * The papers on file for a unit, a line or a marker, the newest record first, and whether there are more.
 * @param {"unit" | "line" | "marker"} kind
 * @param {string} code
 * @param {AbortSignal} signal
 * @returns {Promise<{papers: Paper[], more: boolean}>}
 */
export async function papersOf(kind, code, signal) {
  /** @type {PaperList} */
  const found = await getJson("api/documents", { subject_kind: kind, subject_id: code, limit: MOST }, signal);
  return { papers: found.documents, more: found.links.some((link) => link.rel === "next") };
}

/** The papers that the reader may see, the newest first. @returns {Promise<Paper[]>} */
export async function newestPapers() {
  /** @type {PaperList} */
  const found = await getJson("api/documents", { limit: MOST });
  return found.documents;
}

/**
 * Puts a paper on file; sent again under the same id it is recorded once.
 * @param {{id: string, type: string, title: string, subject_kind?: string, subject_id?: string}} described
 * @param {File} file
 * @returns {Promise<Paper>}
 */
export function filePaper(described, file) {
  const form = new FormData();
  for (const [name, words] of Object.entries(described)) form.append(name, words);
  form.append("file", file);
  return sendForm("api/documents", form);
}

/** Where the bytes of a paper on file are read. @param {string} id */
export function documentAddress(id) {
  return address(`api/documents/${encodeURIComponent(id)}/content`).href;
}
