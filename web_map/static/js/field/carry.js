/**
 * The outbox as a file, for when nothing else works: carried to the office by cable or card and taken in there. Taking
 * it in puts the records in the outbox of that machine; they keep their ids, so what the office already has stays once.
 */
import { all, changed, kept, store } from "./store.js";
import { deviceId, waiting } from "./outbox.js";
import { unzipped, zipped } from "./zip.js";

/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */
/** @typedef {import("./store.js").Waiting} Waiting */

const FORMAT = "geo-field-outbox";
const LIST = "records.json";

/** Everything that is not at the office yet, and the photos of it. @returns {Promise<File>} */
export async function outboxFile() {
  const records = await waiting();
  const photos = /** @type {HeldPhoto[]} */ (await all("photos")).filter(({ stage }) => stage !== "draft");
  const made_at = new Date().toISOString();
  const listed = {
    format: FORMAT,
    version: 1,
    made_at,
    device_id: await deviceId(),
    person: await kept("username"),
    records: records.map(({ id, type, marker_code, made_at: at, body, person }) => ({ id, type, marker_code, made_at: at, body, person })),
    photos: photos.map(({ bytes: _, ...about }) => ({ ...about, media_type: _.type })),
  };
  const members = [
    { name: LIST, bytes: new Blob([JSON.stringify(listed)], { type: "application/json" }) },
    ...photos.map(({ sha256, bytes }) => ({ name: `photos/${sha256}`, bytes })),
  ];
  return new File([await zipped(members)], `outbox-${made_at.slice(0, 16).replace(/[:T]/g, "-")}.zip`, { type: "application/zip" });
}

/**
 * Puts the records and photos of such a file into this device's outbox. Raises TypeError for another file.
 * @param {Blob} file
 * @param {string} person who takes it in: the office files the records under who sends them
 * @returns {Promise<{records: number, photos: number, person: string | null}>}
 */
export async function takeIn(file, person) {
  const members = await unzipped(file);
  const list = members.find(({ name }) => name === LIST);
  const listed = list ? JSON.parse(await list.bytes.text()) : null;
  if (listed?.format !== FORMAT) throw new TypeError("another file");
  const bytes = new Map(members.map((each) => [each.name, each.bytes]));
  const photos = listed.photos.filter((/** @type {HeldPhoto} */ { sha256 }) => bytes.has(`photos/${sha256}`));
  const held = photos.map((/** @type {any} */ { media_type, ...photo }) => ({
    ...photo,
    bytes: new Blob([/** @type {Blob} */ (bytes.get(`photos/${photo.sha256}`))], { type: media_type }),
    stage: "waiting",
    offset: 0,
  }));
  const act = (await store()).transaction(["outbox", "photos"], "readwrite", { durability: "strict" });
  await Promise.all([
    ...listed.records.map((/** @type {Waiting} */ record, /** @type {number} */ seq) =>
      act.objectStore("outbox").put({ ...record, seq, person, stage: "waiting" }),
    ),
    ...held.map((/** @type {HeldPhoto} */ photo) => act.objectStore("photos").put(photo)),
    act.done,
  ]);
  changed("outbox");
  return { records: listed.records.length, photos: held.length, person: listed.person ?? null };
}
