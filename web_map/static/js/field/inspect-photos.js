/** The photo checklist of a visit: each from the camera, with the picture of the last visit beside it. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { showsWords } from "../panels/marker-timeline.js";
import { PhotoRefused, holdPhoto, letGo, show } from "./held-photos.js";
import { isFull, one } from "./store.js";
import { bytesWords } from "./words.js";

/** @typedef {{shows: string, sha256: string}} Taken */
/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */

export class InspectPhotos {
  element = make("fieldset", { class: "photo-list" });
  #told = make("p", { role: "alert", class: "form-told" });

  /**
   * @param {string[]} checklist
   * @param {{taken: Taken[], record_id: string, marker_code: string}} visit
   * @param {{shows: string, figure: () => HTMLElement}[]} previous
   * @param {(taken: Taken[]) => void} changed
   */
  constructor(checklist, visit, previous, changed) {
    this.checklist = checklist;
    this.visit = visit;
    this.previous = previous;
    this.changed = changed;
  }

  async open() {
    const items = await Promise.all(this.checklist.map((shows, place) => this.#item(shows, place)));
    put(this.element, make("legend", {}, say("inspection.photos")), make("p", { class: "hint" }, say("field.photo.why")), this.#told, ...items);
    return this;
  }

  /** Items of the checklist that have no photo yet. */
  get missing() {
    return this.checklist.filter((shows) => !this.visit.taken.some((each) => each.shows === shows));
  }

  /** @param {string} shows @param {number} place */
  async #item(shows, place) {
    const photo = this.visit.taken.find((each) => each.shows === shows);
    const held = photo && /** @type {HeldPhoto | undefined} */ (await one("photos", photo.sha256));
    const before = this.previous.find((each) => each.shows === shows);
    const id = `photo-${place}`;
    const input = make("input", { id, type: "file", accept: "image/*", capture: "environment", class: "camera", onchange: () => this.#taken(shows, input) });
    return make(
      "div",
      { class: "photo-item" },
      make("div", { class: "pictures" }, before?.figure(), held && make("figure", {}, show(held.bytes, make("img", { alt: say("field.photo.taken", { shows: showsWords(shows) }) })), make("figcaption", {}, bytesWords(held.size), " ", make("code", { title: photo?.sha256 }, photo?.sha256.slice(0, 8))))),
      make("label", { for: id, class: `button ${photo ? "" : "strong"}` }, `${photo ? "✓ " : ""}${showsWords(shows)}`),
      input,
      photo && make("button", { type: "button", class: "link", onclick: () => this.#without(photo) }, say("inspection.photo_remove")),
    );
  }

  /** @param {string} shows @param {HTMLInputElement} input */
  async #taken(shows, input) {
    const file = input.files?.[0];
    if (!file) return;
    put(this.#told, say("field.photo.keeping"));
    try {
      const { record_id, marker_code } = this.visit;
      const sha256 = await holdPhoto(file, { record_id, marker_code, shows });
      const earlier = this.visit.taken.find((each) => each.shows === shows);
      this.visit.taken = [...this.visit.taken.filter((each) => each !== earlier), { shows, sha256 }];
      this.changed(this.visit.taken);
      if (earlier && earlier.sha256 !== sha256) await letGo(earlier.sha256);
      put(this.#told, "");
      await this.open();
    } catch (error) {
      const why = error instanceof PhotoRefused ? error.why : isFull(error) ? "field.full.photo" : "field.photo.failed";
      put(this.#told, say(why));
      this.#told.scrollIntoView({ block: "center" });
    }
  }

  /** @param {Taken} photo */
  async #without(photo) {
    this.visit.taken = this.visit.taken.filter((each) => each !== photo);
    this.changed(this.visit.taken);
    await letGo(photo.sha256);
    await this.open();
  }
}
