/** Why a marker has its colour: the rule that fired, the facts under it, and the records under those. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { date } from "../measures.js";
import { language, say } from "../messages.js";
import { recordName, theDay } from "./marker-records.js";

/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */

/** Vocabulary of the legend that words the values of a fact. @type {Record<string, string>} */
const WORDED_BY = {
  condition: "condition",
  position_check: "position_check",
  patrol_currency: "currency",
  joint_currency: "currency",
  case_stage: "case_stage",
  cycle_joint: "cycle_joint",
};

/** @param {MarkerPage} page */
export function markerReasons({ feature, history }) {
  const { why, colour } = feature.properties;
  const since = colour.since ? say("marker.since", { date: date(theDay(colour.since)) }) : "";
  return make(
    "section",
    { class: "reasons" },
    make("h3", {}, say("marker.why")),
    make(
      "p",
      {},
      make("span", { class: "badge" }, say("marker.rule", { rule: why.rule })),
      " ",
      why.label && make("span", {}, why.label[language() === "en" ? "en" : "zh"]),
      since && make("span", { class: "hint" }, ` · ${since}`),
    ),
    make("ul", { class: "because" }, ...why.because.map((reason) => because(reason, history))),
    why.because.length === 0 && make("p", { class: "hint" }, say("marker.no_rule_before")),
  );
}

/** @param {import("../markers.js").Because} reason @param {import("../markers.js").MarkerHistory} history */
export function because({ fact, value, evidence }, history) {
  const words = `${say(`fact.${fact}`)}: ${valueWords(fact, value)}`;
  const records = evidence.map((id) => recordName(id, history)).filter((name) => name !== "");
  return make(
    "li",
    {},
    words,
    ...records.map((name) => make("span", { class: "evidence" }, name)),
    evidence.length > 0 && records.length === 0 && make("span", { class: "evidence" }, say("marker.evidence_held", { number: evidence.length })),
  );
}

/** @param {string} fact @param {string | boolean} value */
function valueWords(fact, value) {
  if (typeof value === "boolean") return say(value ? "fact.yes" : "fact.no");
  return label(WORDED_BY[fact] ?? fact, value);
}
