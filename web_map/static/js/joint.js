/** Asks the service about joint inspections and sends what a side does; nothing shown and nothing kept. */
import { address, getJson, sendJson } from "./api.js";
import { newId } from "./markers.js";
import { language } from "./messages.js";

/**
 * @typedef {{line_code: string, name: string, year: number, lead: string, cooperating: string[], length_km: number,
 *   last_on: string | null, last_lead: string | null, done_on: string | null, due_on: string | null,
 *   needs_consent: boolean, joint_id: string | null, own: boolean}} PlannedLine
 * @typedef {{cycle_start: string, years: number[], findings: Finding[], lines: PlannedLine[]}} Plan
 * @typedef {{code: string, description: string, document: string, valid_from: string, valid_to: string | null,
 *   end_document: string | null}} OtherMark
 * @typedef {{total: number | null, single: number | null, double: number | null, triple: number | null, document: string}} Counts
 * @typedef {{line_code: string, other_marks: OtherMark[], declared: Counts | null, findings: Finding[]}} JointLine
 * @typedef {{id: string, line_code: string, cycle_start: string, year: number, sides: string[], lead: string,
 *   stage: string, tasks: number, tasks_recorded: number, disagreements: number}} ListedJoint
 * @typedef {{order: number, kind: string, subjects: string[], along_m: number, length_m: number, sides: string[],
 *   checklist: string[]}} Task
 * @typedef {{happened_at: string, captured_at: string | null, clock_skew_s: number, device: string | null, recorded_at: string}} Clocks
 * @typedef {{task: number, side: string, person: string, condition: string | null, answers: Record<string, string>,
 *   note: string} & Clocks} SideRecord
 * @typedef {{task: number, text: string, agreed_by: string[], condition: string | null, responsible: string | null,
 *   measure: string | null, deadline: string | null} & Clocks} Opinion
 * @typedef {{side: string, person: string, document: string, signed_at: string, method: string, sheet: string | null} & Clocks} Signature
 * @typedef {{code: string, subject: string[], evidence: Record<string, any>}} Finding
 * @typedef {{task: number, subjects: string[], responsible: string, measure: string, deadline: string,
 *   done_on: string | null}} WorkOrder
 * @typedef {ListedJoint & {name: string | null, own_sides: string[], next_lead: string, etag: string,
 *   plan_document: string | null, report_document: string | null, indoor_minutes: string | null,
 *   filing_number: string | null, filed_on: string | null, archived_in: string[], task_list: Task[],
 *   records: SideRecord[], opinions: Opinion[], signatures: Signature[], field_papers: string[], disagreements_found: Finding[],
 *   unsettled: Finding[], next_stage: string, missing: string[], work_orders: WorkOrder[]}} Joint
 */

const ALL = "api/joint-inspections";

/** The plan of the round that we are in. @returns {Promise<Plan>} */
export function roundPlan() {
  return getJson(`${ALL}/plan`);
}

/** @param {{line?: string}} [of] @returns {Promise<{joint_inspections: ListedJoint[]}>} */
export function jointsBegun(of = {}) {
  return getJson(ALL, of);
}

/** @param {string} id @returns {Promise<Joint>} */
export function jointInspection(id) {
  return getJson(`${ALL}/${encodeURIComponent(id)}`);
}

/** @param {{line_code: string, year: number, lead?: string, consent?: string}} asked @returns {Promise<Joint>} */
export function beginJoint(asked) {
  return sendJson("POST", ALL, { id: newId(), ...asked });
}

/**
 * What a side puts on file: it is only ever added to.
 * @param {string} id
 * @param {"records" | "opinions" | "signatures" | "completions"} kind
 * @param {Record<string, unknown>} content
 */
export function addTo(id, kind, content) {
  return sendJson("POST", `${ALL}/${id}/${kind}`, { id: newId(), ...content });
}

/**
 * Changes what stands on the inspection itself, as it was read.
 * @param {Joint} joint
 * @param {"" | "/filing" | "/archive"} what
 * @param {Record<string, unknown>} content
 */
export function carryOn({ id, etag }, what, content) {
  return sendJson(what ? "POST" : "PATCH", `${ALL}/${id}${what}`, content, { etag });
}

/** The line compared with its documents. @param {string} line_code @returns {Promise<JointLine>} */
export function jointLine(line_code) {
  return getJson(`${ALL}/lines/${line_code}`);
}

/** @param {string} line_code @param {Record<string, unknown>} mark */
export function addOtherMark(line_code, mark) {
  return sendJson("POST", `${ALL}/lines/${line_code}/other-marks`, { id: newId(), ...mark });
}

/** @param {string} line_code @param {string} code of the mark @param {{valid_to: string, document: string}} ending */
export function endOtherMark(line_code, code, ending) {
  return sendJson("POST", `${ALL}/lines/${line_code}/other-marks/${encodeURIComponent(code)}/end`, ending);
}

/** @param {string} line_code @param {Record<string, unknown>} counts */
export function addCounts(line_code, counts) {
  return sendJson("POST", `${ALL}/lines/${line_code}/counts`, { id: newId(), ...counts });
}

/** Where a paper of an inspection is fetched. @param {string} id @param {string} name @param {"pdf" | "docx"} form */
export function paperAddress(id, name, form) {
  return address(`${ALL}/${id}/${name}.${form}`, { language: language() }).href;
}
