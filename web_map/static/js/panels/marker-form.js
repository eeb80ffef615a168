/** The registration form of a marker (界桩登记表) as a list, folded away until it is asked for; changes nothing. */
import { make } from "../elements.js";
import { date } from "../measures.js";
import { language, say } from "../messages.js";
import { fact } from "./unit-panel.js";

/** @typedef {import("../markers.js").MarkerDetails} MarkerDetails */

/** @param {MarkerDetails} marker @param {import("./side-panel.js").Acts} acts */
export function markerForm(marker, acts) {
  return make(
    "details",
    { class: "form-sheet" },
    make("summary", {}, say("marker_form.title")),
    make(
      "dl",
      { class: "facts" },
      ...line(marker, acts),
      ...known("marker_form.managing", marker.managing_unit),
      ...known("marker_form.guardian", marker.guardian),
      ...fact("marker_form.faces", String(marker.faces)),
      ...known("marker_form.material", marker.material),
      ...known("marker_form.set", marker.set_code),
      ...known("marker_form.post_unit", marker.post_unit),
      ...known("marker_form.locations", marker.locations?.join(" / ")),
      ...known("marker_form.inscriptions", marker.inscriptions?.join(" / ")),
      ...known("marker_form.feature_relation", marker.feature_relation),
      ...known("marker_form.set_on", date(marker.set_on)),
      ...known("marker_form.instrument", marker.legal_instrument),
      ...known("marker_form.aliases", (marker.aliases ?? []).map(({ number }) => number).filter((each) => each !== marker.number).join(" / ")),
      ...known("marker_form.custody", marker.under_contract === undefined ? "" : say(marker.under_contract ? "fact.yes" : "fact.no")),
      ...known("marker_form.public", marker.public === undefined ? "" : say(marker.public ? "fact.yes" : "fact.no")),
      ...known("marker_form.source", marker.source),
    ),
    ...descriptions(marker),
  );
}

/** @param {MarkerDetails} marker @param {import("./side-panel.js").Acts} acts */
function line({ line_code: code, unit_codes }, acts) {
  const open = () => acts.select({ kind: "line", code });
  return [
    make("dt", {}, say("marker_form.line")),
    make("dd", {}, make("button", { type: "button", class: "link code", onclick: open }, code)),
    ...fact("marker_form.units", unit_codes.join(" / ")),
  ];
}

/** The signed description, and the one that the register's own numbers make. @param {MarkerDetails} marker */
function descriptions({ position_description: signed, generated_description: made, description_differences: differing }) {
  if (!made) return [];
  const differs = signed && (differing ?? []).length > 0;
  return [
    make("h3", {}, say("marker_form.description")),
    make("p", { lang: signed ? "zh-CN" : null }, signed || say("marker_form.no_description")),
    differs && make("p", { class: "warned" }, say("marker_form.differs", { number: (differing ?? []).length })),
    make("h3", {}, say("marker_form.generated")),
    make("p", { class: "hint" }, made[language() === "en" ? "en" : "zh"]),
  ].filter((node) => node instanceof Node);
}

/** A line of the form, left out where the form is empty. @param {string} key @param {string | null | undefined} value */
function known(key, value) {
  return value ? fact(key, value) : [];
}
