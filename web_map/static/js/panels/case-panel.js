/**
 * The cases of a marker: each with its stage on a line of steps, what was done, and the steps that may come next with
 * what each needs. A refused step is told by what is missing. The service decides; this asks and words.
 */
import { ApiError, address } from "../api.js";
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { caseFile, casesOf, namesOf, newId, openCase, photoPath, stepCase } from "../markers.js";
import { language, say } from "../messages.js";
import { recordField, recordWords, nameOf } from "./case-fields.js";
import { MISSING_AS, OPENING, RECORDS, stagesOf } from "./case-records.js";
import { failureWords } from "./inspection-failure.js";
import { moment } from "./marker-records.js";

/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("./marker-panel.js").MarkerActs} MarkerActs */
/** @typedef {import("../markers.js").CaseFile} CaseFile */
/** @typedef {import("./case-fields.js").Ground} Ground */

const HASH_SHOWN = 24;
const CITED = /^(?:sha256:)?([0-9a-f]{64})$/u;
const REFUSED = "marker.case_step_refused";

/** @param {MarkerPage} page @param {MarkerActs} acts */
export async function casePanel(page, acts) {
  const box = make("div", { class: "cases" });
  const names = await namesOf("units", null).catch(() => new Map());
  const refresh = async () => {
    const { cases } = await casesOf(page.feature.properties.code);
    const files = await Promise.all(cases.map(({ id }) => caseFile(id)));
    put(box, ...shown(files, { page, acts, names, refresh }));
  };
  try {
    await refresh();
  } catch (error) {
    put(box, ...failureWords(error));
  }
  return box;
}

/** @typedef {{page: MarkerPage, acts: MarkerActs, names: Map<string, string>, refresh: () => Promise<void>}} Desk */

/** @param {CaseFile[]} files @param {Desk} desk */
function shown(files, desk) {
  const { number } = desk.page.feature.properties;
  const open = files.filter(({ stage }) => stage !== "closed");
  return [
    make("h3", {}, say("case.title", { number })),
    files.length === 0 && make("p", { class: "hint" }, say("case.none")),
    ...files.map((file) => one(file, desk)),
    open.length === 0 && make("section", { class: "case" }, make("h4", {}, say("case.open")), steps(OPENING, null, desk)),
  ];
}

/** @param {CaseFile} file @param {Desk} desk */
function one(file, desk) {
  const { kind, stage, opened_at, opened_by, events, possible } = file;
  const next = possible.filter((event) => event in RECORDS);
  return make(
    "section",
    { class: "case" },
    make("h4", {}, say(`case_kind.${kind}`), make("span", { class: "hint" }, ` ${moment(opened_at)} · ${opened_by}`)),
    line(kind, stage),
    make(
      "ol",
      { class: "history" },
      ...events.map((event) =>
        make(
          "li",
          {},
          make("span", { class: "when" }, moment(event.happened_at)),
          make("span", { class: "what" }, label("case_event", event.event), make("span", { class: "code" }, ` ${event.person}`)),
          make("span", { class: "how" }, [label("capacity", event.capacity), desk.names.get(event.unit) ?? event.unit].filter(Boolean).join(" · ")),
          brought(event.records, desk),
        ),
      ),
    ),
    make("p", { class: "written" }, ...["PDF", "DOCX"].flatMap((form) => [paperOf(file.id, form), " "])),
    stage !== "closed" && make("h4", {}, say("case.next")),
    stage !== "closed" && steps([...next, "revoke"], file, desk),
  );
}

/** The whole case as one paper. @param {string} id @param {string} form */
function paperOf(id, form) {
  const { href } = address(`api/cases/${id}/file.${form.toLowerCase()}`, { language: language() });
  return make("a", { href, download: "" }, `${say("case.file")} ${form}`);
}

/** The line of stages; where the case stands is marked. @param {string} kind @param {string} stage */
function line(kind, stage) {
  const stages = stagesOf(kind);
  const here = stages.indexOf(stage);
  return make(
    "ol",
    { class: "stages", "aria-label": say("case.stages") },
    ...stages.map((each, place) =>
      make(
        "li",
        { class: place < here ? "passed" : null, "aria-current": place === here ? "step" : null },
        make("span", {}, label("case_stage", each)),
      ),
    ),
  );
}

/** What an event brought, in short. @param {Record<string, any>} records @param {Desk} desk */
function brought(records, { names }) {
  /** @type {(value: any) => string} */
  const words = (value) => {
    if (Array.isArray(value)) return value.map(words).join("; ");
    if (value === null || typeof value !== "object") return cited(value) ? "" : names.get(String(value)) ?? String(value ?? "").slice(0, 120);
    return Object.values(value).map(words).filter(Boolean).join(" ");
  };
  /** @type {(value: any) => string[]} */
  const papers = (value) => (value !== null && typeof value === "object" ? Object.values(value).flatMap(papers) : [cited(value)].filter(Boolean));
  const lines = Object.entries(records).filter(([, value]) => value !== null && value !== "");
  if (lines.length === 0) return null;
  return make("dl", { class: "brought" }, ...lines.flatMap(([key, value]) => [make("dt", {}, recordWords(key)), make("dd", {}, words(value), ...[...new Set(papers(value))].map(paperLink))]));
}

