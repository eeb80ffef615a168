/** Photos as they are taken: named by the SHA-256 of their bytes, kept as they came with their EXIF data. */
import { hex } from "../panels/inspection-photos.js";
import { withRoom } from "./reserve.js";
import { one, store } from "./store.js";

/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */

/** The office takes no larger one (GET a photo's limits: `photo.too_large`). */
export const LARGEST_BYTES = 200 * 1024 * 1024;

/** A photo that cannot be kept; `why` is a key of the messages. */
export class PhotoRefused extends Error {
  /** @param {string} why */
  constructor(why) {
    super(why);
    this.why = why;
  }
}

/**
 * Keeps a photo with the draft that it belongs to.
 * @param {Blob} file
 * @param {{record_id: string, marker_code: string, shows: string}} about
 * @returns {Promise<string>} its hash
 */
export async function holdPhoto(file, about) {
  if (file.size > LARGEST_BYTES) throw new PhotoRefused("field.photo.too_large");
  if (file.size === 0) throw new PhotoRefused("field.photo.empty");
  const content = await file.arrayBuffer();
  const sha256 = hex(await crypto.subtle.digest("SHA-256", content));
  const other = /** @type {HeldPhoto | undefined} */ (await one("photos", sha256));
  if (other && (other.record_id !== about.record_id || other.shows !== about.shows)) throw new PhotoRefused("field.photo.twice");
  const bytes = new Blob([content], { type: file.type });
  const taken_at = new Date().toISOString();
  const database = await store();
  await withRoom(() => database.put("photos", { ...about, sha256, size: bytes.size, bytes, stage: "draft", offset: 0, taken_at }));
  return sha256;
}

/** Lets a photo go that is still part of a draft. @param {string} sha256 */
export async function letGo(sha256) {
  const held = /** @type {HeldPhoto | undefined} */ (await one("photos", sha256));
  if (held?.stage === "draft") await (await store()).delete("photos", sha256);
}

/**
 * A picture of bytes as an image. Read whole, as `blob:` addresses would have to be given back at the right moment.
 * @param {Blob} bytes
 * @param {HTMLImageElement} image
 */
export function show(bytes, image) {
  const reader = new FileReader();
  reader.addEventListener("load", () => image.setAttribute("src", String(reader.result)));
  reader.readAsDataURL(bytes);
  return image;
}
