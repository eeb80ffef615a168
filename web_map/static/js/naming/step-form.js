/**
 * One step of the path with what it needs: papers on record and those that are missing, reasons for passing blocking
 * findings. The service decides; this only says beforehand what it will ask.
 */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";
import { act } from "../pages/sign-in-again.js";
import { sends } from "../pages/sending.js";
import { takeStep } from "../proposals.js";

/** @typedef {import("../proposals.js").Proposal} Proposal */
/** @typedef {import("../proposals.js").Step} Step */

/**
 * @param {Proposal} proposal
 * @param {Step} step
 * @param {{may: boolean, taken: (proposal: Proposal) => void}} how
 */
export function stepForm({ id, properties: facts }, step, { may, taken }) {
  const missing = step.records.filter((code) => !(code in facts.records));
  const blocking = step.open_blocks;
  const request = crypto.randomUUID();
  const form = make(
    "form",
    { class: "fields" },
    papers(step, facts.records),
    !may && make("p", { class: "note" }, say("step.not_yours", { actors: step.actors.map((actor) => say(`actor.${actor}`)).join(say("list.comma")) })),
    ...(may ? [...missing.map((code) => paperField(code, `${step.event}-${code}`)), ...blocking.map((code) => overrideField(code, `${step.event}-${code}`)), ...dayAndNote(step.event)] : []),
    make("p", { class: "refused", role: "alert", hidden: true }),
    may && make("p", { class: "actions" }, make("button", { type: "submit", class: "strong" }, label("naming_events", step.event))),
  );
  sends(form, async () => {
    const typed = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form).entries()));
    const of = (/** @type {string} */ group) => Object.fromEntries(Object.entries(typed).filter(([name, text]) => name.startsWith(`${group}.`) && text.trim()).map(([name, text]) => [name.slice(group.length + 1), text]));
    const records = Object.fromEntries(Object.entries(of("record")).map(([code, text]) => [code, { text }]));
    const data = { on: typed.on || null, records, overrides: of("override"), note: typed.note ?? "" };
    taken(await act(() => takeStep(id, { id: request, event: step.event, data })));
  });
  const lacking = missing.length + blocking.length;
  return make(
    "details",
    { class: "step", "data-event": step.event },
    make("summary", {}, `${label("naming_events", step.event)} → ${label("naming_states", step.target)}`, lacking > 0 && make("span", { class: "badge warn" }, say("step.lacking", { count: lacking }))),
    form,
  );
}

/** What must be on record, each there or missing. @param {Step} step @param {Record<string, {text: string}>} records */
function papers({ records: wanted }, records) {
  if (wanted.length === 0) return make("p", { class: "hint" }, say("step.no_papers"));
  return make(
    "ul",
    { class: "plain-list papers-needed" },
    ...wanted.map((code) =>
      make("li", { class: code in records ? "there" : "missing" }, make("strong", {}, code in records ? say("step.there") : say("step.missing")), " ", label("naming_records", code), records[code]?.text && make("span", { class: "hint" }, ` ${records[code].text}`)),
    ),
  );
}

/** @param {string} code @param {string} id */
function paperField(code, id) {
  return make("div", {}, make("label", { for: `record-${id}` }, label("naming_records", code)), make("textarea", { id: `record-${id}`, name: `record.${code}`, rows: 2, maxlength: 4000, "aria-describedby": `hint-${id}` }), make("p", { class: "hint", id: `hint-${id}` }, say("step.paper_hint")));
}

/** @param {string} code @param {string} id */
function overrideField(code, id) {
  return make("div", { class: "override" }, make("label", { for: `override-${id}` }, say("step.override", { code, rule: label("naming_rules", code) })), make("textarea", { id: `override-${id}`, name: `override.${code}`, rows: 2, maxlength: 4000 }));
}

/** @param {string} event */
function dayAndNote(event) {
  return [
    make("label", { for: `on-${event}` }, say("step.on")),
    make("input", { id: `on-${event}`, name: "on", type: "date" }),
    make("label", { for: `note-${event}` }, say("step.note")),
    make("input", { id: `note-${event}`, name: "note", maxlength: 4000, autocomplete: "off" }),
  ];
}
