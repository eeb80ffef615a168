/** Asks the service about addresses that are told of changes and sends what is done about them; nothing shown and nothing kept. */
import { getJson, sendJson } from "./api.js";

/** What can be told of: as the service has it. */
export const LAYERS = /** @type {const} */ (["units", "lines", "tripoints", "markers", "names", "signs", "hubs", "coverage"]);

/**
 * @typedef {{id: string, layers: string[], state: "waiting" | "delivered" | "failed", attempts: number, answered: number | null,
 *   failure: string | null, created_at: string, next_attempt_at: string | null, ended_at: string | null}} Delivery
 * @typedef {{id: string, label: string, url: string, layers: string[], created_by: string, created_at: string,
 *   paused_at: string | null, former_secret_until: string | null}} Webhook
 * @typedef {Webhook & {last_delivery: Delivery | null}} ListedWebhook
 * @typedef {Webhook & {secret: string}} MadeWebhook
 */

const ALL = "api/webhooks";

/** @param {string} id @param {string} [act] */
const one = (id, act) => `${ALL}/${encodeURIComponent(id)}${act ? `/${act}` : ""}`;

/** The addresses that stand, the newest first. @returns {Promise<{webhooks: ListedWebhook[]}>} */
export function webhooks() {
  return getJson(ALL);
}

/** @param {{label: string, url: string, layers: string[]}} asked @returns {Promise<MadeWebhook>} */
export function addWebhook(asked) {
  return sendJson("POST", ALL, asked);
}

/** The log of an address, the newest message first. @param {string} id @returns {Promise<{deliveries: Delivery[]}>} */
export function deliveriesOf(id) {
  return getJson(one(id, "deliveries"));
}

/** @param {string} id @param {"pause" | "resume"} act @returns {Promise<Webhook>} */
export function turnWebhook(id, act) {
  return sendJson("POST", one(id, act));
}

/** @param {string} id @returns {Promise<MadeWebhook>} */
export function changeSecret(id) {
  return sendJson("POST", one(id, "secret"));
}

/** @param {string} id @returns {Promise<Delivery>} */
export function sendTest(id) {
  return sendJson("POST", one(id, "test"));
}

/** @param {string} id @returns {Promise<null>} */
export function endWebhook(id) {
  return sendJson("DELETE", one(id));
}
