/** What the register knows of one unit, as nodes for the side panel; it fetches nothing. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { area, date, length, period } from "../measures.js";
import { language, say } from "../messages.js";

/** @typedef {import("../boundaries.js").UnitDetails} UnitDetails */
/** @typedef {import("./side-panel.js").Acts} Acts */

/**
 * @param {import("../boundaries.js").Feature<UnitDetails>} feature
 * @param {Acts} acts
 * @returns {{title: string, body: Node[]}}
 */
export function unitPanel({ geometry, properties: unit }, acts) {
  return {
    title: unit.name,
    body: [
      ...[ancestors(unit, acts)].filter((node) => node !== null),
      heading(unit),
      facts(unit),
      actions(geometry, acts),
      neighbours(unit, acts),
      history(unit, acts),
    ],
  };
}

/** @param {UnitDetails} unit @param {Acts} acts */
function ancestors({ ancestors: above = [] }, acts) {
  if (above.length === 0) return null;
  return make(
    "nav",
    { class: "above", "aria-label": say("unit.above") },
    make("ol", {}, ...above.map((parent) => make("li", {}, link(parent, acts)))),
  );
}

/** @param {UnitDetails} unit */
function heading({ pinyin, level, code }) {
  return make(
    "p",
    { class: "subtitle" },
    pinyin && make("span", { class: "pinyin", lang: "zh-Latn-pinyin" }, pinyin),
    make("span", { class: "badge" }, label("levels", level)),
    make("span", { class: "code" }, code),
  );
}

/** @param {UnitDetails} unit */
function facts(unit) {
  return make(
    "dl",
    { class: "facts" },
    ...fact("unit.area", unit.area_m2 === null ? say("unit.no_area") : area(unit.area_m2)),
    ...fact("unit.valid", period(unit.valid_from, unit.valid_to)),
    ...(unit.children ? fact("unit.children", String(unit.children)) : []),
    ...(unit.source ? fact("unit.source", unit.source) : []),
    ...(unit.authoritative === false ? fact("unit.standing", say("unit.not_authoritative")) : []),
  );
}

/** @param {string} key @param {string} value */
export function fact(key, value) {
  return [make("dt", {}, say(key)), make("dd", {}, value)];
}

/** @param {object | null} geometry @param {Acts} acts */
export function actions(geometry, acts) {
  return make(
    "p",
    { class: "actions" },
    geometry
      ? make("button", { type: "button", class: "plain", onclick: () => acts.show(geometry) }, say("action.show"))
      : make("span", { class: "hint" }, say("unit.no_outline")),
    make("button", { type: "button", class: "plain", onclick: () => copyLink(acts) }, say("action.copy_link")),
  );
}

/** @param {Acts} acts */
async function copyLink(acts) {
  try {
    await navigator.clipboard.writeText(window.location.href);
    acts.tell(say("action.link_copied"));
  } catch {
    acts.tell(say("action.link_not_copied"));
  }
}

/** @param {UnitDetails} unit @param {Acts} acts */
function neighbours({ neighbours: beside }, acts) {
  const rows = [...beside]
    .sort((a, b) => b.length_m - a.length_m)
    .map((neighbour) =>
      make(
        "tr",
        {},
        make("th", { scope: "row" }, link({ ...neighbour, level: "" }, acts)),
        make("td", {}, lineLink(neighbour.line_code, acts)),
        make("td", { class: "figure" }, length(neighbour.length_m)),
      ),
    );
  return make(
    "section",
    {},
    make("h3", {}, say("unit.neighbours"), make("span", { class: "count" }, beside.length)),
    rows.length === 0
      ? make("p", { class: "hint" }, say("unit.no_neighbours"))
      : make("table", { class: "neighbours" }, tableHead("unit.neighbour", "unit.line", "unit.length"), make("tbody", {}, ...rows)),
  );
}

/** @param {...string} keys */
function tableHead(...keys) {
  return make("thead", {}, make("tr", {}, ...keys.map((key) => make("th", { scope: "col" }, say(key)))));
}

/** @param {UnitDetails} unit @param {Acts} acts */
function history({ history: versions, code, level, valid_from }, acts) {
  const isThis = (/** @type {import("../boundaries.js").Version} */ version) =>
    version.code === code && version.level === level && version.valid_from === valid_from;
  return make(
    "section",
    {},
    make("h3", {}, say("unit.history")),
    make(
      "ol",
      { class: "history" },
      ...versions.map((version) =>
        make(
          "li",
          isThis(version) ? { "aria-current": "true" } : {},
          make("span", { class: "when" }, relationOf(version), period(version.valid_from, version.valid_to)),
          make("span", { class: "what" }, `${version.name} `, make("span", { class: "code" }, version.code)),
          version.kind && make("span", { class: "how" }, act(version)),
          !isThis(version) && version.valid_from && seeThen(version, acts),
        ),
      ),
    ),
  );
}

/** Whether a version came before or after the one shown. @param {import("../boundaries.js").Version} version */
function relationOf({ relation }) {
  if (relation !== "predecessor" && relation !== "successor") return null;
  return make("span", { class: "badge" }, say(`relation.${relation}`));
}

/** The change that made a version: what, when, by which instrument. @param {import("../boundaries.js").Version} version */
function act({ kind, effective_on, instrument }) {
  return [label("changes", kind ?? ""), date(effective_on), instrument].filter(Boolean).join(" · ");
}

/** @param {import("../boundaries.js").Version} version @param {Acts} acts */
function seeThen(version, acts) {
  const see = () => acts.seeThen(version);
  return make("button", { type: "button", class: "link", onclick: see }, say("unit.see_then", { name: version.name }));
}

/** @param {import("../boundaries.js").UnitName} unit @param {Acts} acts */
export function link({ code, name, level }, acts) {
  const choose = () => acts.select({ kind: "unit", code, ...(level && { level }) });
  return make("button", { type: "button", class: "link", lang: language() === "en" ? "zh-CN" : null, onclick: choose }, name);
}

/** @param {string} line_code @param {Acts} acts */
function lineLink(line_code, acts) {
  const choose = () => acts.select({ kind: "line", code: line_code });
  return make(
    "button",
    { type: "button", class: "link code", "aria-label": say("unit.open_line", { code: line_code }), onclick: choose },
    line_code,
  );
}
