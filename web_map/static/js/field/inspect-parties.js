/** Who was there of every side of a joint inspection, and their signatures under one record on one screen. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { holdPhoto } from "./held-photos.js";
import { SignPad } from "./sign-pad.js";

/** @typedef {import("./drafts.js").DraftKeeper} DraftKeeper */
/** @typedef {import("./sign-pad.js").Party} Party */

export class Parties {
  /**
   * @param {DraftKeeper} draft
   * @param {{units: string[], names: Record<string, string>, people?: Record<string, string>, marker_code: string,
   *   failed: (error: unknown) => void}} about `people`: who came, where that is known
   */
  constructor(draft, { units, names, people = {}, marker_code, failed }) {
    this.draft = draft;
    this.marker_code = marker_code;
    this.failed = failed;
    const kept = /** @type {Party[]} */ (draft.draft.fields.parties ?? []);
    this.parties = units.map((unit) => kept.find((each) => each.unit === unit) ?? { unit, name: people[unit] ?? "", sha256: null });
    this.element = make("div", { class: "parties" }, make("h2", {}, say("field.sign.title")), make("p", { class: "hint" }, say("field.sign.why")), ...this.parties.map((party) => this.#pad(party, names[party.unit] ?? party.unit)));
  }

  /** Every side signs, or nobody does: a record of one side alone is not a joint one, and no one stands for two. */
  get missing() {
    if (!this.parties.every(({ name, sha256 }) => name && sha256)) return "field.sign.missing";
    return new Set(this.parties.map(({ name }) => name)).size < this.parties.length ? "field.sign.same_person" : null;
  }

  /** @param {Party} party @param {string} title */
  #pad(party, title) {
    return new SignPad(party, {
      title,
      named: (name) => {
        party.name = name;
        this.#keep();
      },
      signed: (drawing) => this.#signed(party, drawing),
    }).element;
  }

  /** @param {Party} party @param {Blob | null} drawing */
  async #signed(party, drawing) {
    const shows = `signature:${party.unit}`;
    const { draft } = this.draft;
    try {
      const about = { record_id: draft.id, marker_code: this.marker_code, shows };
      const sha256 = drawing && (await holdPhoto(drawing, about));
      Object.assign(party, { sha256, signed_at: sha256 && new Date().toISOString() });
      draft.photos = [...draft.photos.filter((each) => each.shows !== shows), ...(sha256 ? [{ shows, sha256 }] : [])];
      await this.#keep();
    } catch (error) {
      this.failed(error);
    }
  }

  #keep() {
    return this.draft.set({ parties: this.parties });
  }
}
