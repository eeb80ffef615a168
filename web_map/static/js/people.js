/** Asks the service about the one who reads, about officers and tokens; one function a question, nothing shown. */
import { getJson, sendJson } from "./api.js";

export const ROLES = /** @type {const} */ ([
  "administrator",
  "boundary",
  "surveyor",
  "planner",
  "naming",
  "committee",
  "auditor",
]);
/** The jurisdiction that reaches everything. */
export const EVERYWHERE = "*";

/**
 * @typedef {import("./messages.js").Language} Language
 * @typedef {{signed_in: true, username: string, display_name: string, roles: string[], jurisdictions: string[],
 *   language: Language, demonstration: boolean, has_password: boolean, scopes: string[], session_id: string | null,
 *   expires_at: string | null, next: string | null}} Account
 * @typedef {{signed_in: false}} NotSignedIn
 * @typedef {{id: string, created_at: string, last_seen_at: string, expires_at: string, address: string | null,
 *   user_agent: string | null, current: boolean}} SignedInSession
 * @typedef {{id: string, label: string, hint: string, scopes: string[], created_at: string, expires_at: string,
 *   last_used_at: string | null, revoked_at: string | null}} Token
 * @typedef {{username: string, display_name: string, roles: string[], jurisdictions: string[], language: Language,
 *   oidc_username: string | null, demonstration: boolean, disabled_at: string | null, has_password: boolean,
 *   created_at: string, etag: string}} Officer
 * @typedef {Pick<Officer, "display_name" | "roles" | "jurisdictions" | "language" | "oidc_username">} OfficerFields
 */

/** @returns {Promise<Account | NotSignedIn>} */
export function whoAmI() {
  return getJson("api/session");
}

/** @param {{username: string, password: string, next?: string}} credentials @returns {Promise<Account>} */
export function signIn(credentials) {
  return sendJson("POST", "api/session", credentials);
}

/** @returns {Promise<null>} */
export function signOut() {
  return sendJson("DELETE", "api/session");
}

/** @param {{secret: string, password: string}} use @returns {Promise<Account>} */
export function signInByLink(use) {
  return sendJson("POST", "api/session/link", use);
}

/**
 * @param {Partial<{display_name: string, language: string, old_password: string, new_password: string}>} change
 * @returns {Promise<Account>}
 */
export function changeAccount(change) {
  return sendJson("PATCH", "api/session/account", change);
}

/** @returns {Promise<{sessions: SignedInSession[]}>} */
export function ownSessions() {
  return getJson("api/session/list");
}

/** @param {string} id @returns {Promise<null>} */
export function endSession(id) {
  return sendJson("DELETE", `api/session/${encodeURIComponent(id)}`);
}

/** @returns {Promise<{tokens: Token[]}>} */
export function ownTokens() {
  return getJson("api/tokens");
}

/** @param {{label: string, scopes: string[], days: number}} token @returns {Promise<Token & {token: string}>} */
export function makeToken(token) {
  return sendJson("POST", "api/tokens", token);
}

/** @param {string} id @returns {Promise<null>} */
export function revokeToken(id) {
  return sendJson("DELETE", `api/tokens/${encodeURIComponent(id)}`);
}

/** @returns {Promise<{officers: Officer[]}>} */
export function officers() {
  return getJson("api/officers");
}

/** @param {string} username @returns {Promise<Officer>} */
export function officer(username) {
  return getJson(`api/officers/${encodeURIComponent(username)}`);
}

/** @param {OfficerFields & {username: string}} wanted @returns {Promise<Officer>} */
export function createOfficer(wanted) {
  return sendJson("POST", "api/officers", wanted);
}

/**
 * Changes an officer as he was read; somebody else's change in between is refused with 412.
 * @param {{username: string, etag: string}} read
 * @param {Partial<OfficerFields> & {disabled?: boolean}} change
 * @returns {Promise<Officer>}
 */
export function changeOfficer({ username, etag }, change) {
  return sendJson("PATCH", `api/officers/${encodeURIComponent(username)}`, change, { etag });
}

/** @param {string} username @returns {Promise<{link: string, expires_at: string}>} */
export function makeLink(username) {
  return sendJson("POST", `api/officers/${encodeURIComponent(username)}/link`);
}
