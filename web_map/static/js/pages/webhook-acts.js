/** What is done about addresses that are told of changes, each in a window: add one, change its secret, remove it. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { LAYERS, addWebhook, changeSecret, endWebhook } from "../webhooks.js";
import { copied } from "./copying.js";
import { Dialog, confirmed } from "./dialog.js";
import { value } from "./fields.js";
import { form, inputOf, labelled } from "./form-pieces.js";
import { timeOf } from "./moments.js";
import { refuse, sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../webhooks.js").MadeWebhook} MadeWebhook @typedef {import("../webhooks.js").Webhook} Webhook */

/** Puts an address on record and shows its secret; gives it, null when the window was left. */
export async function addOne() {
  const dialog = new Dialog(say("webhook.add"), { wide: true });
  const boxes = LAYERS.map((layer) =>
    make("label", { class: "tick" }, make("input", { type: "checkbox", name: "layers", value: layer }), say(`webhook.layer.${layer}`)),
  );
  const shown = form(
    say("webhook.add"),
    () => dialog.close(),
    ...labelled("webhook.label", inputOf("label", { maxlength: 500, required: true })),
    ...labelled("webhook.url", inputOf("url", { type: "url", maxlength: 2000, required: true })),
    make("p", { class: "hint" }, say("webhook.url_hint")),
    make("fieldset", {}, make("legend", {}, say("webhook.layers")), ...boxes),
  );
  /** @type {MadeWebhook | null} */
  let made = null;
  sends(
    shown,
    async () => {
      const layers = new FormData(shown).getAll("layers").map(String);
      if (layers.length === 0) return refuse(shown, say("webhook.choose_layers"), ["layers"]);
      made = await act(() => addWebhook({ label: value(shown, "label").trim(), url: value(shown, "url").trim(), layers }));
      return dialog.close();
    },
    (error) => {
      if (error.code !== "webhook.address_refused") return false;
      refuse(shown, error, ["url"]);
      return true;
    },
  );
  dialog.fill(shown);
  await dialog.open();
  if (made) await showSecret(made);
  return /** @type {MadeWebhook | null} */ (made);
}

/** Gives an address a new secret and shows it; gives whether it was done. @param {Webhook} webhook */
export async function renewSecret({ id, label }) {
  const words = { title: say("webhook.renew_title", { label }), body: say("webhook.renew_body"), act: say("webhook.renew") };
  if (!(await confirmed(words))) return false;
  await showSecret(await act(() => changeSecret(id)));
  return true;
}

/** @param {Webhook} webhook */
export async function removeOne({ id, label }) {
  const words = { title: say("webhook.remove_title", { label }), body: say("webhook.remove_body"), act: say("webhook.remove") };
  if (!(await confirmed(words))) return false;
  await act(() => endWebhook(id));
  return true;
}

/** The secret, for the only time. @param {MadeWebhook} made */
function showSecret({ label, secret, former_secret_until }) {
  const dialog = new Dialog(say("webhook.secret_title", { label }));
  dialog.fill(
    make("p", {}, say("webhook.secret_once")),
    copied({ id: "webhook-secret", label: say("webhook.secret"), value: secret }),
    former_secret_until && make("p", { class: "hint" }, say("webhook.both_secrets"), " ", timeOf(former_secret_until)),
    make("p", { class: "actions" }, make("button", { type: "button", class: "strong", onclick: () => dialog.close() }, say("webhook.secret_kept"))),
  );
  return dialog.open();
}
