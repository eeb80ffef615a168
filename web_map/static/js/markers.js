/** Asks the service about markers, their inspections and cases; one function a question, nothing shown, nothing kept. */
import { ApiError, getJson, putBytes, sendJson } from "./api.js";
import { entries } from "./legend.js";
import { language } from "./messages.js";

/**
 * @typedef {import("./state.js").MarkerFilter} MarkerFilter
 * @typedef {{as_of?: string | null, profile?: string | null} & MarkerFilter} Question
 * @typedef {{code: string, shape: string, rule: string, since: string | null}} MarkerColour
 * @typedef {{lon: number, lat: number, accuracy_m: number | null, height_m?: number | null, method?: string,
 *   original?: {north: number, east: number, epsg: number} | null}} LegalPosition
 * @typedef {{name: string, azimuth_deg: number, azimuth_kind: string, distance_m: number}} ReferenceObject
 * @typedef {{measure?: string, value?: number, limit?: number, device?: string, due_on?: string, due_at?: string,
 *   last_message_at?: string, silent_hours?: number, captured_at?: string, received_at?: string, happened_at?: string,
 *   clock_skew_s?: number, policy?: string, message?: string, message_id?: string}} AlertEvidence
 * @typedef {{id: string | null, code: string, weight: "alarm" | "attention", marker_code: string | null,
 *   line_code: string | null, unit_codes: string[], since: string, subject: string[], evidence: AlertEvidence}} Alert
 * @typedef {{fact: string, value: string | boolean, evidence: string[]}} Because
 * @typedef {{rule: string, because: Because[], policy?: string, label?: {zh: string, en: string},
 *   profile?: {code: string, version: number}}} Why
 */

/**
 * A marker as a list gives it.
 * @typedef {{code: string, number: string, name: string, line_code: string, unit_codes: string[],
 *   managing_unit: string | null, grade: string, set_kind: string, faces: number, colour: MarkerColour,
 *   condition: string, condition_confirmed: boolean, position_check: string, currency: string,
 *   patrol_currency: string, joint_currency: string, case_stage: string, review_pending: boolean,
 *   last_inspected_at: string | null, next_due_on: string | null, patrol_due_on: string | null,
 *   joint_due_on: string | null, synthetic: boolean, version: number, valid_from: string,
 *   valid_to: string | null}} MarkerProperties
 */

/**
 * A marker with its whole form; what tells the place exactly is missing where the asker may not know it.
 * @typedef {MarkerProperties & {material?: string, set_code?: string | null, post_unit?: string | null,
 *   guardian?: string | null, locations?: string[], feature_relation?: string, inscriptions?: string[],
 *   set_on?: string | null, legal_instrument?: string, public?: boolean, legal_position?: LegalPosition | null,
 *   reference_objects?: ReferenceObject[], position_description?: string,
 *   generated_description?: {zh: string, en: string}, description_differences?: object[], source?: string,
 *   form?: Record<string, unknown>, aliases?: {number: string, valid_from: string | null, valid_to: string | null}[],
 *   under_contract?: boolean, alerts?: Alert[], why: Why}} MarkerDetails
 */

