/** Who was there of every side of a joint inspection, and their signatures under one record on one screen. */
import { make } from "../elements.js";
import { newId } from "../markers.js";
import { say } from "../messages.js";
import { holdPhoto } from "./held-photos.js";
import { SignPad } from "./sign-pad.js";

/** @typedef {import("./drafts.js").DraftKeeper} DraftKeeper */
/** @typedef {import("./sign-pad.js").Party} Party */

export class Parties {
  /**
   * @param {DraftKeeper} draft
   * @param {{units: string[], names: Record<string, string>, marker_code: string, failed: (error: unknown) => void}} about
   */
  constructor(draft, { units, names, marker_code, failed }) {
    this.draft = draft;
    this.marker_code = marker_code;
    this.failed = failed;
    const kept = /** @type {Party[]} */ (draft.draft.fields.parties ?? []);
    this.parties = units.map((unit) => kept.find((each) => each.unit === unit) ?? { unit, name: "", sha256: null });
    this.element = make("div", { class: "parties" }, make("h2", {}, say("field.sign.title")), make("p", { class: "hint" }, say("field.sign.why")), ...this.parties.map((party) => this.#pad(party, names[party.unit] ?? party.unit)));
  }

  /** Every side signs, or nobody does: a record of one side alone is not a joint one. */
  get missing() {
    return this.parties.every(({ name, sha256 }) => name && sha256) ? null : "field.sign.missing";
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
      Object.assign(party, { sha256 });
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

/**
 * What each side puts on file at the marker's task, where a joint inspection of its line is under way.
 * @param {Parties} parties
 * @param {{code: string, joint: any[], fields: Record<string, any>}} visit
 */
export function jointRecords({ parties }, { code, joint, fields }) {
  const found = joint
    .map((each) => ({ joint_id: each.id, task: each.task_list.find((/** @type {any} */ { subjects }) => subjects.includes(code)) }))
    .find(({ task }) => task);
  if (!found) return [];
  const components = fields.components ?? {};
  const answers = { condition: fields.condition, inscription: components.inscription ?? "not_seen", reference_objects: components.reference_objects ?? "not_seen" };
  return parties.map(({ unit, name, sha256 }) => ({
    id: newId(),
    type: "joint_record",
    marker_code: code,
    body: { joint_id: found.joint_id, task: found.task.order, side: unit, person: name, condition: fields.condition, answers, note: `sha256:${sha256}` },
  }));
}
