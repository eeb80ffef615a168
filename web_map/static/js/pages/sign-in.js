/** The sign-in page: name and password, the office's provider, a one-time link, the demonstration's officers. */
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { addressOf, ownPath } from "../next-page.js";
import { ROLES, signIn, signInByLink } from "../people.js";
import { remember } from "../panels/language-switch.js";
import { revealed, value, field } from "./fields.js";
import { openPage } from "./page-frame.js";
import { refuse, sends } from "./sending.js";

/** @typedef {import("./page-frame.js").Opened} Opened */

/** @type {Record<string, string>} */
const FROM_PROVIDER = {
  "auth.provider_refused": "sign_in.provider_refused",
  "auth.provider_unavailable": "sign_in.provider_unavailable",
};

const form = /** @type {HTMLFormElement} */ (byId("sign-in"));
const link_form = /** @type {HTMLFormElement} */ (byId("new-password"));
const wanted = new URLSearchParams(window.location.search).get("next");
const next = ownPath(wanted);
let waiting = 0;
let language_chosen = false;

const opened = await openPage({ title: "page.sign_in", anyone: true, written: () => opened && show(opened) });
if (opened) begin(opened);

/** @param {Opened} page */
function begin(page) {
  sends(form, enter, (error) => error.code === "auth.too_many_attempts" && wait(error));
  sends(link_form, useLink, (error) => error.code === "auth.link_refused" && forgetLink(error));
  revealed(form);
  revealed(link_form);
  byId("language").addEventListener("change", () => (language_chosen = true));
  window.addEventListener("hashchange", () => show(page));
  show(page);
  (linkSecret() ? field(link_form, "password") : field(form, "username")).focus();
  fromProvider();
}

/** Writes what depends on the service and on who reads. @param {Opened} page */
function show({ settings, account }) {
  const secret = linkSecret();
  form.hidden = secret !== "";
  link_form.hidden = secret === "";
  byId("heading").textContent = say(secret ? "link.title" : "page.sign_in");
  put(
    byId("already"),
    account && say("sign_in.already", { name: account.display_name }),
    account && " ",
    account && make("a", { href: addressOf(next ?? "/") }, say("sign_in.go_on")),
  );
  byId("already").hidden = !account || secret !== "";
  byId("foreign").hidden = wanted === null || next !== null;
  const provider = /** @type {HTMLAnchorElement} */ (byId("provider-link"));
  provider.href = `api/session/oidc?${new URLSearchParams({ next: next ?? "/" })}`;
  byId("provider").hidden = !settings.single_sign_on || secret !== "";
  byId("demo").hidden = !settings.demo || secret !== "";
  put(byId("demo-officers"), ...(settings.demo ? ROLES.map(demoOfficer) : []));
}

async function enter() {
  if (waiting) return;
  const credentials = { username: value(form, "username"), password: value(form, "password") };
  const account = await signIn({ ...credentials, ...(next && { next }) });
  leave(account, account.next ?? "/");
}

async function useLink() {
  const password = value(link_form, "password");
  if (password !== value(link_form, "repeated")) {
    refuse(link_form, say("password.differ"), ["repeated"]);
    return;
  }
  leave(await signInByLink({ secret: linkSecret(), password }), "/account");
}

/** Goes on in the officer's own language, unless another was chosen here. @param {import("../people.js").Account} account @param {string} to */
function leave({ language }, to) {
  if (!language_chosen) remember(language);
  window.location.replace(addressOf(ownPath(to) ?? "/"));
}

/** What stands behind the # reaches no server and no log. */
function linkSecret() {
  return new URLSearchParams(window.location.hash.slice(1)).get("link") ?? "";
}

/** A link that was refused leads to the ordinary form, with the reason. @param {import("../api.js").ApiError} error */
function forgetLink(error) {
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  if (opened) show(opened);
  refuse(form, error);
  return true;
}

/** The reason for which the provider's answer was not taken. */
function fromProvider() {
  const code = new URLSearchParams(window.location.hash.slice(1)).get("problem");
  if (code === null) return;
  window.history.replaceState(null, "", window.location.pathname + window.location.search);
  refuse(form, say(FROM_PROVIDER[code] ?? "sign_in.provider_failed"));
}

/**
 * Says for how long the service does not listen, counts down, and listens again.
 * @param {import("../api.js").ApiError} error
 */
function wait(error) {
  const ends = Date.now() + Number(error.facts.retry_after_s ?? 1) * 1000;
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("[type=submit]"));
  refuse(form, say("sign_in.throttled", { time: duration(ends - Date.now()) }));
  window.clearInterval(waiting);
  const tick = () => {
    const left_ms = ends - Date.now();
    if (left_ms > 0) {
      button.textContent = say("sign_in.wait", { time: duration(left_ms) });
      return;
    }
    window.clearInterval(waiting);
    waiting = 0;
    button.textContent = say("sign_in.submit");
    button.removeAttribute("aria-disabled");
  };
  waiting = window.setInterval(tick, 500);
  button.setAttribute("aria-disabled", "true");
  tick();
  return true;
}

/** @param {number} ms */
function duration(ms) {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  return seconds < 60 ? say("time.seconds", { n: seconds }) : say("time.minutes", { n: Math.ceil(seconds / 60) });
}

/** An officer of the demonstration: one for each role, named after it. @param {string} role */
function demoOfficer(role) {
  const take = () => {
    field(form, "username").value = role;
    field(form, "password").value = `demo-${role}`;
    form.requestSubmit();
  };
  return make(
    "tr",
    {},
    make("th", { scope: "row" }, say(`role.${role}`), make("code", {}, role)),
    make("td", {}, make("code", {}, `demo-${role}`)),
    make(
      "td",
      {},
      make(
        "button",
        { type: "button", class: "plain", "aria-label": say("demo.enter_as", { role: say(`role.${role}`) }), onclick: take },
        say("sign_in.submit"),
      ),
    ),
  );
}
