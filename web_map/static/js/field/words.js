/** Figures and moments of the field app in the reader's language; computes nothing. */
import { number } from "../measures.js";
import { knows, say } from "../messages.js";
import { daysTo } from "./markers-here.js";
import { rose } from "./bearing.js";

/** @param {number} bytes */
export function bytesWords(bytes) {
  if (bytes < 1_000_000) return say("field.size.kb", { value: number(Math.max(1, bytes / 1000), 0) });
  return say("field.size.mb", { value: number(bytes / 1_000_000, 1) });
}

/** @param {number} distance_m */
export function distanceWords(distance_m) {
  if (distance_m < 100) return say("measure.m", { value: number(distance_m, 1) });
  if (distance_m < 1000) return say("measure.m", { value: number(distance_m, 0) });
  return say("measure.km", { value: number(distance_m / 1000, 2) });
}

/** @param {number} azimuth_deg */
export function directionWords(azimuth_deg) {
  const name = rose(azimuth_deg);
  return say("field.direction", { degrees: number(azimuth_deg, 0), rose: say(`field.rose.${name}`) });
}

/** @param {string | null} day */
export function dueWords(day) {
  if (!day) return say("field.due.never");
  const days = daysTo(day);
  if (days < 0) return say("field.due.overdue", { days: -days });
  return days === 0 ? say("field.due.today") : say("field.due.in", { days });
}

/** How long ago, in the coarsest unit that says enough. @param {string} instant */
export function agoWords(instant) {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(instant)) / 60_000));
  if (minutes < 60) return say("field.ago.minutes", { n: minutes });
  if (minutes < 48 * 60) return say("field.ago.hours", { n: Math.round(minutes / 60) });
  return say("field.ago.days", { n: Math.round(minutes / 1440) });
}

/** @param {number} ms */
export function clockWords(ms) {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  return say("field.clock", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}

/** What kind of record waits. @param {string} type */
export function typeWords(type) {
  return knows(`field.type.${type}`) ? say(`field.type.${type}`) : type;
}
