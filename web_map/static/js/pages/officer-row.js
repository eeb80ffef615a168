/** One officer as a row of the administrator's table, with what can be done about him. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { jurisdictions } from "./jurisdictions.js";
import { timeOf } from "./moments.js";

/**
 * @typedef {import("../people.js").Officer} Officer
 * @typedef {(officer: Officer) => void} Act
 */

/** @param {Officer} officer @param {{own: boolean, edit: Act, turn: Act, link: Act}} acts */
export function officerRow(officer, { own, edit, turn, link }) {
  const { username, display_name, roles, demonstration, disabled_at } = officer;
  const of = { name: display_name };
  return make(
    "tr",
    { role: "row", class: disabled_at === null ? null : "disabled" },
    make(
      "th",
      { role: "rowheader", scope: "row" },
      display_name,
      make("span", { class: "code" }, username),
      own && badge("officer.own"),
      demonstration && badge("officer.demonstration"),
    ),
    cell("account.roles", roles.map((role) => say(`role.${role}`)).join(" · ")),
    cell("account.jurisdictions", jurisdictions(officer.jurisdictions)),
    cell("officer.state", ...standing(officer)),
    make(
      "td",
      { role: "cell", class: "acts" },
      button("officer.change", "officer.change_of", of, () => edit(officer), { "data-username": username }),
      disabled_at === null && button("officer.link", "officer.link_of", of, () => link(officer)),
      !own &&
        (disabled_at === null
          ? button("officer.disable", "officer.disable_of", of, () => turn(officer))
          : button("officer.enable", "officer.enable_of", of, () => turn(officer))),
    ),
  );
}

/** @param {string} key @param {...import("../elements.js").Child} shown */
function cell(key, ...shown) {
  return make("td", { role: "cell", "data-label": say(key) }, make("div", {}, ...shown));
}

/** Whether he may sign in, and how. @param {Officer} officer */
function standing({ disabled_at, has_password, oidc_username }) {
  if (disabled_at !== null) return [make("span", { class: "badge grave" }, say("officer.disabled")), " ", timeOf(disabled_at)];
  if (oidc_username) return [say("officer.by_provider"), " ", make("span", { class: "code" }, oidc_username)];
  return [has_password ? say("officer.by_password") : make("span", { class: "badge warn" }, say("officer.not_yet"))];
}

/** @param {string} key */
function badge(key) {
  return make("span", { class: "badge" }, say(key));
}

/**
 * @param {string} key @param {string} whole what it does to whom, for those who hear it
 * @param {{name: string}} of @param {() => void} onclick @param {Record<string, string>} [more]
 */
function button(key, whole, of, onclick, more = {}) {
  return make("button", { type: "button", class: "plain", "aria-label": say(whole, of), onclick, ...more }, say(key));
}
