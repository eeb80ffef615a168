/** A report of loss or damage: what was found and when; the clock of the detailed record runs from the discovery. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { confirmed } from "../pages/dialog.js";
import { moment } from "../panels/marker-records.js";
import { foundWords, openDraft, throwAway } from "./drafts.js";
import { InspectPhotos } from "./inspect-photos.js";
import { markerHere, packOf } from "./markers-here.js";
import { onlyHere } from "./one-tab.js";
import { post } from "./outbox.js";
import { asPosition } from "./position.js";
import { clockWords } from "./words.js";

/** @typedef {import("./main.js").App} App */

const EVERY_MS = 20_000;

export class ReportView {
  element = make("section", { class: "view form-view", "aria-labelledby": "form-title" });
  #clock = make("p", { class: "clock", role: "timer" });
  #told = make("div", { class: "form-told", role: "alert" });
  #timer = 0;

  /** @param {App} app @param {string} code */
  constructor(app, code) {
    this.app = app;
    this.code = code;
  }

  async open() {
    const marker = await markerHere(this.code);
    const number = marker?.state.number ?? this.code;
    this.release = await onlyHere(`report:${this.code}`);
    if (!this.release) {
      put(this.element, make("h1", { id: "form-title" }, number), make("p", { class: "warned" }, say("field.other_tab")));
      return this;
    }
    this.hours = (await packOf(this.code)).policy.report_hours;
    const draft = await openDraft("report", this.code, (error) => this.app.storageFailed(error));
    this.draft = draft;
    if (!draft.draft.fields.discovered_at) await draft.set({ discovered_at: new Date().toISOString() });
    const hold = (/** @type {import("./inspect-photos.js").Taken[]} */ taken) => {
      draft.draft.photos = taken;
      draft.keep();
    };
    const visit = { taken: draft.draft.photos, record_id: draft.draft.id, marker_code: this.code };
    const photos = await new InspectPhotos(["damage", "overview"], visit, [], hold).open();
    put(
      this.element,
      make("h1", { id: "form-title" }, say("field.act.report"), " ", number),
      draft.found && make("p", { class: "draft" }, foundWords(draft.draft), " ", make("button", { type: "button", class: "link", onclick: () => this.#drop() }, say("inspection.draft_drop"))),
      this.#clock,
      make("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#finish(event) }, this.#when(), this.#text("description", true), this.#text("cause", false), photos.element, this.#told, make("button", { type: "submit", class: "strong wide finish grave" }, say("field.report.finish")), make("p", { class: "hint" }, say("field.finish_why"))),
    );
    this.#tick();
    this.#timer = window.setInterval(() => this.#tick(), EVERY_MS);
    return this;
  }

  close() {
    window.clearInterval(this.#timer);
    this.release?.();
  }

  get #fields() {
    return /** @type {import("./drafts.js").DraftKeeper} */ (this.draft).draft.fields;
  }

  #when() {
    const at = new Date(this.#fields.discovered_at);
    const value = new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
    const input = make("input", { type: "datetime-local", name: "discovered_at", value, onchange: () => this.#discovered(input.value) });
    return make("label", { class: "field" }, say("field.report.discovered_at"), input);
  }

  /** @param {string} value */
  #discovered(value) {
    if (!value) return;
    this.draft?.set({ discovered_at: new Date(value).toISOString() });
    this.#tick();
  }

  /** @param {string} name @param {boolean} required */
  #text(name, required) {
    const area = make("textarea", { name, rows: 3, maxlength: 2000, required, oninput: () => this.draft?.set({ [name]: area.value }) });
    area.value = this.#fields[name] ?? "";
    return make("label", { class: "field" }, say(`field.report.${name}`), area);
  }

  #tick() {
    const due = Date.parse(this.#fields.discovered_at) + (this.hours ?? 12) * 3_600_000;
    const left = due - Date.now();
    this.#clock.classList.toggle("late", left < 0);
    put(this.#clock, say(left < 0 ? "field.report.late" : "field.report.left", { time: clockWords(left), at: moment(new Date(due).toISOString()), hours: this.hours ?? 12 }));
  }

  async #drop() {
    const sure = await confirmed({ title: say("inspection.draft_drop"), body: say("field.draft_drop_sure"), act: say("inspection.draft_drop") });
    if (!sure || !this.draft) return;
    await throwAway(this.draft.draft);
    this.app.go(`marker=${encodeURIComponent(this.code)}`);
  }

  /** @param {Event} event */
  async #finish(event) {
    event.preventDefault();
    const { description = "", cause = "", discovered_at } = this.#fields;
    if (!description.trim()) {
      put(this.#told, make("p", { class: "warned" }, say("field.report.description_missing")));
      return;
    }
    const keeper = /** @type {import("./drafts.js").DraftKeeper} */ (this.draft);
    await keeper.keep();
    const { draft } = keeper;
    const position = asPosition(this.app.positioning.fix);
    const records = { description: description.trim(), ...(cause.trim() && { cause: cause.trim() }), ...(position && { position }), ...(draft.photos.length > 0 && { photos: draft.photos.map(({ sha256 }) => sha256) }) };
    const body = { event: "report.abnormal", on: discovered_at, records };
    try {
      await post([{ id: draft.id, type: "case_event", marker_code: this.code, body }], { draft: draft.key, photos: draft.photos.map(({ sha256 }) => sha256), person: this.app.username });
      this.app.tell(say("field.posted"));
      this.app.go(`marker=${encodeURIComponent(this.code)}`);
      await this.app.sending.posted();
    } catch (error) {
      this.app.storageFailed(error);
    }
  }
}
