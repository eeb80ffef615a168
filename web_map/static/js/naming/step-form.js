/**
 * One step of the path with what it needs: papers on record and those that are missing, reasons for passing blocking
 * findings. The service decides; this only says beforehand what it will ask.
 */
import { documentAddress, filePaper } from "../documents.js";
import { make } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";
import { act } from "../pages/sign-in-again.js";
import { sends } from "../pages/sending.js";
import { takeStep } from "../proposals.js";

/** @typedef {import("../proposals.js").Proposal} Proposal */
/** @typedef {import("../proposals.js").Step} Step */

/** What kind of paper on file a record of a step is; any other is `other`. @type {Readonly<Record<string, string>>} */
const FILED_AS = {
  application_form: "application",
  approval_document: "approval",
  minutes: "minutes",
  public_notice: "notice",
  filing_form: "registration_form",
  location_map: "detailed_map",
  sign_photo: "photo",
};
const READ = ".pdf,.docx,.xlsx,.png,.jpg,.jpeg";

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
    const texts = of("record");
    const filed = await Promise.all(
      chosenFiles(form).map(async ([code, file]) => {
        const title = `${label("naming_records", code)}${say("list.colon")}${facts.name}`;
        const paper = { id: idOf(file), type: FILED_AS[code] ?? "other", title, subject_kind: "proposal", subject_id: id };
        const { id: document } = await act(() => filePaper(paper, file));
        return [code, { text: texts[code] || file.name, document }];
      }),
    );
    const records = Object.fromEntries([...Object.entries(texts).map(([code, text]) => [code, { text }]), ...filed]);
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

/** @type {WeakMap<File, string>} */
const ids = new WeakMap();

/** The id of a file, the same when a step is sent again. @param {File} file */
function idOf(file) {
  const id = ids.get(file) ?? crypto.randomUUID();
  ids.set(file, id);
  return id;
}

/** The files that were chosen, by the record that they are. @param {HTMLFormElement} form @returns {[string, File][]} */
function chosenFiles(form) {
  const inputs = /** @type {HTMLInputElement[]} */ ([...form.querySelectorAll('input[type="file"]')]);
  return inputs.flatMap(({ dataset, files }) => (files?.[0] ? [/** @type {[string, File]} */ ([dataset.record ?? "", files[0]])] : []));
}

/** A record of a step in words, with the paper on file that it names. @param {{text: string, document?: string | null}} record */
export function recordShown({ text, document }) {
  if (!document) return text;
  return make("a", { href: documentAddress(document), target: "_blank", rel: "noopener" }, text || say("step.file"));
}

/** What must be on record, each there or missing. @param {Step} step @param {Record<string, {text: string, document: string | null}>} records */
function papers({ records: wanted }, records) {
  if (wanted.length === 0) return make("p", { class: "hint" }, say("step.no_papers"));
  return make(
    "ul",
    { class: "plain-list papers-needed" },
    ...wanted.map((code) =>
      make("li", { class: code in records ? "there" : "missing" }, make("strong", {}, code in records ? say("step.there") : say("step.missing")), " ", label("naming_records", code), records[code] && make("span", { class: "hint" }, " ", recordShown(records[code]))),
    ),
  );
}

/** @param {string} code @param {string} id */
function paperField(code, id) {
  const named = label("naming_records", code);
  return make(
    "div",
    { class: "paper" },
    make("label", { for: `record-${id}` }, named),
    make("textarea", { id: `record-${id}`, name: `record.${code}`, rows: 2, maxlength: 4000, "aria-describedby": `hint-${id}` }),
    make("input", { type: "file", accept: READ, "data-record": code, "aria-label": say("step.file_of", { paper: named }) }),
    make("p", { class: "hint", id: `hint-${id}` }, say("step.paper_hint")),
  );
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