/**
 * @typedef {{lon: number, lat: number, accuracy_m: number | null, fix_type: number | null, source: string | null,
 *   satellites?: number | null, hdop?: number | null, averaged?: number}} Fix
 * @typedef {{verdict: string, offset_m: number | null, limit_m: number | null, azimuth_deg: number | null,
 *   reference?: {verdict: string, shift_m: number | null, limit_m: number | null, disagreeing: string[], left_out: string[]}}} Displacement
 * @typedef {{sha256: string, shows: string, arrived: boolean}} Photo
 * @typedef {{id: string, accepted: boolean, reason: string, person: string, recorded_at: string}} Review
 * @typedef {{code: string, subject: string[], evidence: Record<string, unknown>}} Finding
 * @typedef {{id: string, kind: string, captured_at: string, happened_at: string, received_at: string, clock_skew_s?: number, device: string,
 *   person: string, unit: string, condition: string, judged_condition: string, components: Record<string, string>,
 *   observed_position: Fix | null, position_check: string, displacement: Displacement, actions: string[],
 *   note: string, remarks: Finding[], photos: Photo[], reviews: Review[] | null}} Inspection
 * @typedef {{id: string, case_id: string, event: string, happened_at: string, captured_at?: string | null, clock_skew_s?: number,
 *   recorded_at: string, person: string,
 *   unit: string, capacity: string, records: Record<string, unknown>}} CaseEvent
 * @typedef {{since: string, until: string | null, colour: string, shape: string, rule: string,
 *   because: Because[]}} ColourSpan
 * @typedef {{id: string, kind: string, about: string | null, happened_at: string, recorded_at: string, person: string,
 *   content: Record<string, unknown>}} OtherRecord
 * @typedef {{id: string, version: number | null, changes: Record<string, unknown>, applied: boolean, reason: string,
 *   captured_at: string | null, clock_skew_s?: number, recorded_at: string, recorded_by: string | null, device?: string,
 *   decision?: EditDecision | null}} FormEdit
 * @typedef {{id: string, reason: string, version: number | null, recorded_at: string, recorded_by: string,
 *   choices: Record<string, {take: string, standing: unknown, brought: unknown, value: unknown}>}} EditDecision
 * @typedef {{id: string, marker_code: string, number: string, changes: Record<string, unknown>, recorded_at: string,
 *   recorded_by: string, device: string, decision: EditDecision | null}} WaitingEdit
 * @typedef {{code: string, profile: string, spans: ColourSpan[], inspections: Inspection[], case_events?: CaseEvent[],
 *   records?: OtherRecord[], edits?: FormEdit[]}} MarkerHistory
 * @typedef {{id: string, marker_code: string, line_code: string, unit_codes: string[], kind: string, stage: string,
 *   opened_at: string, opened_by: string, last_event_at: string}} ListedCase
 * @typedef {ListedCase & {events: CaseEvent[], possible: string[]}} CaseFile
 * @typedef {{unit_code: string, total: number, by_colour: Record<string, number>}} UnitCount
 * @typedef {{profile: string, as_of: string, total: number, by_colour: Record<string, number>,
 *   by_condition: Record<string, number>, by_case_stage: Record<string, number>, by_unit: UnitCount[]}} Summary
 */

/**
 * @template P
 * @typedef {import("./boundaries.js").Feature<P>} Feature
 */

/**
 * @param {Question & {geometry?: "full" | "none", limit?: number, cursor?: string | null, q?: string}} question
 * @param {AbortSignal} [signal]
 * @returns {Promise<import("./boundaries.js").FeatureCollection<MarkerProperties> & {links: {rel: string, href: string}[]}>}
 */
export function markers(question, signal) {
  return getJson("api/markers", { geometry: "none", ...question }, signal);
}

/** @param {Question} question @param {AbortSignal} [signal] @returns {Promise<Summary>} */
export function markerSummary(question, signal) {
  return getJson("api/markers/summary", question, signal);
}

/** @param {string} code @param {Question} question @param {AbortSignal} [signal] @returns {Promise<Feature<MarkerDetails>>} */
export function markerDetails(code, { as_of, profile }, signal) {
  return getJson(`api/markers/${encodeURIComponent(code)}`, { as_of, profile }, signal);
}

/** @param {string} code @param {Question} question @param {AbortSignal} [signal] @returns {Promise<MarkerHistory>} */
export function markerHistory(code, { as_of, profile }, signal) {
  return getJson(`api/markers/${encodeURIComponent(code)}/history`, { as_of, profile }, signal);
}

/** @param {string} code @param {object} record @returns {Promise<{id: string, findings: Finding[], colour: MarkerColour}>} */
export function recordInspection(code, record) {
  return sendJson("POST", `api/markers/${encodeURIComponent(code)}/inspections`, record);
}

/** @param {string} inspection_id @param {object} review @returns {Promise<{accepted: boolean, colour: MarkerColour}>} */
export function reviewInspection(inspection_id, review) {
  return sendJson("POST", `api/inspections/${inspection_id}/reviews`, review);
}

/** Changes made offline that wait for a reviewer, the oldest first. @param {AbortSignal} [signal] @returns {Promise<{edits: WaitingEdit[]}>} */
export function waitingEdits(signal) {
  return getJson("api/edits", { decided: "false" }, signal);
}

/** @param {string} edit_id @param {object} decision @returns {Promise<WaitingEdit>} */
export function decideEdit(edit_id, decision) {
  return sendJson("POST", `api/edits/${edit_id}/decision`, decision);
}

/**
 * What stands open, alarms first. @param {{as_of?: string | null, unit?: string, line?: string, kind?: string}} question
 * @param {AbortSignal} [signal] @returns {Promise<{alerts: Alert[], by_code: Record<string, number>, more: string[]}>}
 */
export function openAlerts({ as_of, unit, line, kind }, signal) {
  return getJson("api/alerts", { as_of, unit, line, kind }, signal);
}

