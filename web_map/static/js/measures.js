/** Writes figures the way the reader's language does; refuses to compute them. */
import { language, say } from "./messages.js";

/** @param {number} area_m2 square metres on the ellipsoid @returns {string} e.g. `2,289.4 km²` */
export function area(area_m2) {
  const km2 = area_m2 / 1e6;
  return say("measure.km2", { value: number(km2, km2 < 10 ? 3 : km2 < 1000 ? 2 : 1) });
}

/** @param {number} length_m metres on the ellipsoid */
export function length(length_m) {
  if (length_m < 1000) return say("measure.m", { value: number(length_m, 0) });
  return say("measure.km", { value: number(length_m / 1000, 2) });
}

/** @param {number} value @param {number} digits after the point, always shown */
export function number(value, digits) {
  return new Intl.NumberFormat(language(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(value);
}

/** @param {string | null | undefined} day ISO date @returns {string} e.g. `2012年7月24日` */
export function date(day) {
  if (!day) return "";
  const [year, month, dayOfMonth] = day.split("-").map(Number);
  return new Intl.DateTimeFormat(language(), { dateStyle: "long", timeZone: "UTC" }).format(
    Date.UTC(year, month - 1, dayOfMonth),
  );
}

/**
 * A stretch of valid time, open ends said in words.
 * @param {string | null | undefined} from
 * @param {string | null | undefined} to
 */
export function period(from, to) {
  if (from && to) return say("time.from_to", { from: date(from), to: date(to) });
  if (from) return say("time.since", { from: date(from) });
  if (to) return say("time.until", { to: date(to) });
  return say("time.unknown");
}
