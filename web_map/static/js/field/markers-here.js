/** The markers on the device, with their signs, tasks and ways from here; shows nothing. */
import { entries } from "../legend.js";
import { signsOf } from "../markers.js";
import { bearing } from "./bearing.js";
import { all, one } from "./store.js";

/** @typedef {import("./store.js").PackedMarker} PackedMarker */
/** @typedef {import("./store.js").Pack} Pack */
/** @typedef {{lon: number, lat: number}} Place */

/** What is due within so many days is a task, as the office counts it. */
const TASK_DAYS = 30;
const FALLBACK = { capture_accuracy_m: 10, report_hours: 12, tolerance_m: 1 };

/** @returns {Promise<PackedMarker[]>} */
export function markersHere() {
  return all("markers");
}

/** @param {string} code @returns {Promise<PackedMarker | undefined>} */
export function markerHere(code) {
  return one("markers", code);
}

/** The packs that hold a marker, the latest first; the rules and names that came with them. @param {string} code */
export async function packOf(code) {
  const packs = /** @type {Pack[]} */ (await all("packs")).filter(({ codes }) => codes.includes(code));
  packs.sort((a, b) => b.taken_at.localeCompare(a.taken_at));
  return { policy: packs[0]?.policy ?? FALLBACK, units: packs[0]?.units ?? {} };
}

/** @param {PackedMarker} marker */
export function signOf({ state }) {
  const signs = signsOf(null);
  const fits = signs.find(({ colour, shape }) => colour === state.colour && shape === state.shape);
  return fits ?? signs.find(({ colour }) => colour === state.colour) ?? { colour: state.colour, shape: state.shape, ink: entries("marker_signs")[0]?.colour ?? "", label: state.colour };
}

/** Whether there is something to do about a marker soon. @param {PackedMarker} marker */
export function isTask({ state, cases }) {
  if (cases.length > 0) return true;
  if (["retired", "not_set"].includes(state.condition)) return false;
  return state.next_due_on === null || daysTo(state.next_due_on) <= TASK_DAYS;
}

/** Days from today to a date, negative when it is past. @param {string} day */
export function daysTo(day) {
  const now = new Date();
  const today = Date.UTC(now.getFullYear(), now.getMonth(), now.getDate());
  return Math.round((Date.parse(day) - today) / 86_400_000);
}

/** Distance and direction to a marker, null where either place is unknown. @param {Place | null} here @param {PackedMarker} marker */
export function wayTo(here, { form }) {
  return here && form.legal_position ? bearing(here, form.legal_position) : null;
}

/** @param {PackedMarker[]} markers @param {"due" | "distance"} order @param {Place | null} here */
export function ordered(markers, order, here) {
  const far = (/** @type {PackedMarker} */ marker) => wayTo(here, marker)?.distance_m ?? Infinity;
  const due = (/** @type {PackedMarker} */ { state }) => state.next_due_on ?? "0000";
  const by = order === "distance" && here ? (/** @type {PackedMarker} */ a, /** @type {PackedMarker} */ b) => far(a) - far(b) : null;
  return [...markers].sort((a, b) => (by?.(a, b) ?? 0) || due(a).localeCompare(due(b)) || a.code.localeCompare(b.code));
}
