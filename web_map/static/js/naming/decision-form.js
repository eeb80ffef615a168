/** What the votes on items come to is put on record with the minutes, for one or for all that may; the service counts. */
import { make } from "../elements.js";
import { decideItem } from "../meetings.js";
import { say } from "../messages.js";
import { field, value } from "../pages/fields.js";
import { act } from "../pages/sign-in-again.js";
import { sends } from "../pages/sending.js";

/** @typedef {import("../meetings.js").Item} Item */
/** @typedef {import("../meetings.js").Meeting} Meeting */

/** Whether enough of the entitled have voted. @param {Item} item */
export function quorate({ ballots, quorum }) {
  return ballots.filter(({ vote }) => vote !== "recused").length >= quorum;
}

/**
 * @param {Meeting} sitting
 * @param {Item} item
 * @param {{decided: (sitting: Meeting, count: number) => void}} how
 */
export function decisionForm(sitting, item, { decided }) {
  const ready = sitting.items.filter((each) => each.outcome === null && each.state === "committee" && quorate(each));
  const form = make(
    "form",
    { class: "fields card decision" },
    make("label", { for: "minutes" }, say("decision.minutes")),
    make("input", { id: "minutes", name: "minutes", required: true, maxlength: 4000, autocomplete: "off" }),
    ready.length > 1 && make("label", { class: "tick" }, make("input", { type: "checkbox", name: "all" }), make("span", {}, say("decision.all", { count: ready.length }))),
    make("p", { class: "refused", role: "alert", hidden: true }),
    make("p", { class: "actions" }, make("button", { type: "submit", class: "strong" }, say("decision.record"))),
  );
  sends(form, async () => {
    const minutes = value(form, "minutes").trim();
    const items = ready.length > 1 && field(form, "all").checked ? ready : [item];
    const first = act(() => decideItem(sitting.id, { item_id: items[0].id, minutes }));
    decided(await items.slice(1).reduce((before, each) => before.then(() => decideItem(sitting.id, { item_id: each.id, minutes })), first), items.length);
  });
  return form;
}
