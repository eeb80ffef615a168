/** What each rule found, side by side with its evidence: the other name with what collides marked; rules without finding too. */
import { make } from "../elements.js";
import { entries, label } from "../legend.js";
import { length } from "../measures.js";
import { language, say } from "../messages.js";

/** @typedef {import("../proposals.js").Finding} Finding */

const WEIGHT = { block: "grave", warn: "warn", hint: "" };
/** Worst first. */
const ORDER = /** @type {const} */ (["block", "warn", "hint"]);

/** The families of rules, by the letters their codes begin with; each has its words. */
const FAMILIES = { sameness: ["DUP"], ground: ["GEO"], structure: ["STR", "GEN"], characters: ["CHR", "PIN"], words: ["PER", "FOR", "COM", "LEX", "ADM"], past: ["HIS"], papers: ["PLN", "DOC"] };

/**
 * @param {string} name
 * @param {Finding[]} findings
 * @param {{overrides: Record<string, string>, look?: (geometry: object) => void, families?: boolean}} how `families`
 *   puts the rules of a family together and leaves out those that found nothing
 */
export function findingsTable(name, findings, { overrides, look, families = false }) {
  const sorted = ORDER.flatMap((severity) => findings.filter((finding) => finding.severity === severity));
  const rows = (/** @type {Finding[]} */ some) => some.map((finding) => row(name, finding, overrides[finding.code], look));
  const head = ["finding.rule", "finding.outcome", "finding.evidence"];
  return make(
    "div",
    {},
    findings.length === 0 && make("p", { class: "note" }, say("finding.none")),
    findings.length > 0 &&
      make(
        "table",
        { class: "rows stacked findings" },
        make("caption", { class: "unseen" }, say("finding.title")),
        make("thead", {}, make("tr", {}, ...head.map((key) => make("th", { scope: "col" }, say(key))))),
        ...(families ? byFamily(sorted).map(([family, some]) => make("tbody", {}, familyHead(family), ...rows(some))) : [make("tbody", {}, ...rows(sorted))]),
      ),
    !families && silentRules(findings),
  );
}

/** @param {Finding[]} findings */
function silentRules(findings) {
  const silent = entries("naming_rules").filter(({ code }) => !findings.some((finding) => finding.code === code));
  return make(
    "details",
    { class: "silent" },
    make("summary", {}, say("finding.silent", { count: silent.length })),
    make("ul", { class: "plain-list rule-list" }, ...silent.map(({ code }) => make("li", {}, make("span", { class: "code" }, code), " ", label("naming_rules", code)))),
  );
}

/** @param {Finding[]} findings @returns {[string, Finding[]][]} families with findings, in order */
function byFamily(findings) {
  const of = (/** @type {string[]} */ letters) => findings.filter(({ code }) => letters.includes(code.slice(0, 3)));
  return Object.entries(FAMILIES).flatMap(([family, letters]) => (of(letters).length > 0 ? [/** @type {[string, Finding[]]} */ ([family, of(letters)])] : []));
}

/** @param {string} family */
function familyHead(family) {
  return make("tr", { class: "family" }, make("th", { scope: "rowgroup", colspan: 3 }, say(`family.${family}`)));
}

/** How many findings there are of each weight, worst first. @param {Finding[]} findings */
export function weights(findings) {
  const counts = ORDER.map((severity) => ({ severity, count: findings.filter((finding) => finding.severity === severity).length }));
  return counts.filter(({ count }) => count > 0).map(({ severity, count }) => make("span", { class: `badge ${WEIGHT[severity]}`.trim() }, `${label("naming_severities", severity)} ${count}`));
}

/** @param {string} name @param {Finding} finding @param {string | undefined} override @param {((geometry: object) => void) | undefined} look */
function row(name, finding, override, look) {
  const { code, severity, evidence, message } = finding;
  return make(
    "tr",
    { "data-code": code },
    make("th", { scope: "row" }, make("span", { class: "code" }, code), make("span", { class: "rule-words" }, label("naming_rules", code))),
    make(
      "td",
      { "data-head": say("finding.outcome") },
      make("span", { class: `badge ${WEIGHT[severity]}` }, label("naming_severities", severity)),
      override && make("p", { class: "hint" }, say("finding.overridden", { reason: override })),
    ),
    make(
      "td",
      { "data-head": say("finding.evidence") },
      make("p", {}, language() === "en" ? message.en : message.zh),
      collision(name, evidence),
      facts(evidence),
      look && evidence.geometry && make("button", { type: "button", class: "link", onclick: () => look(evidence.geometry) }, say("finding.look")),
    ),
  );
}

/** Both names, what they share marked. @param {string} name @param {Record<string, any>} evidence */
function collision(name, { other, places, characters, syllables }) {
  if (typeof other !== "string") return null;
  const marked = new Set(Array.isArray(places) ? places : []);
  const alike = new Set(Array.isArray(characters) ? characters : []);
  const shown = (/** @type {string} */ words) =>
    make("span", { lang: "zh-CN", class: "side" }, ...[...words].map((character, place) => (marked.has(place) || alike.has(character) ? make("mark", {}, character) : character)));
  return make(
    "p",
    { class: "collision" },
    shown(name),
    make("span", { "aria-hidden": "true" }, " ⇄ "),
    shown(other),
    Array.isArray(syllables) && syllables.length > 0 && make("span", { class: "hint", lang: "zh-Latn" }, ` ${syllables.join(" ")}`),
  );
}

/** @param {Record<string, any>} evidence */
function facts({ distance_m, overlap_m, missing, scope }) {
  const said = [
    typeof distance_m === "number" && say("finding.distance", { length: length(distance_m) }),
    typeof overlap_m === "number" && say("finding.overlap", { length: length(overlap_m) }),
    typeof scope === "string" && say("finding.scope", { scope: say(`scope.${scope}`) }),
    Array.isArray(missing) && missing.map((code) => label("naming_records", code)).join(say("list.comma")),
  ].filter(Boolean);
  return said.length > 0 && make("p", { class: "hint" }, said.join(" · "));
}

/**
 * What the findings' evidence looks like on a map.
 * @param {Finding[]} findings
 * @returns {import("../map/road-map.js").Drawn[]}
 */
export function evidenceOf(findings) {
  const drawn = findings.filter(({ evidence }) => evidence.geometry);
  const seen = new Set();
  return drawn.flatMap(({ severity, evidence }) => {
    const name = evidence.other ?? evidence.historic;
    if (seen.has(name)) return [];
    seen.add(name);
    return [{ role: severity === "hint" ? "near" : "against", name, geometry: evidence.geometry }];
  });
}
