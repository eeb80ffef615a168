/** One entry of the audit: a row, and below it, when it is opened, all that is on record of it. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { actInWords, kindInWords } from "./audit-filter.js";
import { timeOf } from "./moments.js";

/** @typedef {import("../audit.js").Entry} Entry */

/** @param {Entry} entry @returns {[HTMLTableRowElement, HTMLTableRowElement]} */
export function entryRows(entry) {
  const { number, at, officer, act, subject_kind, subject_id } = entry;
  const detail_id = `entry-${number}`;
  const below = make("tr", { role: "row", class: "below", hidden: true }, make("td", { role: "cell", colspan: 6, id: detail_id }));
  const open = (/** @type {Event} */ { currentTarget }) => {
    below.hidden = !below.hidden;
    if (!below.hidden) below.firstElementChild?.replaceChildren(detail(entry));
    if (currentTarget instanceof Element) currentTarget.setAttribute("aria-expanded", String(!below.hidden));
  };
  const row = make(
    "tr",
    { role: "row" },
    make("th", { role: "rowheader", scope: "row", class: "figure" }, number),
    cell("audit.at", timeOf(at, true)),
    cell("audit.officer", officer),
    cell("audit.act", actInWords(act)),
    cell("audit.subject", `${kindInWords(subject_kind)} `, make("span", { class: "code" }, subject_id)),
    make(
      "td",
      { role: "cell", class: "acts" },
      make(
        "button",
        { type: "button", class: "plain", "aria-expanded": "false", "aria-controls": detail_id, "aria-label": say("audit.more_of", { number }), onclick: open },
        say("audit.more"),
      ),
    ),
  );
  return [row, below];
}

/** @param {string} key @param {...import("../elements.js").Child} shown */
function cell(key, ...shown) {
  return make("td", { role: "cell", "data-label": say(key) }, make("div", {}, ...shown));
}

/** @param {Entry} entry */
function detail(entry) {
  return make(
    "dl",
    { class: "facts" },
    ...fact("audit.act", make("code", {}, entry.act)),
    ...fact("audit.address", entry.address ?? "–"),
    ...fact("audit.request", make("code", {}, entry.request_id ?? "–")),
    ...fact("audit.before", make("code", {}, entry.before_digest ?? "–")),
    ...fact("audit.after", make("code", {}, entry.after_digest ?? "–")),
    ...fact("audit.hash", make("code", {}, entry.hash)),
    ...fact("audit.detail", make("pre", { tabindex: "0", "aria-label": say("audit.detail"), role: "region" }, JSON.stringify(entry.detail, null, 2))),
  );
}

/** @param {string} key @param {import("../elements.js").Child} told */
function fact(key, told) {
  return [make("dt", {}, say(key)), make("dd", {}, told)];
}
