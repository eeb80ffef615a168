/**
 * A visit on site, alone or with the other sides: condition by component with definitions, position, photos, signatures.
 * Kept at every keystroke; finished, it enters the outbox whole or not at all.
 */
import { make, put } from "../elements.js";
import { definition, entries, label } from "../legend.js";
import { say } from "../messages.js";
import { InspectionObjects } from "../panels/inspection-objects.js";
import { photoChecklist } from "../panels/inspection-photos.js";
import { moment } from "../panels/marker-records.js";
import { confirmed } from "../pages/dialog.js";
import { foundWords, openDraft, throwAway } from "./drafts.js";
import { onlyHere } from "./one-tab.js";
import { InspectPhotos } from "./inspect-photos.js";
import { InspectPosition } from "./inspect-position.js";
import { Parties } from "./inspect-parties.js";
import { bookFrom, bookName, jointsHere, stopOf } from "./joint-day.js";
import { stopTitle } from "./joint-words.js";
import { markerHere, packOf } from "./markers-here.js";
import { deviceId, post } from "./outbox.js";
import { previousPictures } from "./pictures.js";
import { asPosition } from "./position.js";

/** @typedef {import("./main.js").App} App */

/** A marker is retired or not yet set by a case, not by looking. */
const NOT_SEEN_ON_SITE = ["not_set", "retired"];
/** A patrol by plan, or a special inspection that was ordered, e.g. after works or a flood. */
const KINDS = ["patrol", "special"];
const ACTIONS = ["cleared", "straightened", "repainted", "firmed"];
export const APP_VERSION = "field 1";

export class InspectView {
  element = make("section", { class: "view form-view", "aria-labelledby": "form-title" });
  #told = make("div", { class: "form-told", role: "alert" });
  #sending = false;

  /** @param {App} app @param {string} code @param {"inspect" | "joint"} form */
  constructor(app, code, form) {
    this.app = app;
    this.code = code;
    this.form = form;
  }

  async open() {
    const marker = await markerHere(this.code);
    if (!marker) {
      this.app.go(`marker=${encodeURIComponent(this.code)}`);
      return this;
    }
    this.release = await onlyHere(`${this.form}:${this.code}`);
    if (!this.release) {
      put(this.element, make("h1", { id: "form-title" }, marker.state.number), make("p", { class: "warned" }, say("field.other_tab")), make("button", { type: "button", class: "strong wide", onclick: () => this.app.show() }, say("action.retry")));
      return this;
    }
    this.marker = marker;
    this.pack = await packOf(this.code);
    this.walk = this.form === "joint" ? stopOf(await jointsHere(), this.code) : null;
    const draft = await openDraft(this.form, this.code, (error) => this.app.storageFailed(error));
    this.draft = draft;
    const { fix } = this.app.positioning;
    if (!draft.draft.fields.start_position && fix) await draft.set({ start_position: asPosition(fix) });
    await this.#build({ marker, draft, pack: this.pack });
    return this;
  }

  close() {
    this.position?.close();
    this.release?.();
  }

