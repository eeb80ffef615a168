/** What the public said on a proposal, and how each is handled; a disposition is recorded once with its reason. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { value } from "../pages/fields.js";
import { timeOf } from "../pages/moments.js";
import { act } from "../pages/sign-in-again.js";
import { sends } from "../pages/sending.js";
import { disposeOf } from "../proposals.js";

/** @typedef {import("../proposals.js").Comment} Comment */

const OUTCOMES = /** @type {const} */ (["adopted", "partly", "declined", "noted"]);

/**
 * @param {string} proposal
 * @param {Comment[]} comments
 * @param {{may: boolean, done: () => void}} how
 */
export function commentList(proposal, comments, { may, done }) {
  if (comments.length === 0) return make("p", { class: "hint" }, say("disposition.no_comments"));
  return make("ol", { class: "plain-list comments" }, ...comments.map((comment) => make("li", {}, said(comment), comment.disposition ? handled(comment) : may && form(proposal, comment, done))));
}

/** @param {Comment} comment */
function said({ opinion, body, author, contact, recorded_at }) {
  return make("div", {}, make("p", {}, make("span", { class: "badge" }, say(`comment.opinion.${opinion}`)), " ", body), make("p", { class: "hint" }, [author || say("disposition.anonymous"), contact].filter(Boolean).join(" · "), " · ", timeOf(recorded_at)));
}

/** @param {Comment} comment */
function handled({ disposition }) {
  if (!disposition) return null;
  const { outcome, reason, recorded_by } = disposition;
  return make("p", { class: "note" }, make("strong", {}, say(`disposition.${outcome}`)), `${say("list.colon")}${reason}`, make("span", { class: "hint" }, ` ${recorded_by}`));
}

/** @param {string} proposal @param {Comment} comment @param {() => void} done */
function form(proposal, { id }, done) {
  const request = crypto.randomUUID();
  const fields = make(
    "form",
    { class: "fields beside" },
    make("label", { for: `outcome-${id}` }, say("disposition.outcome")),
    make("select", { id: `outcome-${id}`, name: "outcome" }, ...OUTCOMES.map((outcome) => make("option", { value: outcome }, say(`disposition.${outcome}`)))),
    make("label", { for: `reason-${id}` }, say("disposition.reason")),
    make("textarea", { id: `reason-${id}`, name: "reason", rows: 2, required: true, maxlength: 4000 }),
    make("p", { class: "refused", role: "alert", hidden: true }),
    make("p", { class: "actions" }, make("button", { type: "submit", class: "plain" }, say("disposition.record"))),
  );
  sends(fields, async () => {
    const [outcome, reason] = [value(fields, "outcome"), value(fields, "reason")];
    await act(() => disposeOf(proposal, id, { id: request, outcome, reason }));
    done();
  });
  return fields;
}
