/**
 * A proposal as it is being written: kept on this device at every change until the office has it, and turned into what
 * the service asks for. Sends and shows nothing.
 */
import { lengthOfGeometry } from "../geodesy/line-length.js";
import { newId } from "../markers.js";

/**
 * @typedef {{character: string, reading: string, possible: string[]}} Confirmed a polyphone as a person read it
 * @typedef {{name: string, confirmed: Record<string, Confirmed>, read: import("../proposals.js").ReadCharacter[],
 *   given?: string[]}} Written a name, its polyphones confirmed by their place, how it was last read; `given` are
 *   syllables that the office had on record when it was opened
 * @typedef {object} Draft
 * @property {string} id made here, once: sent twice, it is the same proposal
 * @property {string | null} etag of the proposal as it was read, null while the office has none
 * @property {Record<string, string>} fields as typed, by name
 * @property {Written[]} names what is proposed, then its alternatives
 * @property {any} geometry GeoJSON, EPSG:4490
 * @property {Record<string, string>} reasons by the subject that the rules ask one for
 * @property {string | null} profile
 * @property {string | null} kept_at when it was last kept on this device
 */

const PREFIX = "proposal-draft:";
/** Art. 11 asks for the scheme with its reasons; the office's habit is two or three other names. */
export const MOST_ALTERNATIVES = 5;
const NO_SYLLABLE = /[\s\d]/;
const LONGEST_SYLLABLE = 7;
const FIELDS = {
  kind: "street", action: "name", former_name: "", former_name_id: "", unit_code: "", width_m: "", width_basis: "",
  length_m: "", road_class: "", parent: "", origin: "", meaning: "", applicant_name: "", applicant_contact: "",
}; // prettier-ignore

/** @param {string} name @returns {Written} */
export function unread(name) {
  return { name, confirmed: {}, read: [] };
}

/** @returns {Draft} */
export function emptyDraft() {
  return { id: newId(), etag: null, fields: { ...FIELDS }, names: [unread(""), unread(""), unread("")], geometry: null, reasons: {}, profile: null, kept_at: null };
}

/** A proposal on record, to be written on. @param {{proposal: import("../proposals.js").Proposal, etag: string}} read @returns {Draft} */
export function draftOf({ proposal: { id, geometry, properties: facts }, etag }) {
  const typed = (/** @type {unknown} */ value) => (value === null || value === undefined ? "" : String(value));
  const own = Object.keys(FIELDS).filter((name) => !name.startsWith("applicant_"));
  /** @type {Record<string, string>} */
  const fields = {
    ...FIELDS,
    ...Object.fromEntries(own.map((name) => [name, typed(/** @type {any} */ (facts)[name])])),
    applicant_name: typed(facts.applicant.name),
    applicant_contact: typed(facts.applicant.contact),
  };
  const names = [{ ...unread(facts.name), given: facts.reading }, ...facts.alternatives.map((name) => ({ ...unread(name), given: facts.alternative_readings[name] ?? [] }))];
  const measured = lengthOfGeometry(geometry);
  if (measured !== null && Number(fields.length_m) === tenth(measured)) fields.length_m = "";
  return { id, etag, fields, names, geometry, reasons: { ...facts.reasons }, profile: facts.profile, kept_at: null };
}

/** Metres along the road: as typed, else as drawn. @param {Draft} draft @returns {number | null} */
export function lengthIn({ fields, geometry }) {
  const measured = lengthOfGeometry(geometry);
  return number(fields.length_m) ?? (measured === null ? null : tenth(measured));
}

/** @param {number} metres */
function tenth(metres) {
  return Math.round(metres * 10) / 10;
}

/** @param {string} typed @returns {number | null} */
function number(typed) {
  const value = Number(typed);
  return typed.trim() === "" || !Number.isFinite(value) ? null : value;
}