  /** @param {{marker: import("./store.js").PackedMarker, draft: import("./drafts.js").DraftKeeper, pack: Awaited<ReturnType<typeof packOf>>}} on */
  async #build({ marker, draft, pack }) {
    const { fields, id, photos } = draft.draft;
    this.position = new InspectPosition(this.app.positioning, { observed: fields.observed ?? null, reason: fields.accuracy_reason ?? "", receiver: fields.receiver ?? {} }, { policy: pack.policy, legal: marker.form.legal_position, changed: (change) => draft.set(change) });
    const objects = marker.form.reference_objects ?? [];
    const again = new InspectionObjects(fields.objects, objects, () => draft.set({ objects: again.typed }));
    this.objects = again;
    const checklist = photoChecklist({ faces: marker.state.faces, reference_objects: marker.form.reference_objects });
    const hold = (/** @type {import("./inspect-photos.js").Taken[]} */ taken) => {
      draft.draft.photos = [...taken, ...draft.draft.photos.filter(({ shows }) => shows.startsWith("signature:"))];
      draft.keep();
    };
    this.photos = await new InspectPhotos(checklist, { taken: photos.filter(({ shows }) => !shows.startsWith("signature:")), record_id: id, marker_code: this.code }, await previousPictures(marker.inspections), hold).open();
    this.parties = this.form === "joint" && !this.walk ? new Parties(draft, { units: marker.state.unit_codes, names: pack.units, marker_code: this.code, failed: (error) => this.app.storageFailed(error) }) : null;
    const last = marker.inspections[0];
    put(
      this.element,
      make("h1", { id: "form-title" }, say(this.form === "joint" ? "field.act.joint" : "field.act.inspect"), " ", marker.state.number),
      draft.found && make("p", { class: "draft" }, foundWords(draft.draft), " ", make("button", { type: "button", class: "link", onclick: () => this.#drop() }, say("inspection.draft_drop"))),
      this.walk && make("p", { class: "hint" }, say("field.joint.of_stop", { stop: stopTitle(this.walk.stop) })),
      make("p", { class: "hint" }, last ? say("inspection.last", { at: moment(last.happened_at), condition: label("condition", last.condition) }) : say("inspection.no_last")),
      make("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#finish(event) }, this.form === "inspect" && this.#kind(), this.#condition(), this.#components(), this.position.element, objects.length > 0 && again.element, this.photos.element, this.#actions(), this.#note(), this.parties?.element, this.#told, make("button", { type: "submit", class: "strong wide finish" }, say("field.finish")), make("p", { class: "hint" }, say("field.finish_why"))),
    );
  }

  get #fields() {
    return /** @type {import("./drafts.js").DraftKeeper} */ (this.draft).draft.fields;
  }

  /** @param {Record<string, any>} change */
  #set(change) {
    this.draft?.set(change);
  }

  #kind() {
    return make("fieldset", { class: "choices" }, make("legend", {}, say("inspection.kind")), ...KINDS.map((code) => this.#choice("kind", "inspection_kind", { code, checked: (this.#fields.kind ?? KINDS[0]) === code, before: false, act: () => this.#set({ kind: code }) })));
  }

  #condition() {
    const choices = entries("condition").filter(({ code }) => !NOT_SEEN_ON_SITE.includes(code));
    const last = this.marker?.inspections[0]?.condition;
    return make("fieldset", { class: "choices", id: "condition" }, make("legend", {}, say("inspection.condition")), ...choices.map(({ code }) => this.#choice("condition", "condition", { code, checked: this.#fields.condition === code, before: last === code, act: () => this.#set({ condition: code }) })));
  }

  #components() {
    const last = this.marker?.inspections[0]?.components ?? {};
    const rest = () => {
      const seen = Object.fromEntries(entries("component").map(({ code }) => [code, this.#fields.components?.[code] ?? "good"]));
      this.#set({ components: seen });
      for (const [part, code] of Object.entries(seen)) {
        const radio = this.element.querySelector(`input[name="component-${part}"][value="${code}"]`);
        if (radio instanceof HTMLInputElement) radio.checked = true;
      }
    };
    const part = (/** @type {string} */ code) =>
      make(
        "fieldset",
        { class: "choices component" },
        make("legend", {}, label("component", code), make("span", { class: "definition" }, definition("component", code))),
        ...entries("component_condition").map(({ code: seen }) => this.#choice(`component-${code}`, "component_condition", { code: seen, checked: this.#fields.components?.[code] === seen, before: last[code] === seen, act: () => this.#set({ components: { ...this.#fields.components, [code]: seen } }) })),
      );
    return make("div", { class: "components" }, make("h2", {}, say("inspection.components")), make("button", { type: "button", class: "plain wide", onclick: rest }, say("inspection.rest_good")), ...entries("component").map(({ code }) => part(code)));
  }

  /** @param {string} name @param {string} group @param {{code: string, checked: boolean, before: boolean, act: () => void}} choice */
  #choice(name, group, { code, checked, before, act }) {
    return make("label", { class: "choice" }, make("input", { type: "radio", name, value: code, checked, onchange: act }), make("span", {}, make("b", {}, label(group, code)), before && make("span", { class: "badge" }, say("inspection.before")), make("span", { class: "definition" }, definition(group, code))));
  }

  #actions() {
    const flip = (/** @type {string} */ code, /** @type {boolean} */ on) => this.#set({ actions: ACTIONS.filter((each) => (each === code ? on : (this.#fields.actions ?? []).includes(each))) });
    return make("fieldset", { class: "choices" }, make("legend", {}, say("inspection.actions")), ...ACTIONS.map((code) => make("label", { class: "choice" }, make("input", { type: "checkbox", name: `action-${code}`, checked: (this.#fields.actions ?? []).includes(code), onchange: (/** @type {Event} */ event) => flip(code, /** @type {HTMLInputElement} */ (event.target).checked) }), make("span", {}, say(`action_on_site.${code}`)))));
  }

  #note() {
    const note = make("textarea", { name: "note", rows: 3, maxlength: 4000, oninput: () => this.#set({ note: note.value }) });
    note.value = this.#fields.note ?? "";
    return make("label", { class: "field" }, say("inspection.note"), note);
  }

  async #drop() {
    const sure = await confirmed({ title: say("inspection.draft_drop"), body: say("field.draft_drop_sure"), act: say("inspection.draft_drop") });
    if (!sure || !this.draft) return;
    await throwAway(this.draft.draft);
    this.app.go(`marker=${encodeURIComponent(this.code)}`);
  }

  /** What is missing, the first of it: a message and where to go. */
  #missing() {
    if (!this.#fields.condition) return { key: "inspection.condition_missing", at: "#condition" };
    const missing = this.position?.missing;
    if (missing) return { key: missing, at: ".position" };
    const unsigned = this.parties?.missing;
    return unsigned ? { key: unsigned, at: ".party" } : null;
  }

  /** @param {Event} event */
  async #finish(event) {
    event.preventDefault();
    const missing = this.#missing();
    if (missing) {
      put(this.#told, make("p", { class: "warned" }, say(missing.key)));
      this.element.querySelector(missing.at)?.scrollIntoView({ block: "start" });
      return;
    }
    const lacking = this.photos?.missing.length ?? 0;
    if (lacking > 0 && !(await confirmed({ title: say("field.photo.missing_title"), body: say("field.photo.missing", { n: lacking }), act: say("field.finish") }))) return;
    await this.#post();
  }

  async #post() {
    if (this.#sending || !this.draft) return;
    this.#sending = true;
    try {
      await this.draft.keep();
      const { draft } = this.draft;
      const record = { id: draft.id, type: "inspection", marker_code: this.code, body: await this.#body() };
      await post([record], { draft: draft.key, photos: draft.photos.map(({ sha256 }) => sha256), person: this.app.username, also: this.#visited });
      this.app.tell(say("field.posted"));
      this.app.go(this.walk ? `stop=${encodeURIComponent(`${this.walk.joint.id}:${this.walk.stop.order}`)}` : `marker=${encodeURIComponent(this.code)}`);
      await this.app.sending.posted();
    } catch (error) {
      this.app.storageFailed(error);
    } finally {
      this.#sending = false;
    }
  }

  /** The stop of a joint inspection begins with what its posts were found to be. */
  get #visited() {
    if (!this.walk) return undefined;
    const { condition, components = {} } = this.#fields;
    const turned = (/** @type {unknown} */ before) => {
      const book = bookFrom(before);
      return { ...book, posts: { ...book.posts, [this.code]: { condition, components } } };
    };
    return { name: bookName(this.walk.joint.id), turned };
  }

  async #body() {
    const { condition, components = {}, note = "", actions = [], accuracy_reason = "", start_position } = this.#fields;
    const corrects = this.draft?.draft.corrects;
    const places = { start_position: start_position ?? null, end_position: corrects ? corrects.end_position : asPosition(this.app.positioning.fix) };
    return {
      kind: this.form === "joint" ? "joint" : (this.#fields.kind ?? KINDS[0]),
      captured_at: corrects?.captured_at ?? new Date().toISOString(),
      condition,
      components,
      note,
      actions,
      accuracy_reason: this.position?.good ? "" : accuracy_reason.slice(0, 200),
      observed_position: this.position?.measured ?? null,
      ...Object.fromEntries(Object.entries(places).filter(([, value]) => value)),
      ...(this.objects?.sighted && { resightings: this.objects.sighted }),
      photos: this.draft?.draft.photos ?? [],
      device: await deviceId(),
      app_version: APP_VERSION,
    };
  }
}
