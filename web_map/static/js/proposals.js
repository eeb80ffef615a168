/** Asks the service about proposals of names and sends what is said and done on them; nothing shown, nothing kept. */
import { ApiError, address, getJson, getWhole, sendJson } from "./api.js";

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
 *   alternatives: string[], alternative_readings: Record<string, string[]>, applicant: {name: string, contact: string}, reasons: Record<string, string>,
 *   parent: string | null, findings: Finding[], records: Record<string, {text: string, document: string | null}>,
 *   overrides: Record<string, string>, open_opinions: number, steps: Step[], width_basis: string | null,
 *   former_name_id: string | null,
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
 * @typedef {{character: string, reading: string, possible: string[], to_confirm: boolean}} ReadCharacter
 * @typedef {{kind: string, id: string, name: string, source: string, counts: boolean, geometry: object | null}} ScopeOfName
 * @typedef {{name: string, parts: {prefix: string, specific: string, modifiers: string, ordinal: string, generic: string},
 *   readings: ReadCharacter[], spelling: {toned: string, plain: string, sign: string}, scopes: ScopeOfName[],
 *   findings: Finding[]}} CheckedName
 */

/** A name examined while it is written; nothing is recorded. @param {object} asked @returns {Promise<CheckedName>} */
export function checkName(asked) {
  return sendJson("POST", "api/naming/check", asked);
}

/**
 * A proposal with the ETag that a change of it must name.
 * @param {string} id
 * @returns {Promise<{proposal: Proposal, etag: string}>}
 */
export async function proposalAsRead(id) {
  const answer = await getWhole(`api/naming/proposals/${encodeURIComponent(id)}`);
  return { proposal: await answer.json(), etag: answer.headers.get("ETag") ?? "" };
}

/**
 * Puts a proposal on record, or changes one as it was read; somebody else's change in between is refused with 412.
 * One whose receipt was lost on the way and that was written on since is changed: its id is of this page's making.
 * @param {{id: string} & Record<string, unknown>} written
 * @param {string | null} etag null for one that was never read
 */
export async function saveProposal({ id, ...facts }, etag) {
  const path = `api/naming/proposals/${encodeURIComponent(id)}`;
  if (etag !== null) {
    await sendJson("PUT", path, facts, { etag });
    return proposalAsRead(id);
  }
  try {
    await sendJson("POST", "api/naming/proposals", { id, ...facts });
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "naming.proposal_repeated") throw error;
    await sendJson("PUT", path, facts, { etag: (await proposalAsRead(id)).etag });
  }
  return proposalAsRead(id);
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
  const { proposal: read, etag } = await proposalAsRead(id);
  const { geometry, properties: facts } = read;
  const kept = ["kind", "action", "unit_code", "width_m", "width_basis", "length_m", "road_class", "parent", "reasons", "profile", "former_name_id", "origin", "meaning", "applicant"];
  const body = Object.fromEntries(kept.map((field) => [field, /** @type {any} */ (facts)[field]]));
  const alternatives = facts.alternatives.filter((other) => other !== name);
  const alternative_readings = Object.fromEntries(Object.entries(facts.alternative_readings).filter(([other]) => alternatives.includes(other)));
  await sendJson("PUT", path, { ...body, name, readings, alternatives, alternative_readings, geometry, former_name: facts.former_name || null }, { etag });
}