/** @param {string} alarm @param {{id: string, found: string}} answer */
export function acknowledgeAlarm(alarm, answer) {
  return sendJson("POST", `api/alerts/${alarm}/acknowledgement`, answer);
}

/** @param {string} code @param {AbortSignal} [signal] @returns {Promise<{cases: ListedCase[]}>} */
export function casesOf(code, signal) {
  return getJson(`api/markers/${encodeURIComponent(code)}/cases`, {}, signal);
}

/** @param {string} case_id @param {AbortSignal} [signal] @returns {Promise<CaseFile>} */
export function caseFile(case_id, signal) {
  return getJson(`api/cases/${case_id}`, {}, signal);
}

/** @param {string} code @param {object} step @returns {Promise<{case: CaseFile, colour: MarkerColour}>} */
export function openCase(code, step) {
  return sendJson("POST", `api/markers/${encodeURIComponent(code)}/cases`, step);
}

/** @param {string} case_id @param {object} step @returns {Promise<{case: CaseFile, colour: MarkerColour}>} */
export function stepCase(case_id, step) {
  return sendJson("POST", `api/cases/${case_id}/events`, step);
}

/** @param {string} sha256 */
export function photoPath(sha256) {
  return `api/photos/${sha256}`;
}

/** @type {Map<string, Promise<void>>} */
const on_its_way = new Map();

/**
 * Send a photo whole; the same bytes chosen for two fields are sent once, and both wait for that.
 * @param {string} sha256
 * @param {Blob} bytes
 * @returns {Promise<void>}
 */
export function sendPhoto(sha256, bytes) {
  const sent =
    on_its_way.get(sha256) ??
    sendUnlessBusy(sha256, bytes).finally(() => {
      on_its_way.delete(sha256);
    });
  on_its_way.set(sha256, sent);
  return sent;
}

const BUSY_TRIES = 20;
const BUSY_MS = 500;

/** Where another page or device is sending it, wait and see it arrived. @param {string} sha256 @param {Blob} bytes */
async function sendUnlessBusy(sha256, bytes, tries = BUSY_TRIES) {
  try {
    await putBytes(photoPath(sha256), bytes);
  } catch (error) {
    if (!(error instanceof ApiError && error.code === "photo.upload_busy" && tries > 0)) throw error;
    await new Promise((go_on) => {
      setTimeout(go_on, BUSY_MS);
    });
    await sendUnlessBusy(sha256, bytes, tries - 1);
  }
}

/** The office's own profile, by its settings. */
let office_profile = "";

/** @param {string} code */
export function useOfficeProfile(code) {
  office_profile = code;
}

/**
 * The signs of a colour profile with their words, in the order of its rules.
 * @param {string | null} profile
 * @returns {import("./map/marker-layer.js").NamedSign[]}
 */
export function signsOf(profile) {
  const code = profile ?? office_profile;
  return entries("marker_signs")
    .filter((entry) => entry.profile === code)
    .map(({ code: name, shape = "circle", colour = "", zh, en }) => ({
      colour: name,
      shape,
      ink: colour,
      label: language() === "en" ? en : zh,
    }));
}

/** The colour profiles to choose from, the office's own first. */
export function profiles() {
  return [...entries("colour_profiles")].sort((a, b) => Number(b.code === office_profile) - Number(a.code === office_profile));
}

/** @type {Map<string, Promise<Map<string, string>>>} */
const names = new Map();

/**
 * Names by code of the units or lines of a day, for choices and tables; asked once.
 * @param {"units" | "lines"} what
 * @param {string | null} as_of
 * @returns {Promise<Map<string, string>>}
 */
export function namesOf(what, as_of) {
  const key = `${what} ${as_of ?? ""} ${language()}`;
  const known = names.get(key);
  if (known) return known;
  const asked = listed(what, as_of).then((features) => new Map(features.map(nameOf)));
  names.set(key, asked);
  asked.catch(() => names.delete(key));
  return asked;
}

/** @param {"units" | "lines"} what @param {string | null} as_of @returns {Promise<Feature<any>[]>} */
async function listed(what, as_of) {
  const question = { as_of, geometry: "none", limit: 1000, ...(what === "units" && { level: "county" }) };
  /** @type {import("./boundaries.js").FeatureCollection<any>} */
  const page = await getJson(`api/boundaries/${what}`, question);
  return page.features;
}

/** @param {Feature<any>} feature @returns {[string, string]} */
function nameOf({ properties: { code, line_code, name, pinyin } }) {
  return [code ?? line_code, (language() === "en" && pinyin) || (name ?? line_code)];
}

/** An id for a new record. Made of random bytes, as browsers give ready-made ones over encrypted connections only. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
