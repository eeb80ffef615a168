/** Asks the service what is due; nothing shown and nothing kept. */
import { address, getJson } from "./api.js";
import { language } from "./messages.js";

/**
 * @typedef {{unit: string, line: string, kind: string, days_ahead: string}} DueQuestion an empty value asks for any
 * @typedef {"overdue" | "soon" | "ahead"} DueState
 * @typedef {{kind: string, subject: string, line_code: string, unit: string | null, due_on: string, state: DueState,
 *   never_done: boolean}} DueEntry
 * @typedef {{on: string, days_ahead: number, by_state: Partial<Record<DueState, number>>,
 *   by_kind: Record<string, number>, more: string[], entries: DueEntry[]}} DueAnswer
 */

/** @param {DueQuestion} asked @param {AbortSignal} [signal] @returns {Promise<DueAnswer>} */
export function due(asked, signal) {
  return getJson("api/due", asked, signal);
}

/** Where the same is had as a calendar file. @param {DueQuestion} asked */
export function calendarFile(asked) {
  return address("api/due.ics", { ...asked, language: language() }).href;
}
