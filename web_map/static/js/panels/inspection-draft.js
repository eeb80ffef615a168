/**
 * An inspection as it is being written, kept on this device until the office has given its receipt: a reload, a lost
 * network or an expired session costs no work. It keeps one draft a marker, and sends nothing. Photos are kept by what
 * they show and by their hash; the files themselves have to be chosen again after a reload.
 */
import { newId } from "../markers.js";

/**
 * @typedef {object} Draft
 * @property {string} id the record's own id, made once: sent twice, it is the same record
 * @property {string} kind
 * @property {string | null} captured_at
 * @property {string} condition
 * @property {Record<string, string>} components
 * @property {Record<string, string>} fix what was typed of the position, field by field
 * @property {import("./inspection-objects.js").Typed} [objects] reference objects measured again, as typed
 * @property {string} accuracy_reason
 * @property {string} note
 * @property {string[]} actions
 * @property {{sha256: string, shows: string}[]} photos
 */

const PREFIX = "inspection-draft:";

/** @param {string} marker_code @returns {Draft} the one kept, or an empty one with an id of its own */
export function draftOf(marker_code) {
  const kept = read(marker_code);
  if (kept) return kept;
  return {
    id: newId(),
    kind: "patrol",
    captured_at: null,
    condition: "",
    components: {},
    fix: {},
    accuracy_reason: "",
    note: "",
    actions: [],
    photos: [],
  };
}

/** @param {string} marker_code @param {Draft} draft @returns {boolean} false where the browser keeps nothing */
export function keep(marker_code, draft) {
  try {
    localStorage.setItem(PREFIX + marker_code, JSON.stringify(draft));
    return true;
  } catch {
    return false;
  }
}

/** The office has the record. @param {string} marker_code */
export function forget(marker_code) {
  try {
    localStorage.removeItem(PREFIX + marker_code);
  } catch {
    // storage is forbidden: there was nothing to forget
  }
}

/** @param {string} marker_code @returns {boolean} */
export function isKept(marker_code) {
  return read(marker_code) !== null;
}

/** @param {string} marker_code @returns {Draft | null} */
function read(marker_code) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + marker_code) ?? "null");
    return draft && typeof draft.id === "string" ? draft : null;
  } catch {
    return null;
  }
}
