/**
 * The sides sign a day's record on one screen: they see the record as it will be kept, each writes name and signature.
 * The record and every signature are kept by their hashes and go to the office before what cites them.
 */
import { make, put } from "../elements.js";
import { newId } from "../markers.js";
import { say } from "../messages.js";
import { foundWords, openDraft } from "./drafts.js";
import { holdPhoto, letGo, show } from "./held-photos.js";
import { Parties } from "./inspect-parties.js";
import { bookFrom, bookName, bookOf, isWhole, jointHere, unsignedStops } from "./joint-day.js";
import { drawn, MOST_STOPS, sheetLines } from "./joint-sheet.js";
import { jointTitle } from "./joint-words.js";
import { onlyHere } from "./one-tab.js";
import { post } from "./outbox.js";
import { one } from "./store.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./joint-day.js").Joint} Joint */

const RECORD = "joint_sheet";

export class SignView {
  element = make("section", { class: "view form-view", "aria-labelledby": "form-title" });
  #told = make("div", { class: "form-told", role: "alert" });
  #posting = false;

  /** @param {App} app @param {string} id of the joint inspection */
  constructor(app, id) {
    this.app = app;
    this.id = id;
  }

  async open() {
    const joint = await jointHere(this.id);
    if (!joint || !isWhole(joint)) {
      this.app.go(`day=${this.id}`);
      return;
    }
    this.release = await onlyHere(`sign:${this.id}`);
    if (!this.release) {
      put(this.element, make("h1", { id: "form-title" }, jointTitle(joint)), make("p", { class: "warned" }, say("field.other_tab")), make("button", { type: "button", class: "strong wide", onclick: () => this.app.show() }, say("action.retry")));
      return;
    }
    this.joint = joint;
    const draft = await openDraft("sign", this.id, (error) => this.app.storageFailed(error));
    this.draft = draft;
    const book = await bookOf(this.id);
    const refused = draft.draft.corrects !== undefined;
    if (!refused) await this.#record(joint, book);
    const sides = this.#sides(joint, book);
    const sheet = /** @type {import("./store.js").HeldPhoto | undefined} */ (await one("photos", this.#fields.document ?? ""));
    const nothing = (this.#fields.stops ?? []).length === 0;
    if (nothing || sides.length < 2) {
      put(this.element, make("h1", { id: "form-title" }, say("field.joint.sign")), make("p", { class: "empty-state" }, say(nothing ? "field.joint.nothing_to_sign" : "field.joint.one_side")), make("a", { class: "button strong wide", href: `#day=${this.id}` }, say("field.joint.back")));
      return;
    }
    this.parties = new Parties(draft, { units: sides, names: joint.units, people: book.people, marker_code: joint.line_code, failed: (error) => this.app.storageFailed(error) });
    put(
      this.element,
      make("h1", { id: "form-title" }, say("field.joint.sign")),
      make("p", { class: "hint" }, jointTitle(joint)),
      refused && make("p", { class: "draft" }, foundWords(draft.draft)),
      sheet && make("div", { class: "sheet", tabindex: "0", role: "group", "aria-label": say("field.joint.sheet") }, show(sheet.bytes, make("img", { alt: say("field.joint.sheet_alt", { n: this.#fields.stops.length }) }))),
      make("p", { class: "hint" }, say("field.joint.hash", { hash: this.#fields.document })),
      make("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#finish(event) }, this.parties.element, this.#told, make("button", { type: "submit", class: "strong wide finish" }, say("field.finish")), make("p", { class: "hint" }, say("field.finish_why"))),
      make("a", { class: "button wide", href: `#day=${this.id}` }, say("field.joint.back")),
    );
  }

  close() {
    this.release?.();
  }

  get #fields() {
    return /** @type {import("./drafts.js").DraftKeeper} */ (this.draft).draft.fields;
  }

  /** The sides that recorded at one of the stops. @param {Joint} joint @param {import("./joint-day.js").Book} book */
  #sides({ sides }, book) {
    const stops = /** @type {number[]} */ (this.#fields.stops ?? []);
    const there = new Set(stops.flatMap((order) => (book.stops[order]?.records ?? []).map(({ side }) => side)));
    return sides.filter((side) => there.has(side));
  }

  /** The record as it stands now; where it has changed since somebody signed, all sign anew. @param {Joint} joint @param {import("./joint-day.js").Book} book */
  async #record(joint, book) {
    const keeper = /** @type {import("./drafts.js").DraftKeeper} */ (this.draft);
    const stops = unsignedStops(joint, book).slice(0, MOST_STOPS);
    const lines = stops.length > 0 ? sheetLines(joint, stops, book) : [];
    const words = JSON.stringify(lines);
    if (stops.length === 0 || words === this.#fields.words) return;
    await Promise.all(keeper.draft.photos.map(({ sha256 }) => letGo(sha256)));
    const document_of = await holdPhoto(await drawn(lines), { record_id: keeper.draft.id, marker_code: joint.line_code, shows: RECORD });
    keeper.draft.photos = [{ shows: RECORD, sha256: document_of }];
    await keeper.set({ words, document: document_of, stops: stops.map(({ order }) => order), parties: [] });
  }

  /** @param {Event} event */
  async #finish(event) {
    event.preventDefault();
    const { missing } = /** @type {Parties} */ (this.parties);
    put(this.#told, missing && make("p", { class: "warned" }, say(missing)));
    if (missing || this.#posting) return;
    this.#posting = true;
    try {
      await this.#post();
    } catch (error) {
      this.app.storageFailed(error);
    } finally {
      this.#posting = false;
    }
  }

  async #post() {
    const keeper = /** @type {import("./drafts.js").DraftKeeper} */ (this.draft);
    const joint = /** @type {Joint} */ (this.joint);
    await keeper.keep();
    const { document: document_of, stops } = this.#fields;
    const signatures = /** @type {Parties} */ (this.parties).parties.map(({ unit, name, sha256, signed_at }, place) => ({
      id: place === 0 ? keeper.draft.id : newId(),
      type: "joint_signature",
      marker_code: joint.line_code,
      body: { joint_id: joint.id, side: unit, person: name, document: document_of, signed_at, method: say("field.joint.by_hand"), sheet: sha256 },
    }));
    const turned = (/** @type {unknown} */ before) => {
      const book = bookFrom(before);
      const signed = Object.fromEntries(stops.filter((/** @type {number} */ order) => book.stops[order]).map((/** @type {number} */ order) => [order, { ...book.stops[order], document: document_of }]));
      return { ...book, stops: { ...book.stops, ...signed } };
    };
    await post(signatures, { draft: keeper.draft.key, photos: keeper.draft.photos.map(({ sha256 }) => sha256), person: this.app.username, also: { name: bookName(joint.id), turned } });
    this.app.tell(say("field.posted"));
    this.app.go(`day=${joint.id}`);
    await this.app.sending.posted();
  }
}
