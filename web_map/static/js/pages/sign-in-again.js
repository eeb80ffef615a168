/**
 * A session that ended under the reader's hands: what was typed stays, the same officer signs in over the page, and
 * what was refused is sent once more. Who has no password signs in on another tab. Refuses another officer.
 */
import { ApiError } from "../api.js";
import { make } from "../elements.js";
import { say } from "../messages.js";
import { signIn, whoAmI } from "../people.js";
import { Dialog } from "./dialog.js";
import { signInAddress } from "../next-page.js";
import { value } from "./fields.js";
import { refuse, sends } from "./sending.js";

const PASSWORD = { type: "password", autocomplete: "current-password", required: true, autofocus: true };

let reader = "";
/** @type {Promise<boolean> | null} */
let asking = null;

/** Whose page this is. @param {string} username */
export function readBy(username) {
  reader = username;
}

/**
 * Does what needs a signed-in officer.
 * @template T
 * @param {() => Promise<T>} send
 * @returns {Promise<T>}
 */
export async function act(send) {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== "auth.sign_in_required") throw error;
    if (!(await askedOnce())) throw error;
    return send();
  }
}

/** One window, however many requests were refused at once. */
function askedOnce() {
  asking ??= signedInAgain().finally(() => (asking = null));
  return asking;
}

async function signedInAgain() {
  const dialog = new Dialog(say("again.title"));
  let done = false;
  const finish = () => {
    done = true;
    dialog.close();
  };
  const form = fields(() => dialog.close());
  sends(form, async () => {
    await signIn({ username: reader, password: value(form, "password") });
    finish();
  });
  const elsewhere = otherWays(async () => {
    const who = await whoAmI();
    if (who.signed_in && who.username === reader) finish();
    else refuse(form, who.signed_in ? say("again.another", { name: who.display_name }) : say("again.not_yet"));
  });
  dialog.fill(form, elsewhere);
  await dialog.open();
  return done;
}

/** @param {() => void} later */
function fields(later) {
  return make(
    "form",
    { class: "fields" },
    make("p", {}, say("again.body")),
    make("label", { for: "again-username" }, say("sign_in.username")),
    make("input", { id: "again-username", name: "username", value: reader, readonly: true, autocomplete: "username" }),
    make("label", { for: "again-password" }, say("sign_in.password")),
    make("input", { ...PASSWORD, id: "again-password", name: "password" }),
    make("p", { class: "refused", role: "alert", hidden: true }),
    make(
      "p",
      { class: "actions" },
      make("button", { type: "submit", class: "strong" }, say("sign_in.submit")),
      make("button", { type: "button", class: "plain", onclick: later }, say("again.later")),
    ),
  );
}

/** @param {() => Promise<void>} resume */
function otherWays(resume) {
  return make(
    "p",
    { class: "actions aside" },
    make("a", { href: signInAddress(), target: "_blank", rel: "noopener" }, say("again.elsewhere")),
    make("button", { type: "button", class: "link", onclick: () => resume().catch(() => null) }, say("again.resume")),
  );
}
