/** A reviewer's word on an inspection that waits for it: accepted or refused, once, whatever the network does. */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { newId, reviewInspection } from "../markers.js";
import { say } from "../messages.js";

/** @param {import("../markers.js").Inspection} inspection @param {import("./marker-panel.js").MarkerPage} page @param {import("./marker-panel.js").MarkerActs} acts */
export function reviewForm(inspection, { reader, now }, acts) {
  const waits = make("span", { class: "badge waiting-badge" }, say("review.waits"));
  if (!reader.signed_in || !reader.roles.includes("boundary") || now.as_of) return waits;
  if (reader.username === inspection.person) return make("span", { class: "how" }, waits, " ", say("review.own"));
  const id = newId();
  const reason = make("input", { type: "text", maxlength: 1000, "aria-label": say("review.reason"), placeholder: say("review.reason") });
  const told = make("span", { role: "status" });
  const box = make("span", { class: "review" });
  const decide = async (/** @type {boolean} */ accepted) => {
    if (!accepted && reason.value.trim() === "") {
      put(told, say("review.reason_needed"));
      reason.focus();
      return;
    }
    try {
      await reviewInspection(inspection.id, { id, accepted, reason: reason.value.trim() });
      acts.tell(say(accepted ? "review.accepted" : "review.refused"));
      acts.changed();
    } catch (error) {
      put(told, error instanceof ApiError && error.detail ? error.detail : say("marker_form.not_sent"));
      told.className = "failed";
    }
  };
  put(
    box,
    waits,
    reason,
    make("button", { type: "button", class: "strong", onclick: () => decide(true) }, say("review.accept")),
    make("button", { type: "button", class: "plain", onclick: () => decide(false) }, say("review.refuse")),
    told,
  );
  return box;
}
