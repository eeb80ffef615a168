/** Asks the service what is due; nothing shown and nothing kept. */
import { address, getJson, sendJson } from "./api.js";
import { language } from "./messages.js";

/**
 * @typedef {{unit: string, line: string, kind: string, days_ahead: string}} DueQuestion an empty value asks for any
 * @typedef {"overdue" | "soon" | "ahead"} DueState
 * @typedef {{kind: string, subject: string, line_code: string | null, unit: string | null, due_on: string, state: DueState,
 *   never_done: boolean, joint_id: string | null,
 *   proposal_id: string | null, meeting_id: string | null}} DueEntry
 * @typedef {{on: string, days_ahead: number, by_state: Partial<Record<DueState, number>>,
 *   by_kind: Record<string, number>, more: string[], entries: DueEntry[]}} DueAnswer
 */

const ADDRESS = "api/due/calendar-address";

/** @param {DueQuestion} asked @param {AbortSignal} [signal] @returns {Promise<DueAnswer>} */
export function due(asked, signal) {
  return getJson("api/due", asked, signal);
}

/** Where the same is had as a calendar file. @param {DueQuestion} asked */
export function calendarFile(asked) {
  return address("api/due.ics", { ...asked, language: language() }).href;
}

/**
 * @typedef {{hint: string, created_at: string, expires_at: string, last_used_at: string | null}} CalendarAddress
 */

/** The calendar address that one has; its secret is not told again. @returns {Promise<{address: CalendarAddress | null}>} */
export function ownCalendarAddress() {
  return getJson(ADDRESS);
}

/** Makes one's calendar address; the one before answers no more. @returns {Promise<CalendarAddress & {path: string}>} */
export function makeCalendarAddress() {
  return sendJson("POST", ADDRESS);
}

/** @returns {Promise<null>} */
export function revokeCalendarAddress() {
  return sendJson("DELETE", ADDRESS);
}

/** A calendar address as a calendar program reads it, with what the board asks for. @param {string} path @param {DueQuestion} asked */
export function calendarAddress(path, asked) {
  return address(path, { ...asked, language: language() }).href;
}
