/**
 * What the register knows of one marker, as nodes for the side panel, and the way from there to its forms. Fetching is
 * the side panel's; the forms are loaded when they are asked for.
 */
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { signsOf } from "../markers.js";
import { date } from "../measures.js";
import { say } from "../messages.js";
import { editReviews } from "./edit-review.js";
import { markerAlerts } from "./marker-alerts.js";
import { markerForm } from "./marker-form.js";
import { markerPositions } from "./marker-positions.js";
import { markerReasons } from "./marker-reasons.js";
import { colourHistory, timeline } from "./marker-timeline.js";
import { actions, fact } from "./unit-panel.js";

/** @typedef {import("../markers.js").MarkerDetails} MarkerDetails */
/** @typedef {import("../markers.js").MarkerHistory} MarkerHistory */
/** @typedef {import("../people.js").Account | import("../people.js").NotSignedIn} Reader */
/**
 * @typedef {object} MarkerPage everything that the page of a marker is made of
 * @property {import("../boundaries.js").Feature<MarkerDetails>} feature
 * @property {MarkerHistory} history
 * @property {Reader} reader
 * @property {{profile: string | null, as_of: string | null, editing_allowed: boolean}} now
 */
/**
 * What the marker's page may ask of the page about it, beside what every panel may.
 * @typedef {import("./side-panel.js").Acts & {changed: () => void}} MarkerActs
 */

const RECORDERS = ["surveyor", "boundary"];

/** @param {MarkerPage} page @param {MarkerActs} acts @returns {{title: string, body: Node[]}} */
export function markerPanel(page, acts) {
  const frame = make("div", { class: "marker-page" });
  const overview = () => {
    document.getElementById("panel")?.classList.remove("wide");
    put(frame, ...sections(page, acts, openForm));
    frame.parentElement?.scrollTo(0, 0);
  };
  /** @param {"inspection" | "cases"} form */
  async function openForm(form) {
    document.getElementById("panel")?.classList.add("wide");
    const back = make("button", { type: "button", class: "link back", onclick: overview }, say("marker.back"));
    const place = make("div", {}, make("p", { class: "waiting" }, say("panel.loading")));
    put(frame, back, place);
    frame.parentElement?.scrollTo(0, 0);
    put(place, await formOf(form, page, acts, overview));
    back.focus();
  }
  overview();
  return { title: page.feature.properties.number, body: [frame] };
}

/**
 * @param {"inspection" | "cases"} form
 * @param {MarkerPage} page
 * @param {MarkerActs} acts
 * @param {() => void} done
 */
async function formOf(form, page, acts, done) {
  if (form === "cases") {
    const { casePanel } = await import("./case-panel.js");
    return casePanel(page, acts);
  }
  const { inspectionForm } = await import("./inspection-form.js");
  return inspectionForm(page, acts, done);
}

/** @param {MarkerPage} page @param {MarkerActs} acts @param {(form: "inspection" | "cases") => void} open */
function sections(page, acts, open) {
  const { geometry, properties: marker } = page.feature;
  return [
    heading(marker, page.now.profile),
    clocks(marker),
    markerAlerts(page, acts),
    work(page, open),
    editReviews(page, acts),
    actions(geometry, acts),
    markerReasons(page),
    markerPositions(page),
    markerForm(marker, acts),
    colourHistory(page),
    timeline(page, acts),
  ];
}

/** Sign, word and rule of the colour, and what kind of marker it is. @param {MarkerDetails} marker @param {string | null} profile */
function heading(marker, profile) {
  const { colour, code, number, grade, set_kind, synthetic } = marker;
  const sign = signsOf(profile).find((each) => each.colour === colour.code && each.shape === colour.shape);
  return make(
    "div",
    { class: "marker-head" },
    make(
      "p",
      { class: "marker-colour" },
      sign && signCanvas(sign, 26),
      make("strong", {}, sign?.label ?? label("colour", colour.code)),
      make("span", { class: "badge" }, label("condition", marker.condition)),
      marker.review_pending && make("span", { class: "badge waiting-badge" }, say("marker.review_pending")),
    ),
    make(
      "p",
      { class: "subtitle" },
      synthetic && make("span", { class: "badge synthetic" }, say("marker.synthetic")),
      make("span", {}, [label("grade", grade), label("set_kind", set_kind)].join(" · ")),
      code !== number && make("span", { class: "code" }, code),
    ),
  );
}

/** What is due, and where the handling stands. @param {MarkerDetails} marker */
function clocks(marker) {
  const due = (/** @type {string} */ currency, /** @type {string | null} */ day) =>
    [label("currency", currency), day && say("marker.due_on", { date: date(day) })].filter(Boolean).join(" · ");
  return make(
    "dl",
    { class: "facts" },
    ...fact("marker.next_due", date(marker.next_due_on) || say("line.not_on_record")),
    ...fact("marker.patrol", due(marker.patrol_currency, marker.patrol_due_on)),
    ...fact("marker.joint", due(marker.joint_currency, marker.joint_due_on)),
    ...fact("marker.last_inspected", date(marker.last_inspected_at) || say("line.not_on_record")),
    ...fact("marker.case", label("case_stage", marker.case_stage)),
  );
}

/** What the reader may do here, or why not. @param {MarkerPage} page @param {(form: "inspection" | "cases") => void} open */
function work({ reader, now }, open) {
  if (!reader.signed_in) {
    const next = encodeURIComponent(`${window.location.pathname}${window.location.hash}`);
    return make(
      "p",
      { class: "hint" },
      say("marker.sign_in_why"),
      " ",
      make("a", { href: `sign-in?next=${next}` }, say("marker.sign_in")),
    );
  }
  if (!reader.roles.some((role) => RECORDERS.includes(role))) return make("p", { class: "hint" }, say("marker.not_your_role"));
  if (now.as_of) return make("p", { class: "hint" }, say("marker.only_today"));
  const button = (/** @type {"inspection" | "cases"} */ form, /** @type {string} */ words, /** @type {string} */ kind) =>
    make("button", { type: "button", class: kind, onclick: () => open(form) }, words);
  return make(
    "p",
    { class: "actions" },
    button("inspection", say("marker.inspect"), "strong"),
    button("cases", say("marker.cases"), "plain"),
  );
}
