/**
 * Records and photos on their way to the office. What is finished leaves its draft and enters the outbox in one
 * transaction; what is here leaves only against a receipt of the office, or by the surveyor's own word.
 */
import { withRoom } from "./reserve.js";
import { changed, kept, keep, store } from "./store.js";
import { newId } from "../markers.js";

/** @typedef {import("./store.js").Waiting} Waiting */
/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */
/** @typedef {import("./store.js").Receipt} Receipt */

/** Receipts of so many days are shown; the office keeps the record itself. */
const RECEIPTS_SHOWN_DAYS = 14;

/** The name of this device, made once. @returns {Promise<string>} */
export async function deviceId() {
  const known = /** @type {string | undefined} */ (await kept("device_id"));
  if (known) return known;
  const made = `field-${newId().slice(0, 13)}`;
  await keep("device_id", made);
  return made;
}

/**
 * Puts records in the outbox, sets their photos free to be sent and forgets the draft: all of it or nothing.
 * @param {{id: string, type: string, marker_code: string, body: Record<string, unknown>}[]} records
 * @param {{draft?: string, photos?: string[], person: string, also?: {name: string, turned: (before: unknown) => unknown}}} from
 *   `also`: what is kept under a name and changes with them
 */
export async function post(records, from) {
  await withRoom(() => enter(records, from));
  changed("outbox");
}

/** @param {Parameters<typeof post>[0]} records @param {Parameters<typeof post>[1]} from */
async function enter(records, { draft, photos = [], person, also }) {
  const database = await store();
  const act = database.transaction(["outbox", "photos", "drafts", "kept"], "readwrite", { durability: "strict" });
  const written = draft ? /** @type {import("./drafts.js").Draft | undefined} */ (await act.objectStore("drafts").get(draft)) : undefined;
  const refused = written?.corrects ? (await act.objectStore("outbox").getAll()).filter((each) => isPartOf(each, written.corrects)) : [];
  const made_at = new Date().toISOString();
  const held = await Promise.all(photos.map((sha256) => act.objectStore("photos").get(sha256)));
  const before = also && (await act.objectStore("kept").get(also.name))?.value;
  await Promise.all([
    ...corrected(records, written).map((record, seq) => act.objectStore("outbox").put({ ...record, ...(written && { written }), seq, person, made_at, stage: "waiting" })),
    ...refused.map(({ id }) => act.objectStore("outbox").delete(id)),
    also ? act.objectStore("kept").put({ name: also.name, value: also.turned(before) }) : null,
    ...held.filter(Boolean).map((photo) => act.objectStore("photos").put({ ...photo, stage: "waiting" })),
    draft ? act.objectStore("drafts").delete(draft) : null,
    act.done,
  ]);
}

/**
 * Whether a record of the outbox was refused and came from the form that is written anew: a stop of a joint inspection
 * makes several records, and the form brings all of them again.
 * @param {Waiting} record @param {import("./drafts.js").Draft["corrects"]} corrects
 */
function isPartOf({ id, stage, written }, corrects) {
  return id === corrects?.id || (stage === "needs" && written !== undefined && written.id === corrects?.form);
}

/** Says of the record that takes the place of the refused one which it was. @param {Parameters<typeof post>[0]} records @param {import("./drafts.js").Draft | undefined} written */
function corrected(records, written) {
  const corrects = written?.corrects;
  if (!corrects) return records;
  const place = Math.max(0, records.findIndex(({ type }) => type === corrects.type));
  return records.map((record, each) => (each === place ? { ...record, body: { ...record.body, corrects: corrects.id } } : record));
}

/**
 * Opens a refused record in its form again, under a new id; it stays in the outbox until the corrected one takes its place.
 * @param {Waiting} refused
 * @param {string} reason the office's, in words
 * @returns {Promise<string | null>} the place of the form; null where another record is being written in it
 */
