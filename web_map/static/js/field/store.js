/**
 * What the field app keeps on the device, in IndexedDB: packs and their markers, pictures, drafts, records and photos
 * that wait, receipts. Shared by the page and its service worker; it sends nothing and throws nothing away by itself.
 */
import { openDB } from "../../vendor/idb/index.js";

/**
 * @typedef {"waiting" | "sending" | "needs"} Stage
 * @typedef {{id: string, seq?: number, type: string, marker_code: string, made_at: string, stage: Stage,
 *   body: Record<string, unknown>, code?: string | null, detail?: string | null, person: string,
 *   written?: import("./drafts.js").Draft}} Waiting `written`: the form as it was when it was finished
 * @typedef {{sha256: string, record_id: string, marker_code: string, shows: string, size: number, bytes: Blob,
 *   stage: Stage | "draft", offset: number, code?: string | null, detail?: string | null, taken_at: string}} HeldPhoto
 * @typedef {{id: string, kind: "record" | "photo", type: string, marker_code: string, received_at: string,
 *   code: string | null}} Receipt
 * @typedef {{code: string, version: number, form: any, state: any, inspections: any[], cases: any[]}} PackedMarker
 * @typedef {{area: string, title: string, token: string, taken_at: string, codes: string[], joint_inspections: any[],
 *   my_edits?: import("../markers.js").WaitingEdit[],
 *   policy: {capture_accuracy_m: number, report_hours: number, tolerance_m: number}, profile: string,
 *   extent: number[] | null, units: Record<string, string>, bytes: number}} Pack
 */

const NAME = "geo-field";
const VERSION = 1;
/** Told to every tab and to the worker when something here has changed. */
export const CHANGES = "geo-field-changes";

/** @type {Promise<import("../../vendor/idb/index.js").IDBPDatabase<any>> | null} */
let opened = null;

/** The database, opened once; a newer version of the app in another tab is let through. */
export function store() {
  opened ??= openDB(NAME, VERSION, {
    upgrade(database) {
      database.createObjectStore("packs", { keyPath: "area" });
      database.createObjectStore("markers", { keyPath: "code" });
      database.createObjectStore("pictures", { keyPath: "sha256" });
      database.createObjectStore("drafts", { keyPath: "key" });
      database.createObjectStore("outbox", { keyPath: "id" }).createIndex("made_at", "made_at");
      database.createObjectStore("photos", { keyPath: "sha256" });
      database.createObjectStore("receipts", { keyPath: "id" });
      database.createObjectStore("kept", { keyPath: "name" });
    },
    blocking: (_now, _next, event) => /** @type {IDBDatabase} */ (event.target).close(),
    terminated: () => (opened = null),
  });
  return opened;
}

/** @template T @param {string} name @returns {Promise<T | undefined>} */
export async function kept(name) {
  return (await (await store()).get("kept", name))?.value;
}

/** @param {string} name @param {unknown} value */
export async function keep(name, value) {
  await (await store()).put("kept", { name, value });
}

/** Changes what is kept under a name, read and written in one transaction. @param {string} name @param {(before: unknown) => unknown} turned */
export async function changeKept(name, turned) {
  const act = (await store()).transaction("kept", "readwrite");
  await act.store.put({ name, value: turned((await act.store.get(name))?.value) });
  await act.done;
}

/** @template T @param {string} name @returns {Promise<T[]>} */
export async function all(name) {
  return (await store()).getAll(name);
}

/** @template T @param {string} name @param {string} key @returns {Promise<T | undefined>} */
export async function one(name, key) {
  return (await store()).get(name, key);
}

/** Tells the other tabs, the worker and this page that something has changed. @param {string} what */
export function changed(what) {
  const channel = new BroadcastChannel(CHANGES);
  channel.postMessage(what);
  channel.close();
  if (typeof window !== "undefined") window.dispatchEvent(new CustomEvent(CHANGES, { detail: what }));
}

/** Whether a write failed because the device is full. @param {unknown} error */
export function isFull(error) {
  return error instanceof DOMException && (error.name === "QuotaExceededError" || error.name === "UnknownError");
}
