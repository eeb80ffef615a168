/**
 * Brings the outbox to the office: records first, photos after, in pieces that go on where they broke off. Runs in a
 * page or in the service worker, one at a time on a device (Web Locks). Nothing leaves the device without a receipt.
 */
import { ApiError, arrivedOf, putPiece, sendJson } from "../api.js";
import { photoPath } from "../markers.js";
import { whoAmI } from "../people.js";
import { deviceId, mark, receive, waiting, waitingPhotos } from "./outbox.js";
import { changed } from "./store.js";

/** @typedef {import("./store.js").Waiting} Waiting */
/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */
/** @typedef {{id: string, status: string, code?: string | null, detail?: string | null, received_at: string}} Answer */
/** @typedef {{ended: "done" | "offline" | "sign_in" | "busy" | "later"}} Outcome `later`: the office is in trouble */

const LOCK = "geo-field-sender";
/** The contract allows 500; fewer lose less to a line that breaks. */
const BATCH = 50;
const PIECE_BYTES = 1024 * 1024;
const CITING = "joint_signature";

/** Why sending stops, without being the fault of a record. */
class Stopped extends Error {
  /** @param {Outcome["ended"]} ended */
  constructor(ended) {
    super(ended);
    this.ended = ended;
  }
}

/** Sends all that waits, unless another tab or the worker is at it. @returns {Promise<Outcome>} */
export function sendAll() {
  return navigator.locks.request(LOCK, { ifAvailable: true }, async (lock) => {
    if (!lock) return { ended: "busy" };
    try {
      await freed();
      const person = await whoSends();
      await sendRecords(person);
      await sendPhotos();
      await sendRecords(person, { citing: true });
      return { ended: "done" };
    } catch (error) {
      if (!(error instanceof Stopped)) throw error;
      return { ended: error.ended };
    } finally {
      await freed();
      changed("outbox");
    }
  });
}

/** Who is signed in: what another has written waits until he is, as the office files a record under who sends it. */
async function whoSends() {
  const reader = await whoAmI().catch((error) => {
    throw stopped(error);
  });
  if (!reader.signed_in) throw new Stopped("sign_in");
  return reader.username;
}

/** A sender that died left its work marked as under way; whoever has the lock is alone. */
async function freed() {
  const [records, photos] = await Promise.all([waiting(), waitingPhotos()]);
  await Promise.all([
    ...records.filter(({ stage }) => stage === "sending").map(({ id }) => mark("outbox", id, { stage: "waiting" })),
    ...photos.filter(({ stage }) => stage === "sending").map(({ sha256 }) => mark("photos", sha256, { stage: "waiting" })),
  ]);
}

/**
 * Signatures cite what was signed and how: both have to be on file before them.
 * @param {string} username @param {{citing?: boolean}} [which] those that cite photos, else the others
 */
async function sendRecords(username, { citing = false } = {}) {
  const held = new Set((await waitingPhotos()).map(({ sha256 }) => sha256));
  const lacks = (/** @type {Waiting} */ { body }) => citing && [body.sheet, body.document].some((cited) => held.has(String(cited)));
  const own = (await waiting()).filter(({ stage, person }) => stage === "waiting" && person === username);
  const ready = own.filter((record) => (record.type === CITING) === citing && !lacks(record));
  await batches(ready).reduce(async (before, batch) => {
    await before;
    await sendBatch(batch);
  }, Promise.resolve());
}

/** @param {Waiting[]} records @returns {Waiting[][]} */
function batches(records) {
  return Array.from({ length: Math.ceil(records.length / BATCH) }, (_, n) => records.slice(n * BATCH, (n + 1) * BATCH));
}

/** @param {Waiting[]} batch */
async function sendBatch(batch) {
  await Promise.all(batch.map(({ id }) => mark("outbox", id, { stage: "sending" })));
  changed("outbox");
  /** @type {{results: Answer[]}} */
  let answer;
  try {
    const records = batch.map(({ id, type, marker_code, body }) => ({ ...body, id, type, marker_code }));
    const sent_at = new Date().toISOString();
    answer = await sendJson("POST", "api/field/push", { device_id: await deviceId(), sent_at, records });
  } catch (error) {
    if (!refusedWhole(error)) throw stopped(error);
    await apart(batch, /** @type {ApiError} */ (error));
    return;
  }
  await Promise.all(batch.map((record, place) => judged(record, answer.results[place])));
  changed("outbox");
}

/** A batch that was refused as a whole is halved until the one that does harm stands alone. @param {Waiting[]} batch @param {ApiError} error */
async function apart(batch, error) {
  if (batch.length === 1) {
    await mark("outbox", batch[0].id, { stage: "needs", code: error.code, detail: error.detail || error.title });
    return;
  }
  const middle = Math.ceil(batch.length / 2);
  await sendBatch(batch.slice(0, middle));
  await sendBatch(batch.slice(middle));
}

/** @param {Waiting} record @param {Answer | undefined} answer */
async function judged({ id, type, marker_code }, answer) {
  if (!answer || answer.id !== id) {
    await mark("outbox", id, { stage: "waiting" });
  } else if (answer.status === "rejected") {
    await mark("outbox", id, { stage: "needs", code: answer.code, detail: answer.detail });
  } else {
    const { received_at, code = null } = answer;
    await receive("outbox", id, { id, kind: "record", type, marker_code, received_at, code });
  }
}

async function sendPhotos() {
  const ready = (await waitingPhotos()).filter(({ stage }) => stage === "waiting");
  await ready.reduce(async (before, photo) => {
    await before;
    await sendPhoto(photo);
  }, Promise.resolve());
}

/** @param {HeldPhoto} photo */
async function sendPhoto(photo) {
  const { sha256 } = photo;
  await mark("photos", sha256, { stage: "sending" });
  changed("outbox");
  try {
    const there = await arrivedOf(photoPath(sha256));
    await pieces(photo, there ?? { offset: 0, complete: false });
  } catch (error) {
    if (error instanceof ApiError && ["photo.upload_busy", "photo.offset_differs"].includes(error.code)) {
      await mark("photos", sha256, { stage: "waiting" });
    } else if (refusedWhole(error)) {
      const { code, detail, title } = /** @type {ApiError} */ (error);
      await mark("photos", sha256, { stage: "needs", code, detail: detail || title });
    } else {
      throw stopped(error);
    }
  }
  changed("outbox");
}

/** @param {HeldPhoto} photo @param {{offset: number, complete: boolean}} there @returns {Promise<void>} */
async function pieces(photo, { offset, complete }) {
  const { sha256, bytes, size, marker_code, shows } = photo;
  if (complete) {
    const received_at = new Date().toISOString();
    await receive("photos", sha256, { id: sha256, kind: "photo", type: shows, marker_code, received_at, code: null });
    return;
  }
  await mark("photos", sha256, { offset });
  changed("outbox");
  // All bytes are there but no receipt: the office ended in between, and the last byte calls for it.
  const from = Math.min(offset, size - 1);
  const piece = bytes.slice(from, Math.min(from + PIECE_BYTES, size));
  await pieces(photo, await putPiece(photoPath(sha256), piece, { from, total: size }));
}

/** Whether the office has judged the content, so that sending the same again would not help. @param {unknown} error */
function refusedWhole(error) {
  return error instanceof ApiError && [400, 409, 413, 415, 422].includes(error.status);
}

/** @param {unknown} error */
function stopped(error) {
  if (!(error instanceof ApiError)) return error;
  if (error.status === 0) return new Stopped("offline");
  if (error.status === 401 || error.status === 403) return new Stopped("sign_in");
  return new Stopped("later");
}