export async function reopen({ id, type, written, body }, reason) {
  if (!written) return null;
  const act = (await store()).transaction(["drafts", "photos"], "readwrite", { durability: "strict" });
  const drafts = act.objectStore("drafts");
  const other = /** @type {import("./drafts.js").Draft | undefined} */ (await drafts.get(written.key));
  if (other && other.corrects?.form !== written.id) return null;
  const fresh = other?.id ?? newId();
  const { captured_at, on, end_position } = /** @type {any} */ (body);
  const corrects = { id, type, form: written.id, reason, captured_at: captured_at ?? on, end_position };
  const photos = /** @type {HeldPhoto[]} */ (await act.objectStore("photos").getAll()).filter(({ record_id }) => record_id === written.id);
  await Promise.all([
    other ? null : drafts.put({ ...written, id: fresh, corrects }),
    ...photos.map((photo) => act.objectStore("photos").put({ ...photo, record_id: fresh })),
    act.done,
  ]);
  changed("drafts");
  const [form, code] = written.key.split(/:(.*)/s);
  return `${form}=${encodeURIComponent(code)}`;
}

/** What waits, the oldest first. @returns {Promise<Waiting[]>} */
export async function waiting() {
  const found = await (await store()).getAllFromIndex("outbox", "made_at");
  return found.sort((a, b) => a.made_at.localeCompare(b.made_at) || (a.seq ?? 0) - (b.seq ?? 0));
}

/** Photos that are to be sent, drafts left out. @returns {Promise<HeldPhoto[]>} */
export async function waitingPhotos() {
  const found = await (await store()).getAll("photos");
  return found
    .filter((/** @type {HeldPhoto} */ { stage }) => stage !== "draft")
    .sort((/** @type {HeldPhoto} */ a, /** @type {HeldPhoto} */ b) => a.taken_at.localeCompare(b.taken_at));
}

/** The latest receipts. @returns {Promise<Receipt[]>} */
export async function receipts() {
  const found = /** @type {Receipt[]} */ (await (await store()).getAll("receipts"));
  return found.sort((a, b) => b.received_at.localeCompare(a.received_at));
}

/** @param {"outbox" | "photos"} name @param {string} key @param {Partial<Waiting> | Partial<HeldPhoto>} change */
export async function mark(name, key, change) {
  const act = (await store()).transaction(name, "readwrite");
  const row = await act.store.get(key);
  if (row) await act.store.put({ ...row, ...change });
  await act.done;
}

/**
 * The office has a record or a photo: its receipt takes the place of what was kept, in one transaction.
 * @param {"outbox" | "photos"} name
 * @param {string} key
 * @param {Receipt} receipt
 */
export async function receive(name, key, receipt) {
  const act = (await store()).transaction([name, "receipts"], "readwrite", { durability: "strict" });
  const oldest = new Date(Date.now() - RECEIPTS_SHOWN_DAYS * 86_400_000).toISOString();
  const earlier = /** @type {Receipt[]} */ (await act.objectStore("receipts").getAll());
  await Promise.all([
    act.objectStore("receipts").put(receipt),
    act.objectStore(name).delete(key),
    ...earlier.filter((each) => each.received_at < oldest).map((each) => act.objectStore("receipts").delete(each.id)),
    act.done,
  ]);
}

/**
 * Lets a refused record be sent once more; where its id stands for another record at the office, under a new one.
 * @param {Waiting} refused
 */
export async function again(refused) {
  const act = (await store()).transaction("outbox", "readwrite");
  const id = refused.code === "record.conflict" ? newId() : refused.id;
  await Promise.all([
    act.store.delete(refused.id),
    act.store.put({ ...refused, id, stage: "waiting", code: null, detail: null }),
    act.done,
  ]);
  changed("outbox");
}

/** Lets a refused photo be sent once more. @param {string} sha256 */
export async function photoAgain(sha256) {
  await mark("photos", sha256, { stage: "waiting", code: null, detail: null });
  changed("outbox");
}

/** Drops what was refused for good, by the surveyor's own word. @param {"outbox" | "photos"} name @param {string} key */
export async function drop(name, key) {
  await (await store()).delete(name, key);
  changed("outbox");
}

/** How many records and photos are not at the office yet. */
export async function unsent() {
  const [records, photos] = await Promise.all([waiting(), waitingPhotos()]);
  const needs = [...records, ...photos].filter(({ stage }) => stage === "needs").length;
  return { records: records.length, photos: photos.length, needs, bytes: photos.reduce((sum, { size }) => sum + size, 0) };
}
