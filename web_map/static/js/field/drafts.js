/** What is being written, kept at every keystroke and found again after a crash; sends nothing. */
import { newId } from "../markers.js";
import { say } from "../messages.js";
import { withRoom } from "./reserve.js";
import { all, changed, one, store } from "./store.js";

/**
 * @typedef {object} Draft
 * @property {string} key such as `inspect:CODE`
 * @property {string} marker_code
 * @property {string} id the record's own id, made once: sent twice, it is the same record
 * @property {string} begun_at
 * @property {Record<string, any>} fields
 * @property {{shows: string, sha256: string}[]} photos
 * @property {{id: string, type: string, form: string, reason: string, captured_at?: string, end_position?: object}} [corrects]
 *   the refused record that this one takes the place of, the id of the form it came from, when and where its visit was
 */

/** @typedef {"inspect" | "joint" | "report" | "edit" | "stop" | "sign"} Form */

/** Keeps one draft; what is typed quickly is written in order, the latest last. */
export class DraftKeeper {
  /** @type {Promise<unknown>} */
  #written = Promise.resolve();
  found = false;

  /** @param {Draft} draft @param {(error: unknown) => void} failed */
  constructor(draft, failed) {
    this.draft = draft;
    this.failed = failed;
  }

  /** @param {Record<string, any>} change */
  set(change) {
    this.draft.fields = { ...this.draft.fields, ...change };
    return this.keep();
  }

  keep() {
    const copy = structuredClone(this.draft);
    this.#written = this.#written.then(() => withRoom(async () => (await store()).put("drafts", copy))).catch(this.failed);
    return this.#written;
  }
}

/** @param {Form} form @param {string} marker_code @param {(error: unknown) => void} failed */
export async function openDraft(form, marker_code, failed) {
  const key = `${form}:${marker_code}`;
  const found = /** @type {Draft | undefined} */ (await one("drafts", key));
  const begun = { key, marker_code, id: newId(), begun_at: new Date().toISOString(), fields: {}, photos: [] };
  const keeper = new DraftKeeper(found ?? begun, failed);
  keeper.found = found !== undefined;
  return keeper;
}

/** What is said above a form that is not empty. @param {Draft} draft */
export function foundWords({ corrects }) {
  return corrects ? say("field.correct.of", { reason: corrects.reason }) : say("inspection.draft_found");
}

/** Throws a draft and its photos away, by the surveyor's own word. @param {Draft} draft */
export async function throwAway({ key, id }) {
  const act = (await store()).transaction(["drafts", "photos"], "readwrite");
  const photos = await act.objectStore("photos").getAll();
  await Promise.all([
    act.objectStore("drafts").delete(key),
    ...photos
      .filter(({ record_id, stage }) => record_id === id && stage === "draft")
      .map(({ sha256 }) => act.objectStore("photos").delete(sha256)),
    act.done,
  ]);
  changed("drafts");
}

/** Markers that something is being written about. @returns {Promise<Set<string>>} */
export async function drafted() {
  return new Set(/** @type {Draft[]} */ (await all("drafts")).map(({ marker_code }) => marker_code));
}
