/** Two states of an officer side by side, in words; only what differs. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { jurisdictions } from "./jurisdictions.js";

/** @typedef {import("../people.js").Officer} Officer */

/** @type {Record<string, {name: string, shown: (officer: Officer) => Node | string}>} */
const FIELDS = {
  display_name: { name: "account.name", shown: ({ display_name }) => display_name },
  roles: { name: "account.roles", shown: ({ roles }) => roles.map((role) => say(`role.${role}`)).join(" · ") },
  jurisdictions: { name: "account.jurisdictions", shown: (officer) => jurisdictions(officer.jurisdictions) },
  language: { name: "language.label", shown: ({ language }) => languageInWords(language) },
  oidc_username: { name: "officer.oidc", shown: ({ oidc_username }) => oidc_username ?? "–" },
};

/** A language by its own name. @param {string} tag */
export function languageInWords(tag) {
  return say(tag === "en" ? "language.english" : "language.chinese");
}

/**
 * A table of what differs, null where nothing does.
 * @param {Officer} theirs @param {Officer} mine
 */
export function differences(theirs, mine) {
  const differing = Object.keys(FIELDS).filter((name) => plain(theirs, name) !== plain(mine, name));
  if (differing.length === 0) return null;
  return make(
    "table",
    {},
    make(
      "thead",
      {},
      make("tr", {}, ...["conflict.field", "conflict.theirs", "conflict.mine"].map((key) => make("th", { scope: "col" }, say(key)))),
    ),
    make(
      "tbody",
      {},
      ...differing.map((name) =>
        make(
          "tr",
          {},
          make("th", { scope: "row" }, say(FIELDS[name].name)),
          make("td", {}, FIELDS[name].shown(theirs)),
          make("td", {}, FIELDS[name].shown(mine)),
        ),
      ),
    ),
  );
}

/** @param {Officer} officer @param {string} name */
function plain(officer, name) {
  const content = officer[/** @type {keyof Officer} */ (name)];
  return JSON.stringify(Array.isArray(content) ? [...content].sort() : content);
}
