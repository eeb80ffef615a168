/** A marker's description put right on site; merged field by field at the office, the same field is left to a reviewer. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { foundWords, openDraft } from "./drafts.js";
import { markerHere } from "./markers-here.js";
import { onlyHere } from "./one-tab.js";
import { post } from "./outbox.js";

/** @typedef {import("./main.js").App} App */

const FIELDS = /** @type {const} */ (["guardian", "feature_relation", "position_description", "material"]);

export class EditView {
  element = make("section", { class: "view form-view", "aria-labelledby": "form-title" });
  #told = make("div", { class: "form-told", role: "alert" });

  /** @param {App} app @param {string} code */
  constructor(app, code) {
    this.app = app;
    this.code = code;
  }

  async open() {
    const marker = await markerHere(this.code);
    this.release = await onlyHere(`edit:${this.code}`);
    if (!marker || !this.release) {
      put(this.element, make("h1", { id: "form-title" }, this.code), make("p", { class: "warned" }, say(marker ? "field.other_tab" : "field.marker.not_here")));
      return this;
    }
    this.marker = marker;
    this.draft = await openDraft("edit", this.code, (error) => this.app.storageFailed(error));
    put(
      this.element,
      make("h1", { id: "form-title" }, say("field.act.edit"), " ", marker.state.number),
      this.draft.draft.corrects && make("p", { class: "draft" }, foundWords(this.draft.draft)),
      make("p", { class: "hint" }, say("field.edit.why")),
      make("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#finish(event) }, ...FIELDS.map((name) => this.#field(name)), this.#reason(), this.#told, make("button", { type: "submit", class: "strong wide finish" }, say("field.finish"))),
    );
    return this;
  }

  close() {
    this.release?.();
  }

  get #fields() {
    return this.draft?.draft.fields ?? {};
  }

  /** @param {(typeof FIELDS)[number]} name */
  #field(name) {
    const area = make("textarea", { name, rows: 2, maxlength: name === "guardian" || name === "material" ? 200 : 4000, oninput: () => this.draft?.set({ [name]: area.value }) });
    area.value = this.#fields[name] ?? this.marker?.form[name] ?? "";
    return make("label", { class: "field" }, say(`field.edit.${name}`), area);
  }

  #reason() {
    const reason = make("input", { type: "text", name: "reason", maxlength: 400, value: this.#fields.reason ?? "", oninput: () => this.draft?.set({ reason: reason.value }) });
    return make("label", { class: "field" }, say("field.edit.reason"), reason);
  }

  /** @param {Event} event */
  async #finish(event) {
    event.preventDefault();
    const { marker, draft } = this;
    if (!marker || !draft) return;
    const different = FIELDS.filter((name) => this.#fields[name] !== undefined && this.#fields[name].trim() !== (marker.form[name] ?? ""));
    if (different.length === 0) {
      put(this.#told, make("p", { class: "warned" }, say("field.edit.nothing")));
      return;
    }
    const changes = Object.fromEntries(different.map((name) => [name, this.#fields[name].trim()]));
    await draft.keep();
    const body = { base_version: marker.version, changes, captured_at: draft.draft.corrects?.captured_at ?? new Date().toISOString(), reason: this.#fields.reason ?? "" };
    try {
      await post([{ id: draft.draft.id, type: "edit", marker_code: this.code, body }], { draft: draft.draft.key, person: this.app.username });
      this.app.tell(say("field.posted"));
      this.app.go(`marker=${encodeURIComponent(this.code)}`);
      await this.app.sending.posted();
    } catch (error) {
      this.app.storageFailed(error);
    }
  }
}
