/** Asks the service about hubs and plans; one function a question, nothing shown and nothing kept. */
import { getJson, sendJson } from "./api.js";

/**
 * @typedef {{id: string, name: string, lon: number, lat: number, status: string, capacity?: number | null}} PlacedHub
 * @typedef {{code: string | null, name: string | null, total_weight: number, covered_weight: number,
 *   covered_share: number | null}} UnitShare
 * @typedef {{rank: number, weight: number, excess_m: number, lon: number, lat: number, unit_name: string | null,
 *   nearest_hub: string | null, nearest_m: number | null}} Gap
 * @typedef {{metric: string, limit_m: number, total_weight: number, covered_weight: number, covered_share: number,
 *   units: UnitShare[], hubs: {id: string, covered_weight: number, snapped: boolean}[], gaps: Gap[],
 *   straight_line: {covered_weight: number, covered_share: number, circle_only_weight: number},
 *   cells: {times_served: number[], hub: number[], distance_m: number[]}, searches: number}} LiveAnswer
 * @typedef {{ids: string[], lon: number[], lat: number[], weight: number[]}} Cells
 * @typedef {{hubs: PlacedHub[], limit_m: number, metric: "walking" | "straight_line"}} Plan
 * @typedef {{id: string, name: string, limit_m: number, metric: "walking" | "straight_line", hubs: PlacedHub[],
 *   changed_by: string, changed_at: string, etag: string}} Scenario
 * @typedef {{id: string, state: string, progress: number, result: SitingResult | null,
 *   problem: {code: string} | null}} SitingJob
 * @typedef {{status: string, sites: string[], places: PlacedHub[], objective: number | null, bound: number | null,
 *   gap: number | null, reason?: string | null}} SitingResult
 * @typedef {{id: string | null, name: string | null, hubs: number, limit_m: number, covered_weight: number, covered_share: number,
 *   equity: {worst_unit: {name: string, covered_share: number} | null, share_beyond_limit: Record<string, number | null>,
 *   gini_of_walk: number | null, palma_of_walk: number | null}}} Assessed
 * @typedef {{added: string[], removed: string[], moved: string[], altered: string[]}} HubChanges
 * @typedef {{a: Assessed, b: Assessed, hubs: HubChanges,
 *   difference: {covered_weight: number, gained_weight: number, lost_weight: number, nearer_weight: number,
 *   gained: string[], lost: string[],
 *   units: {name: string | null, total_weight: number, a: number | null, b: number | null, gained_weight: number}[]},
 *   steps: {recorded_at: string, recorded_by: string, change: HubChanges}[]}} Comparison
 * @typedef {{name: string, source: string | null, counted_on?: string | null, dated_on?: string | null}} Material
 * @typedef {{cells?: {ids: string[], lon: number[], lat: number[], times_served: number[]}, demand?: Material,
 *   network?: Material | null}} Reached
 */

/** Hubs of the register that take part in a plan: those that stand, and those that may. */
export async function registeredHubs() {
  const answer = await getJson("api/hubs", { limit: 1000 });
  return /** @type {{geometry: {coordinates: [number, number]}, properties: any}[]} */ (answer.features).map(
    ({ geometry, properties }) => ({
      id: properties.code,
      name: properties.name,
      lon: geometry.coordinates[0],
      lat: geometry.coordinates[1],
      status: properties.status,
      capacity: properties.capacity,
    }),
  );
}

/** The cells of the newest demand, in the order of every later answer. @returns {Promise<Cells>} */
export async function demandCells() {
  const question = { hubs: [], limit_m: 1000, metric: "straight_line", by: null, cells: true };
  return (await sendJson("POST", "api/hubs/coverage", question)).cells;
}

/** Whom the hubs reach as they stand now. @param {Plan} plan @returns {Promise<LiveAnswer>} */
export function livePlan({ hubs, limit_m, metric }) {
  const placed = hubs.map(({ id, lon, lat, capacity }) => ({ id, lon, lat, capacity: capacity ?? null }));
  return sendJson("POST", "api/hubs/coverage/live", { hubs: placed, limit_m, metric });
}

/** The ground of each hub. @param {Plan} plan */
export function planAreas({ hubs, limit_m }) {
  return sendJson("POST", "api/hubs/areas", { hubs: hubs.map(({ id, lon, lat }) => ({ id, lon, lat })), limit_m });
}

/** @returns {Promise<{code: string, zh: string, en: string, radius_m: number}[]>} */
export async function radii() {
  const { radii: standard, office } = await getJson("api/hubs/presets");
  return [...standard, ...office];
}

/** @returns {Promise<Scenario[]>} */
export async function scenarios() {
  return (await getJson("api/hubs/scenarios")).scenarios;
}

/** @param {string} name @param {Plan} plan @returns {Promise<Scenario>} */
export function saveScenario(name, { hubs, limit_m, metric }) {
  const placed = hubs.map(({ id, name: words, lon, lat, status, capacity }) => ({ id, name: words, lon, lat, status, capacity }));
  return sendJson("POST", "api/hubs/scenarios", { name, limit_m, metric, hubs: placed });
}

/** @param {string} id @returns {Promise<Scenario>} */
export function scenario(id) {
  return getJson(`api/hubs/scenarios/${id}`);
}

/** Two plans side by side; without the first, what exists now. @param {string | null} a @param {string} b @param {string} by @returns {Promise<Comparison>} */
export function comparison(a, b, by) {
  return getJson("api/hubs/scenarios/compare", { a, b, by });
}

/** Who is reached, cell by cell, and what that rests on; nothing of it where there are so many that it is a job. @param {string} id @returns {Promise<Reached>} */
export function scenarioCells(id) {
  return sendJson("POST", "api/hubs/coverage", { scenario: id, by: null, cells: true });
}

/** Where p hubs, those of the plan among them, cover most. @param {Plan} plan @param {number} p @returns {Promise<SitingJob>} */
export function startSiting({ hubs, limit_m, metric }, p) {
  const keep = hubs.map(({ id, lon, lat }) => ({ id, lon, lat }));
  return sendJson("POST", "api/hubs/siting", { method: "mclp", p, limit_m, metric, keep, time_limit_s: 60 });
}

/** @param {string} id @returns {Promise<SitingJob>} */
export function sitingJob(id) {
  return getJson(`api/jobs/${id}`);
}

/** @param {string} id @returns {Promise<SitingJob>} */
export function cancelSiting(id) {
  return sendJson("DELETE", `api/jobs/${id}`);
}