/** What a check and a proposal share, but the name. @param {Draft} draft */
export function aboutOf(draft) {
  const { fields, geometry, reasons, profile } = draft;
  const renames = fields.action === "rename";
  return {
    kind: fields.kind,
    action: fields.action,
    former_name: (renames && fields.former_name.trim()) || null,
    geometry,
    unit_code: fields.unit_code || null,
    width_m: number(fields.width_m),
    width_basis: fields.width_basis || null,
    length_m: lengthIn(draft),
    road_class: fields.road_class,
    parent: fields.parent.trim() || null,
    reasons: Object.fromEntries(Object.entries(reasons).filter(([subject, reason]) => reason.trim() && (renames || subject !== "rename"))),
    profile,
  };
}

/** The proposal as the service takes it. @param {Draft} draft */
export function bodyOf(draft) {
  const { id, fields, names } = draft;
  const [first, ...others] = names;
  return {
    id,
    ...aboutOf(draft),
    name: first.name.trim(),
    readings: readingsOf(first),
    former_name_id: (fields.action === "rename" && fields.former_name_id) || null,
    origin: fields.origin,
    meaning: fields.meaning,
    alternatives: others.map(({ name }) => name.trim()).filter(Boolean),
    alternative_readings: Object.fromEntries(others.flatMap((each) => (each.name.trim() && readingsOf(each) ? [[each.name.trim(), readingsOf(each)]] : []))),
    applicant: { name: fields.applicant_name, contact: fields.applicant_contact },
  };
}

/**
 * The syllables of the first characters as far as they are sure, null where no person confirmed any.
 * @param {Written} written
 * @returns {string[] | null}
 */
export function readingsOf({ name, confirmed, read, given = [] }) {
  if (given.length > 0) return given;
  if (Object.keys(confirmed).length === 0) return null;
  const syllables = [...name.trim()].map((character, place) => {
    const by_person = confirmed[place];
    if (by_person?.character === character) return by_person.reading;
    const found = read[place];
    return found?.character === character && !found.to_confirm ? found.reading : "";
  });
  const end = syllables.findIndex((syllable) => syllable === "" || syllable.length > LONGEST_SYLLABLE || NO_SYLLABLE.test(syllable));
  return end === -1 ? syllables : syllables.slice(0, end);
}

/** The same name typed on: what was confirmed goes with its character. @param {Written} written @param {string} name @returns {Written} */
export function renamed({ confirmed, read }, name) {
  const characters = [...name.trim()];
  /** @type {Record<string, Confirmed>} */
  const kept = {};
  for (const [place, entry] of Object.entries(confirmed)) {
    const at = characters[Number(place)] === entry.character ? Number(place) : characters.findIndex((each, index) => each === entry.character && !(index in kept));
    if (at >= 0) kept[at] = entry;
  }
  return { name, confirmed: kept, read };
}

/** Polyphones that still wait for a person. @param {Written} written */
export function openPolyphones({ confirmed, read }) {
  return read.filter(({ to_confirm }, place) => to_confirm && !(place in confirmed)).map(({ character }) => character);
}

/** @param {string} username @param {string | null} id of a proposal on record, null for a new one */
function keyOf(username, id) {
  return `${PREFIX}${username}:${id ?? "new"}`;
}

/** @param {string} username @param {string | null} id @returns {Draft | null} what this device kept */
export function keptDraft(username, id) {
  try {
    const kept = JSON.parse(localStorage.getItem(keyOf(username, id)) ?? "null");
    const whole = kept && typeof kept.id === "string" && Array.isArray(kept.names) && kept.fields;
    return whole ? { ...kept, fields: { ...FIELDS, ...kept.fields } } : null;
  } catch {
    return null;
  }
}

/** @param {string} username @param {Draft} draft @returns {boolean} false where the browser keeps nothing */
export function keepDraft(username, draft) {
  try {
    localStorage.setItem(keyOf(username, draft.etag === null ? null : draft.id), JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** The office has it, or nobody wants it. @param {string} username @param {string | null} id */
export function forgetDraft(username, id) {
  try {
    localStorage.removeItem(keyOf(username, id));
  } catch {
    // storage is forbidden: there was nothing to forget
  }
}
