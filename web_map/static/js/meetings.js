/** Asks the service about the committee's sittings and sends votes and decisions; nothing shown, nothing kept. */
import { address, getJson, sendJson } from "./api.js";

/**
 * @typedef {{member: string, vote: string, reason: string}} Ballot
 * @typedef {{id: string, place: number, proposal_id: string, name: string, pinyin: string, state: string, blocks: number,
 *   warnings: number, ballots: Ballot[], entitled: number, quorum: number, outcome: string | null,
 *   counts: Record<string, number> | null}} Item
 * @typedef {{id: string, held_on: string, title: string, unit_code: string, chair: string, members: string[],
 *   items: Item[]}} Meeting
 * @typedef {{item_id: string, status: "accepted" | "duplicate" | "rejected", code: string | null, detail: string | null}} VoteAnswer
 */

/** @returns {Promise<{meetings: Meeting[], ready: string[]}>} */
export function meetings() {
  return getJson("api/naming/meetings");
}

/** @param {string} id @returns {Promise<Meeting>} */
export function meeting(id) {
  return getJson(`api/naming/meetings/${encodeURIComponent(id)}`);
}

/** @param {{id: string, held_on: string, title: string, chair: string, members: string[]}} called @returns {Promise<Meeting>} */
export function callMeeting(called) {
  return sendJson("POST", "api/naming/meetings", called);
}

/**
 * One's own votes, each answered for itself.
 * @param {string} id
 * @param {{item_id: string, vote: string, reason: string}[]} votes
 * @returns {Promise<VoteAnswer[]>}
 */
export async function castVotes(id, votes) {
  /** @type {{results: VoteAnswer[]}} */
  const { results } = await sendJson("POST", `api/naming/meetings/${encodeURIComponent(id)}/votes`, { votes });
  return results;
}

/** @param {string} id @param {{item_id: string, minutes: string}} decision @returns {Promise<Meeting>} */
export function decideItem(id, decision) {
  return sendJson("POST", `api/naming/meetings/${encodeURIComponent(id)}/decisions`, decision);
}

/** @param {string} id @param {"pdf" | "docx"} form @param {string} language */
export function minutesAddress(id, form, language) {
  return address(`api/naming/meetings/${encodeURIComponent(id)}/minutes.${form}`, { language }).href;
}
