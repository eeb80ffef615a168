/** One address that is told of changes, with its state and its log; it tells which act is chosen and does none. */
import { make, put } from "../elements.js";
import { knows, say } from "../messages.js";
import { LAYERS } from "../webhooks.js";
import { fact, rowsTable, td } from "./form-pieces.js";
import { timeOf } from "./moments.js";

/**
 * @typedef {import("../webhooks.js").ListedWebhook} ListedWebhook
 * @typedef {import("../webhooks.js").Delivery} Delivery
 * @typedef {"test" | "turn" | "renew" | "remove"} Act
 * @typedef {{act: (webhook: ListedWebhook, act: Act) => void, log: (webhook: ListedWebhook, place: HTMLElement) => void}} Acts
 */

/** How a delivery is marked; the words say it too. */
const MARKED = { waiting: "badge warn", delivered: "badge", failed: "badge grave" };

/** @param {ListedWebhook} webhook @param {Acts} acts */
export function webhookItem(webhook, { act, log }) {
  const { id, label, url, layers, paused_at, created_at, created_by, former_secret_until } = webhook;
  const state = paused_at === null ? "active" : "paused";
  const turn = paused_at === null ? "pause" : "resume";
  const button = (/** @type {Act} */ which, /** @type {string} */ words) =>
    make("button", { type: "button", class: "plain", "aria-label": say(`webhook.${words}_of`, { label }), onclick: () => act(webhook, which) }, say(`webhook.${words}`));
  const place = make("div", {});
  const shown = make("details", { id: `log-${id}`, ontoggle: () => shown.open && log(webhook, place) }, make("summary", {}, say("webhook.log")), place);
  return make(
    "li",
    { id: `webhook-${id}`, tabindex: "-1" },
    make(
      "div",
      { class: "webhook" },
      make("h3", { class: "item-title" }, label, make("span", { class: paused_at === null ? "badge" : "badge warn" }, say(`webhook.state.${state}`))),
      make(
        "dl",
        { class: "facts" },
        ...fact("webhook.url", make("span", { class: "code" }, url)),
        ...fact("webhook.layers", layerWords(layers)),
        ...fact("webhook.last", ...lastOf(webhook)),
        ...(former_secret_until && new Date(former_secret_until) > new Date() ? fact("webhook.both_secrets", timeOf(former_secret_until)) : []),
        ...fact("webhook.since", timeOf(created_at), " ", make("span", { class: "code" }, created_by)),
      ),
      make("p", { class: "actions" }, button("test", "test"), button("turn", turn), button("renew", "renew"), button("remove", "remove")),
      shown,
    ),
  );
}

/** @param {ListedWebhook} webhook */
function lastOf({ last_delivery, paused_at }) {
  if (last_delivery === null) return [say("webhook.last_none")];
  const { created_at, next_attempt_at, state } = last_delivery;
  const next = state === "waiting" && paused_at === null && next_attempt_at;
  return [
    timeOf(created_at),
    " ",
    badge(state),
    " ",
    outcome(last_delivery),
    next && make("span", {}, " ", say("webhook.next"), " ", timeOf(next, true)),
  ];
}

/** @param {Delivery["state"]} state */
function badge(state) {
  return make("span", { class: MARKED[state] }, say(`webhook.delivery.${state}`));
}

/** The layers of a message in words; a test has none. @param {string[]} layers */
export function layerWords(layers) {
  return layers.length === 0 ? say("webhook.is_test") : LAYERS.filter((layer) => layers.includes(layer)).map((layer) => say(`webhook.layer.${layer}`)).join(" · ");
}

/** What came of the last attempt, in words; empty before any. @param {Delivery} delivery */
export function outcome({ answered, failure }) {
  if (answered !== null) return say(answered >= 300 && answered < 400 ? "webhook.redirected" : "webhook.answered", { status: answered });
  if (failure === null) return "";
  return knows(`webhook.failure.${failure}`) ? say(`webhook.failure.${failure}`) : say("webhook.failure.other", { reason: failure });
}

/**
 * Writes the log of an address into its place.
 * @param {HTMLElement} place @param {string} label @param {Delivery[]} deliveries @param {() => void} again
 */
export function showLog(place, label, deliveries, again) {
  const refresh = make("button", { type: "button", class: "plain", onclick: again }, say("webhook.again"));
  if (deliveries.length === 0) return put(place, make("p", { class: "nothing" }, say("webhook.log_none")), refresh);
  const rows = deliveries.map((each) =>
    make(
      "tr",
      { role: "row" },
      td("webhook.log.at", timeOf(each.created_at, true)),
      td("webhook.log.what", layerWords(each.layers)),
      td("webhook.log.state", badge(each.state)),
      td("webhook.log.attempts", each.attempts),
      td("webhook.log.why", outcome(each) || "—"),
      td("webhook.log.next", each.next_attempt_at === null ? "—" : timeOf(each.next_attempt_at, true)),
    ),
  );
  const head = ["at", "what", "state", "attempts", "why", "next"].map((name) => `webhook.log.${name}`);
  const table = rowsTable("webhook.log_of", head, rows);
  table.caption?.replaceChildren(say("webhook.log_of", { label }));
  return put(place, refresh, table);
}
