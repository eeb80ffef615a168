/** Pieces that pages beside the map are built from: tables whose rows become cards, fields with their words, forms in a window. */
import { make } from "../elements.js";
import { say } from "../messages.js";

/** @typedef {import("../elements.js").Child} Child */

/** @param {string} caption @param {string[]} head keys @param {HTMLElement[]} rows */
export function rowsTable(caption, head, rows) {
  return make(
    "table",
    { class: "rows", role: "table" },
    make("caption", { class: "unseen" }, say(caption)),
    make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head.map((key) => make("th", { role: "columnheader", scope: "col" }, say(key))))),
    make("tbody", { role: "rowgroup" }, ...rows),
  );
}

/** @param {string} key of the column @param {...Child} shown */
export function td(key, ...shown) {
  return make("td", { role: "cell", "data-label": say(key) }, make("div", {}, ...shown));
}

/** @param {string} key @param {...Child} told */
export function fact(key, ...told) {
  return [make("dt", {}, say(key)), make("dd", {}, ...told)];
}

/** A field with its words before it. @param {string} key @param {HTMLElement} control with an id */
export function labelled(key, control) {
  return [make("label", { for: control.id }, say(key)), control];
}

let made = 0;

/** @param {string} name @param {Record<string, string | number | boolean | null>} [attributes] */
export function inputOf(name, attributes = {}) {
  return make("input", { id: `${name}-${++made}`, name, autocomplete: "off", ...attributes });
}

/** @param {string} name @param {[string, string][]} choices value and words @param {string | null} [chosen] */
export function selectOf(name, choices, chosen = null) {
  return make(
    "select",
    { id: `${name}-${++made}`, name },
    ...choices.map(([value, words]) => make("option", { value, selected: value === chosen }, words)),
  );
}

/** @param {string} name @param {Record<string, string | number | boolean>} [attributes] */
export function textOf(name, attributes = {}) {
  return make("textarea", { id: `${name}-${++made}`, name, rows: 2, maxlength: 2000, ...attributes });
}

/**
 * A form with its place for refusals and its buttons.
 * @param {string} sending words of the button
 * @param {(() => void) | null} leave null where it stands on the page
 * @param {...Child} fields
 */
export function form(sending, leave, ...fields) {
  return make(
    "form",
    { class: "fields" },
    ...fields,
    make("p", { class: "refused", role: "alert", hidden: true }),
    make(
      "p",
      { class: "actions" },
      make("button", { type: "submit", class: "strong" }, sending),
      leave && make("button", { type: "button", class: "plain", onclick: leave }, say("action.cancel")),
    ),
  );
}
