/** Asks the service about the audit; nothing shown and nothing kept. */
import { address, getJson } from "./api.js";

/**
 * @typedef {{number: number, at: string, officer: string, address: string | null, request_id: string | null,
 *   act: string, subject_kind: string, subject_id: string, before_digest: string | null, after_digest: string | null,
 *   detail: Record<string, unknown>, hash: string}} Entry
 * @typedef {{officer?: string, act?: string, subject_kind?: string, subject?: string, since?: string,
 *   until?: string}} Filter
 * @typedef {{number: number, hash: string, at: string | null}} Anchor
 * @typedef {{entries: number, head: string, broken_at: number | null}} ChainState
 */

/**
 * A page of entries, newest first, and the cursor of the next one.
 * @param {Filter} filter
 * @param {string | null} cursor
 * @param {number} limit
 * @param {AbortSignal} signal
 */
export async function entries(filter, cursor, limit, signal) {
  /** @type {{entries: Entry[], links: {rel: string, href: string}[]}} */
  const page = await getJson("api/audit", { ...filter, cursor, limit }, signal);
  const next = page.links.find((link) => link.rel === "next");
  return { entries: page.entries, next: next ? new URL(next.href).searchParams.get("cursor") : null };
}

/** @param {Filter} filter */
export function exportAddress(filter) {
  return address("api/audit/export.csv", filter).href;
}

/** @returns {Promise<Anchor>} */
export function anchor() {
  return getJson("api/audit/anchor");
}

/** Walks the whole chain in the database. @returns {Promise<ChainState>} */
export function chain() {
  return getJson("api/audit/chain");
}
