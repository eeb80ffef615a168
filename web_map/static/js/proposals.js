/** Asks the service about proposals of names and sends what is said and done on them; nothing shown, nothing kept. */
import { address, getJson, getWhole, sendJson } from "./api.js";

/**
 * @typedef {{code: string, severity: "block" | "warn" | "hint", subject: string[], evidence: Record<string, any>,
 *   message: {zh: string, en: string}}} Finding
 * @typedef {{event: string, target: string, actors: string[], records: string[], stops_at_blocks: boolean,
 *   open_blocks: string[]}} Step
 * @typedef {{id: string, event: string, state: string, actor: string, on: string, data: Record<string, any>,
 *   recorded_by: string, recorded_at: string}} Happened
 * @typedef {{name: string, pinyin: string, reading: string[], kind: string, action: string, former_name: string,
 *   state: string, unit_code: string, origin: string, meaning: string, length_m: number | null, width_m: number | null,
 *   road_class: string, comment_until: string | null, synthetic: boolean}} PublicFacts
 * @typedef {{id: string, geometry: object | null, properties: PublicFacts}} PublicProposal
 * @typedef {{type: string, features: PublicProposal[]}} PublicProposals
 */

/** What the public may speak to today, the period that ends first on top. @returns {Promise<PublicProposal[]>} */
export async function openForComment() {
  /** @type {PublicProposals} */
  const { features } = await getJson("api/naming/proposals", { state: "public_comment", limit: 200 });
  const ends = (/** @type {PublicProposal} */ { properties }) => properties.comment_until ?? "9999";
  return features.sort((a, b) => ends(a).localeCompare(ends(b)));
}

/**
 * @param {string} proposed
 * @param {{id: string, opinion: string, body: string, author: string, contact: string}} comment
 * @returns {Promise<{id: string, comment_until: string | null}>}
 */
export function sendComment(proposed, comment) {
  return sendJson("POST", `api/naming/proposals/${encodeURIComponent(proposed)}/comments`, comment);
}

/**
 * @typedef {{id: string, name: string, pinyin: string, kind: string, action: string, state: string, unit_code: string,
 *   blocks: number, warnings: number, open_opinions: number,
 *   deadline: {clock: string, due_on: string, days_left: number} | null}} BoardEntry
 * @typedef {PublicFacts & {profile: string, checked_at: string | null, blocks: number, warnings: number,
 *   alternatives: string[], applicant: {name: string, contact: string}, reasons: Record<string, string>,
 *   parent: string | null, findings: Finding[], records: Record<string, {text: string, document: string | null}>,
 *   overrides: Record<string, string>, open_opinions: number, steps: Step[],
 *   deadlines: {clock: string, due_on: string, days_left: number}[], events: Happened[], name_id: string | null}} Dossier
 * @typedef {{id: string, geometry: object | null, properties: Dossier}} Proposal
 * @typedef {{id: string, outcome: string, reason: string, recorded_by: string, recorded_at: string}} Disposition
 * @typedef {{id: string, opinion: string, body: string, author: string, contact: string, recorded_at: string,
 *   disposition: Disposition | null}} Comment
 * @typedef {{id: string, geometry: object | null,
 *   properties: {kind: string, name: string, source: string, counts: boolean}}} ScopeOutline
 */

/** @param {boolean} ended with those that are over @returns {Promise<{today: string, proposals: BoardEntry[]}>} */
export function board(ended) {
  return getJson("api/naming/board", { ended: ended || null });
}

/** @param {string} id @returns {Promise<Proposal>} */
export function proposal(id) {
  return getJson(`api/naming/proposals/${encodeURIComponent(id)}`);
}

/** @param {string} id @returns {Promise<ScopeOutline[]>} */
export async function scopesOf(id) {
  /** @type {{features: ScopeOutline[]}} */
  const { features } = await getJson(`api/naming/proposals/${encodeURIComponent(id)}/scopes`);
  return features;
}

/** @param {string} id @returns {Promise<{comments: Comment[], open: number}>} */
export function commentsOn(id) {
  return getJson(`api/naming/proposals/${encodeURIComponent(id)}/comments`);
}

/**
 * @param {string} id
 * @param {{id: string, event: string, data: object}} step
 * @returns {Promise<Proposal>}
 */
export function takeStep(id, step) {
  return sendJson("POST", `api/naming/proposals/${encodeURIComponent(id)}/events`, step);
}

/**
 * @param {string} proposed
 * @param {string} comment
 * @param {{id: string, outcome: string, reason: string}} disposition
 * @returns {Promise<Disposition>}
 */
export function disposeOf(proposed, comment, disposition) {
  const path = `api/naming/proposals/${encodeURIComponent(proposed)}/comments/${encodeURIComponent(comment)}`;
  return sendJson("POST", `${path}/dispositions`, disposition);
}

/** Where a paper of a proposal is had. @param {string} id @param {string} kind @param {"pdf" | "docx"} form @param {string} language */
export function paperAddress(id, kind, form, language) {
  return address(`api/naming/proposals/${encodeURIComponent(id)}/papers/${kind}.${form}`, { language }).href;
}

/**
 * A name examined as it would be in a proposal's place; nothing is recorded.
 * @param {Proposal} proposed
 * @param {string} name
 * @returns {Promise<{spelling: {toned: string, plain: string, sign: string}, findings: Finding[]}>}
 */
export function examine({ geometry, properties: { kind, unit_code, width_m, length_m, road_class, parent, reasons, profile } }, name) {
  return sendJson("POST", "api/naming/check", { name, kind, unit_code, geometry, width_m, length_m, road_class, parent, reasons, profile });
}

/**
 * The committee's amendment: the proposal goes back to its check with the reason, then bears the new name, which is
 * examined again. Tried again after a failure half way, it goes on where it stopped.
 * @param {Proposal} proposed
 * @param {{name: string, readings: string | null, reason: string}} amended
 */
export async function amend({ id }, { name, readings, reason }) {
  const path = `api/naming/proposals/${encodeURIComponent(id)}`;
  const before = await proposal(id);
  if (before.properties.state === "committee") {
    await takeStep(id, { id: crypto.randomUUID(), event: "amend", data: { records: { amendment: { text: reason } } } });
  }
  const answer = await getWhole(path);
  /** @type {Proposal} */
  const { geometry, properties: facts } = await answer.json();
  const kept = ["kind", "action", "unit_code", "width_m", "width_basis", "length_m", "road_class", "parent", "reasons", "profile", "former_name_id", "origin", "meaning", "applicant"];
  const body = Object.fromEntries(kept.map((field) => [field, /** @type {any} */ (facts)[field]]));
  const alternatives = facts.alternatives.filter((other) => other !== name);
  await sendJson("PUT", path, { ...body, name, readings, alternatives, geometry, former_name: facts.former_name || null }, { etag: answer.headers.get("ETag") ?? "" });
}
