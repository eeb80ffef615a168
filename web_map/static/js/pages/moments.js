/** Writes points in time the way the reader's language does; refuses to compute with them. */
import { make } from "../elements.js";
import { language, say } from "../messages.js";

/**
 * @param {string} at ISO date and time
 * @param {boolean} [exact] to the second
 * @returns {string} e.g. `2026年11月22日 12:40`, in the reader's own time zone
 */
export function moment(at, exact = false) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: exact ? "medium" : "short" }).format(
    new Date(at),
  );
}

/** @param {string | null} at @param {boolean} [exact] */
export function timeOf(at, exact) {
  return at === null ? say("time.never") : make("time", { datetime: at }, moment(at, exact));
}

/** Whether a moment lies behind us. @param {string} at */
export function isPast(at) {
  return new Date(at).getTime() <= Date.now();
}

/** The beginning of a calendar day of the reader's, or of the day after it. @param {string} day @param {number} [after] */
export function startOfDay(day, after = 0) {
  const [year, month, date] = day.split("-").map(Number);
  return new Date(year, month - 1, date + after).toISOString();
}
