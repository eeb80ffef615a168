/**
 * Photos of an inspection by the checklist: each face, the whole, each reference object. Every file is named by the
 * SHA-256 of its bytes, computed here, so that what arrives can be told from what was taken. Uploads one after the
 * other; what is already at the office is not sent again.
 */
import { make, put } from "../elements.js";
import { sendPhoto } from "../markers.js";
import { say } from "../messages.js";
import { showsWords } from "./marker-timeline.js";

/** @typedef {{sha256: string, shows: string}} TakenPhoto */

export class InspectionPhotos {
  element = make("fieldset", { class: "photo-list" });
  /** @type {Map<string, File>} the files chosen since the form was opened, by hash */
  #files = new Map();
  #told = make("p", { role: "status", class: "hint" });

  /**
   * @param {string[]} checklist
   * @param {TakenPhoto[]} taken
   * @param {() => void} changed
   */
  constructor(checklist, taken, changed) {
    this.checklist = checklist;
    this.taken = taken;
    this.changed = changed;
    this.#show();
  }

  /** Photos whose file has to be chosen again, because the page was opened anew since. */
  get lost() {
    return this.taken.filter(({ sha256 }) => !this.#files.has(sha256));
  }

  /**
   * Sends every file; throws the first refusal or failure, and may then be asked again.
   * @param {(done: number, all: number) => void} progress
   */
  async send(progress) {
    const waiting = [...this.#files].filter(([sha256]) => this.taken.some((photo) => photo.sha256 === sha256));
    await waiting.reduce(async (before, [sha256, file], place) => {
      await before;
      progress(place + 1, waiting.length);
      await sendPhoto(sha256, file);
    }, Promise.resolve());
  }

  #show() {
    put(
      this.element,
      make("legend", {}, say("inspection.photos")),
      make("p", { class: "hint" }, say("inspection.photos_why")),
      ...this.checklist.map((shows, place) => this.#item(shows, place)),
      this.#told,
    );
  }

  /** @param {string} shows @param {number} place */
  #item(shows, place) {
    const photo = this.taken.find((each) => each.shows === shows);
    const file = photo && this.#files.get(photo.sha256);
    const id = `photo-${place}`;
    return make(
      "div",
      { class: "photo-item" },
      make("label", { for: id }, showsWords(shows)),
      make("input", {
        id,
        type: "file",
        accept: "image/jpeg,image/png,image/webp,image/heic",
        onchange: (/** @type {Event} */ event) => this.#chosen(shows, /** @type {HTMLInputElement} */ (event.target)),
      }),
      file && preview(file, showsWords(shows)),
      photo && make("code", { class: "hash", title: photo.sha256 }, photo.sha256.slice(0, 12)),
      photo && !file && make("span", { class: "warned" }, say("inspection.photo_again")),
      photo && make("button", { type: "button", class: "link", onclick: () => this.#without(shows) }, say("inspection.photo_remove")),
    );
  }

  /** @param {string} shows @param {HTMLInputElement} input */
  async #chosen(shows, input) {
    const file = input.files?.[0];
    if (!file) return;
    if (!crypto.subtle) {
      put(this.#told, say("inspection.photo_needs_https"));
      return;
    }
    const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
    const other = this.taken.find((each) => each.sha256 === sha256 && each.shows !== shows);
    if (other) {
      put(this.#told, say("inspection.photo_twice", { shows: showsWords(other.shows) }));
      return;
    }
    this.#files.set(sha256, file);
    this.taken = [...this.taken.filter((each) => each.shows !== shows), { sha256, shows }];
    put(this.#told, "");
    this.#show();
    this.changed();
  }

  /** @param {string} shows */
  #without(shows) {
    this.taken = this.taken.filter((each) => each.shows !== shows);
    this.#show();
    this.changed();
  }
}

/** @param {{faces: number, reference_objects?: {name: string}[]}} marker what the office wants to see of it */
export function photoChecklist({ faces, reference_objects: objects = [] }) {
  const sides = Array.from({ length: faces }, (_, place) => `face_${place + 1}`);
  return [...sides, "overview", ...objects.map(({ name }) => `object:${name}`)];
}

/** @param {File} file @param {string} words */
function preview(file, words) {
  const picture = make("img", { alt: words, width: 84, height: 63 });
  const reader = new FileReader();
  reader.addEventListener("load", () => {
    picture.src = String(reader.result);
  });
  reader.readAsDataURL(file);
  return picture;
}

/** @param {ArrayBuffer} bytes */
export function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