/** The hash of a paper that a record cites, else "". @param {unknown} value */
function cited(value) {
  return CITED.exec(String(value ?? ""))?.[1] ?? "";
}

/** @param {string} sha256 */
function paperLink(sha256) {
  return make("a", { class: "paper", href: photoPath(sha256), target: "_blank", rel: "noopener", title: sha256 }, ` ${say("case.paper")} ${sha256.slice(0, 6)}`);
}

/**
 * The steps that may come, each to be opened to its form.
 * @param {string[]} events
 * @param {CaseFile | null} file null when a case is to be opened
 * @param {Desk} desk
 */
function steps(events, file, desk) {
  const on_record = managingSide(file);
  const needed = (/** @type {string} */ event) => RECORDS[event].filter(({ key }) => !(key === "managing_side" && on_record));
  return make(
    "div",
    { class: "steps" },
    ...events.map((event) => {
      const form = make("div", { class: "step-form" });
      const details = make(
        "details",
        {
          name: `steps-${file?.id ?? "new"}`,
          ontoggle: () => details.open && form.childElementCount === 0 && put(form, stepForm(event, needed(event), { file, on_record, desk })),
        },
        make(
          "summary",
          {},
          label("case_event", event),
          make("span", { class: "needs" }, say("case.needs", { what: needed(event).map(({ key }) => recordWords(key)).join(say("case.and")) })),
        ),
        form,
      );
      return details;
    }),
  );
}

/**
 * @param {string} event
 * @param {import("./case-records.js").RecordField[]} fields
 * @param {{file: CaseFile | null, on_record: string | null, desk: Desk}} at
 */
function stepForm(event, fields, { file, on_record, desk }) {
  const { page, acts, names, refresh } = desk;
  const marker = page.feature.properties;
  /** @type {Ground} */
  const ground = { units: marker.unit_codes, names, managing_side: on_record ?? marker.managing_unit, events: file?.events ?? [] };
  /** @type {Record<string, any>} */
  const records = {};
  const id = newId();
  const told = make("div", { role: "alert", class: "form-told" });
  const send = make("button", { type: "submit", class: "strong" }, label("case_event", event));
  const today = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const on = make("input", { type: "date", name: "on", value: today, max: today });
  const submit = async (/** @type {Event} */ submitted) => {
    submitted.preventDefault();
    put(told);
    send.disabled = true;
    const step = { id, event, records, ...(on.value && on.value !== today && { on: on.value }) };
    const form = /** @type {HTMLElement} */ (submitted.currentTarget);
    try {
      const answer = file ? await stepCase(file.id, step) : await openCase(marker.code, step);
      acts.tell(say("case.taken", { stage: label("case_stage", answer.case.stage) }));
      await refresh();
      acts.recoloured();
    } catch (error) {
      put(told, ...refusal(error, { ground, form }));
      told.scrollIntoView({ block: "nearest" });
      send.disabled = false;
    }
  };
  return make(
    "form",
    { novalidate: true, onsubmit: submit },
    ...fields.map((field) => recordField(field, records, ground)),
    make("label", { class: "field" }, say("case.on"), on),
    told,
    make("p", { class: "actions" }, send),
  );
}

/** The side that a step has put on record as the managing one. @param {CaseFile | null} file */
function managingSide(file) {
  const sides = (file?.events ?? []).map(({ records }) => records.managing_side).filter((side) => typeof side === "string");
  return sides.at(-1) ?? null;
}

/** What is missing, each in words, its field marked. @param {unknown} error @param {{ground: Ground, form: HTMLElement}} at */
function refusal(error, { ground, form }) {
  for (const field of form.querySelectorAll("[data-key]")) field.classList.remove("missing");
  if (!(error instanceof ApiError) || error.code !== REFUSED) return failureWords(error);
  const missing = /** @type {string[]} */ (error.facts.missing ?? []);
  for (const code of missing) markField(code, form);
  return [
    make("p", { class: "failed" }, make("b", {}, error.title || label("refusal", REFUSED)), ` ${say("case.missing")}`),
    make("ul", { class: "missing-list" }, ...missing.map((code) => make("li", {}, missingWords(code, ground)))),
  ];
}

/** @param {string} code such as `neighbour_attendance:469021.photo` @param {Ground} ground */
function missingWords(code, ground) {
  const [key, where = ""] = code.split(":");
  const [unit, part] = where.split(".");
  return [recordWords(key), unit && nameOf(unit, ground).slice(0, HASH_SHOWN), part && say(`case_part.${part}`)].filter(Boolean).join(" · ");
}

/** @param {string} code @param {HTMLElement} form */
function markField(code, form) {
  const [key] = code.split(":");
  for (const field of form.querySelectorAll("[data-key]")) {
    const own = field.getAttribute("data-key") ?? "";
    if ((MISSING_AS[own] ?? own) === key) field.classList.add("missing");
  }
}
