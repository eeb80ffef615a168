/** The administrator's page of addresses that are told of changes: added, tried, paused, given a new secret, removed. */
import { byId, make, put } from "../elements.js";
import { say, useCatalogues } from "../messages.js";
import { deliveriesOf, sendTest, turnWebhook, webhooks } from "../webhooks.js";
import { openPage, tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";
import { addOne, removeOne, renewSecret } from "./webhook-acts.js";
import { outcome, showLog, webhookItem } from "./webhook-item.js";

/** @typedef {import("../webhooks.js").ListedWebhook} ListedWebhook */

/** How often and how many times the outcome of a test is asked for. */
const ASK_EVERY_MS = 700;
const ASKED_AT_MOST = 40;

const reading = new Reading(byId("list"), () => load());
/** @type {ListedWebhook[] | null} */
let known = null;

useCatalogues("webhooks");
const opened = await openPage({ title: "page.webhooks", roles: ["administrator"], written: () => show() });
if (opened) {
  byId("add").addEventListener("click", async () => {
    const made = await addOne();
    if (made) await after(say("webhook.added", { label: made.label }), made.id);
  });
  load();
}

async function load() {
  const answer = await reading.of(() => act(webhooks));
  if (answer === undefined) return;
  known = answer.webhooks;
  show();
}

/** Says what was done, shows what holds now, and gives the focus to the address it was about. @param {string} words @param {string} [id] */
async function after(words, id) {
  await load();
  tell(words);
  (document.getElementById(`webhook-${id}`) ?? byId("list-title")).focus();
}

/** @type {Record<import("./webhook-item.js").Act, (webhook: ListedWebhook) => Promise<void>>} */
const ACTS = {
  turn: async ({ id, paused_at }) => {
    await act(() => turnWebhook(id, paused_at === null ? "pause" : "resume"));
    await after(say(paused_at === null ? "webhook.paused" : "webhook.resumed"), id);
  },
  renew: async (webhook) => {
    if (await renewSecret(webhook)) await after(say("webhook.renewed"), webhook.id);
  },
  remove: async (webhook) => {
    if (await removeOne(webhook)) await after(say("webhook.removed", { label: webhook.label }));
  },
  test: async ({ id }) => {
    const { id: sent } = await act(() => sendTest(id));
    tell(say("webhook.testing"));
    const found = await ended(id, sent, ASKED_AT_MOST);
    const result = [say(`webhook.delivery.${found?.state ?? "waiting"}`), found && outcome(found)].filter(Boolean).join(" · ");
    await after(say("webhook.test_result", { result }), id);
  },
};

/** Writes what is known in the language of the page; a log that is open stays open. */
function show() {
  if (!known) return;
  const open = new Set([...document.querySelectorAll("details[open]")].map(({ id }) => id));
  const items = known.map((webhook) => webhookItem(webhook, { act: (one, which) => reading.of(() => ACTS[which](one), { keep: true }), log }));
  put(byId("list"), ...(items.length > 0 ? items : [make("li", { class: "nothing" }, say("webhook.none"))]));
  for (const id of open) document.getElementById(id)?.setAttribute("open", "");
}

/** @param {ListedWebhook} webhook @param {HTMLElement} place */
async function log({ id, label }, place) {
  const answer = await new Reading(place, () => log(/** @type {ListedWebhook} */ ({ id, label }), place)).of(() => act(() => deliveriesOf(id)));
  if (answer) showLog(place, label, answer.deliveries, () => log(/** @type {ListedWebhook} */ ({ id, label }), place));
}

/**
 * A message once it is delivered or given up; undefined when that takes too long.
 * @param {string} webhook @param {string} sent @param {number} times
 * @returns {Promise<import("../webhooks.js").Delivery | undefined>}
 */
async function ended(webhook, sent, times) {
  if (times === 0) return undefined;
  await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  const found = (await act(() => deliveriesOf(webhook))).deliveries.find(({ id }) => id === sent);
  return found && found.state !== "waiting" ? found : ended(webhook, sent, times - 1);
}
