/** One request for data with what is asked, for what, and its log; it tells which act is chosen and does none. */
import { address } from "../api.js";
import { make } from "../elements.js";
import { say } from "../messages.js";
import { jurisdiction } from "./jurisdictions.js";
import { isPast, timeOf } from "./moments.js";
import { fact } from "./form-pieces.js";

/**
 * @typedef {import("../releases.js").Release} Release
 * @typedef {(release: Release) => void} Act
 */

/** How a state is marked; the words say it too. @type {Record<string, string>} */
const MARKED = { requested: "badge warn", approved: "badge", refused: "badge grave", downloaded: "badge", expired: "badge grave" };

/** The state in which a request is now: an approved one ends by itself. @param {Release} release */
export function stateOf({ state, expires_at }) {
  return state === "approved" && expires_at !== null && isPast(expires_at) ? "expired" : state;
}

/** @param {Release} release @param {{own: boolean, waiting: boolean, decide: Act, fetch: Act}} how */
export function releaseItem(release, { own, waiting, decide, fetch }) {
  const state = stateOf(release);
  const of = { what: titleOf(release) };
  return make(
    "li",
    { id: `release-${release.id}`, tabindex: "-1" },
    make(
      "div",
      { class: "release" },
      make("h3", { class: "item-title" }, titleOf(release), make("span", { class: MARKED[state] }, say(`release.state.${state}`))),
      whatIsAsked(release),
      own && state === "requested" && make("p", { class: "note" }, say("release.by_another")),
      state === "approved" && make("p", { class: "note" }, say("release.until"), " ", timeOf(release.expires_at)),
      log(release),
    ),
    waiting && make("button", { type: "button", class: "strong", "aria-label": say("release.decide_of", of), onclick: () => decide(release) }, say("release.decide")),
    own &&
      state === "approved" &&
      make("button", { type: "button", class: "strong", "aria-label": say("release.fetch_of", of), onclick: () => fetch(release) }, say("release.fetch")),
  );
}

/** A request in a line, e.g. `Boundary lines for 某勘测院`. @param {Release} release */
export function titleOf({ layer, recipient }) {
  return say("release.title", { layer: say(`release.layer.${layer}`), recipient });
}

/** @param {Release} release */
export function whatIsAsked({ purpose, form, ground_code, bbox, as_of, document_id, requested_by }) {
  return make(
    "dl",
    { class: "facts" },
    ...fact("release.purpose", purpose),
    ...fact("release.ground", ...ground(ground_code, bbox)),
    ...fact("release.as_of", as_of ?? say("release.newest")),
    ...fact("release.form", say(`release.form.${form}`)),
    ...fact("release.paper", document_id === null ? say("release.paper_none") : paper(document_id)),
    ...fact("release.by", make("span", { class: "code" }, requested_by)),
  );
}

/** @param {string | null} code @param {number[] | null} bbox */
function ground(code, bbox) {
  if (code !== null) return [jurisdiction(code), make("p", { class: "hint" }, say("release.ground_why"))];
  return [bbox === null ? say("release.ground_all") : make("span", { class: "code" }, bbox.join(", "))];
}

/** @param {string} id */
function paper(id) {
  return make("a", { href: address(`api/documents/${id}/content`).href, target: "_blank", rel: "noopener" }, say("release.paper_open"));
}

/** What happened, the first first. @param {Release} release */
function log(release) {
  const { requested_at, requested_by, state, reviewed_at, reviewed_by, note, expires_at, downloaded_at, sha256 } = release;
  const approved = state === "approved" || state === "downloaded";
  const steps = [
    step(requested_at, say("release.log.requested", { by: requested_by })),
    reviewed_at && step(reviewed_at, say(approved ? "release.log.approved" : "release.log.refused", { by: reviewed_by ?? "" }), note && make("q", {}, note)),
    stateOf(release) === "expired" && expires_at && step(expires_at, say("release.log.expired")),
    downloaded_at && step(downloaded_at, say("release.log.downloaded"), sha256 && make("code", {}, sha256)),
  ];
  return make("details", { open: state === "refused" }, make("summary", {}, say("release.log")), make("ol", { class: "log" }, ...steps));
}

/** @param {string} at @param {string} words @param {...import("../elements.js").Child} more */
function step(at, words, ...more) {
  return make("li", {}, timeOf(at), make("span", {}, words), ...more);
}
