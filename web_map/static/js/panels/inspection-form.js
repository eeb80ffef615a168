/**
 * The office's inspection form: each choice with its definition beside it and the last visit's answer marked. Kept as a
 * draft until the office has given its receipt; sent under one id however often, so nothing is recorded twice.
 */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { definition, entries, label } from "../legend.js";
import { newId, recordInspection } from "../markers.js";
import { say } from "../messages.js";
import { draftOf, forget, isKept, keep } from "./inspection-draft.js";
import { InspectionFix } from "./inspection-fix.js";
import { InspectionObjects } from "./inspection-objects.js";
import { InspectionPhotos, photoChecklist } from "./inspection-photos.js";
import { failureWords } from "./inspection-failure.js";
import { receipt } from "./inspection-receipt.js";
import { moment } from "./marker-records.js";

/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("./marker-panel.js").MarkerActs} MarkerActs */

/** What one may see on a visit; a marker is retired or not yet set by a case, not by looking. */
const NOT_SEEN_ON_SITE = ["not_set", "retired"];
const KINDS = ["patrol", "special", "joint"];
const ACTIONS = ["cleared", "straightened", "repainted", "firmed"];

/** @param {MarkerPage} page @param {MarkerActs} acts @param {() => void} done */
export function inspectionForm(page, acts, done) {
  return new InspectionForm(page, acts, done).element;
}

class InspectionForm {
  #told = make("div", { class: "form-told", role: "alert" });
  #changes = make("div", { class: "form-changes", role: "status" });
  #send = make("button", { type: "submit", class: "strong" }, say("inspection.send"));
  #sent = false;

  /** @param {MarkerPage} page @param {MarkerActs} acts @param {() => void} done */
  constructor(page, acts, done) {
    this.acts = acts;
    this.done = done;
    this.marker = page.feature.properties;
    this.last = page.history.inspections[0] ?? null;
    const again = isKept(this.marker.code);
    this.draft = draftOf(this.marker.code);
    const changed = () => this.#keep();
    this.fix = new InspectionFix(this.draft.fix, this.marker.legal_position, changed);
    this.objects = new InspectionObjects(this.draft.objects, this.marker.reference_objects ?? [], changed);
    this.photos = new InspectionPhotos(photoChecklist(this.marker), this.draft.photos, changed);
    this.element = make("form", { class: "inspection-form", novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#submit(event) });
    put(this.element, ...this.#fields(again));
    this.#compare();
  }

  /** @param {boolean} again whether a draft was found */
  #fields(again) {
    return [
      make("h3", {}, say("inspection.title", { number: this.marker.number })),
      again && make("p", { class: "draft" }, say("inspection.draft_found"), " ", this.#throwAway()),
      this.last
        ? make("p", { class: "hint" }, say("inspection.last", { at: moment(this.last.happened_at), condition: label("condition", this.last.condition) }))
        : make("p", { class: "hint" }, say("inspection.no_last")),
      this.#when(),
      this.#condition(),
      this.#components(),
      this.fix.element,
      this.#text("accuracy_reason", "input"),
      (this.marker.reference_objects ?? []).length > 0 && this.objects.element,
      this.#actions(),
      this.photos.element,
      this.#text("note", "textarea"),
      this.#changes,
      this.#told,
      make("p", { class: "actions" }, this.#send, make("button", { type: "button", class: "plain", onclick: this.done }, say("inspection.later"))),
      make("p", { class: "hint" }, say("inspection.kept")),
    ];
  }

  #throwAway() {
    const act = () => {
      forget(this.marker.code);
      this.done();
    };
    return make("button", { type: "button", class: "link", onclick: act }, say("inspection.draft_drop"));
  }

  #when() {
    const kind = make(
      "select",
      { name: "kind", onchange: () => this.#set({ kind: kind.value }) },
      ...KINDS.map((code) => make("option", { value: code, selected: code === this.draft.kind }, label("inspection_kind", code))),
    );
    this.draft.captured_at ??= new Date().toISOString();
    const at = make("input", {
      type: "datetime-local",
      name: "captured_at",
      required: true,
      value: local(this.draft.captured_at),
      onchange: () => at.value && this.#set({ captured_at: new Date(at.value).toISOString() }),
    });
    return make(
      "div",
      { class: "two" },
      make("label", { class: "field" }, say("inspection.kind"), kind),
      make("label", { class: "field" }, say("inspection.captured_at"), at),
    );
  }

  #condition() {
    const choices = entries("condition").filter(({ code }) => !NOT_SEEN_ON_SITE.includes(code));
    return make(
      "fieldset",
      { class: "choices", id: "inspection-condition" },
      make("legend", {}, say("inspection.condition")),
      ...choices.map(({ code }) =>
        this.#choice("condition", "condition", {
          code,
          checked: this.draft.condition === code,
          before: this.last?.condition === code,
          act: () => this.#set({ condition: code }),
        }),
      ),
    );
  }

  #components() {
    const rest = () => {
      for (const { code } of entries("component")) this.draft.components[code] ??= "good";
      for (const [part, seen] of Object.entries(this.draft.components)) {
        const radio = this.element.querySelector(`input[name="component-${part}"][value="${seen}"]`);
        if (radio) /** @type {HTMLInputElement} */ (radio).checked = true;
      }
      this.#keep();
    };
    return make(
      "div",
      { class: "components" },
      make("h4", {}, say("inspection.components"), make("button", { type: "button", class: "link", onclick: rest }, say("inspection.rest_good"))),
      ...entries("component").map(({ code }) => this.#component(code)),
    );
  }

  /** @param {string} part */
  #component(part) {
    const act = (/** @type {string} */ code) => this.#set({ components: { ...this.draft.components, [part]: code } });
    return make(
      "fieldset",
      { class: "choices component" },
      make("legend", {}, label("component", part), make("span", { class: "definition" }, definition("component", part))),
      ...entries("component_condition").map(({ code }) =>
        this.#choice(`component-${part}`, "component_condition", {
          code,
          checked: this.draft.components[part] === code,
          before: this.last?.components?.[part] === code,
          act: () => act(code),
        }),
      ),
    );
  }

  /** @param {string} name @param {string} group @param {{code: string, checked: boolean, before: boolean, act: () => void}} choice */
  #choice(name, group, { code, checked, before, act }) {
    return make(
      "label",
      { class: "choice" },
      make("input", { type: "radio", name, value: code, checked, onchange: act }),
      make(
        "span",
        {},
        make("b", {}, label(group, code)),
        before && make("span", { class: "badge" }, say("inspection.before")),
        make("span", { class: "definition" }, definition(group, code)),
      ),
    );
  }

  #actions() {
    const flip = (/** @type {string} */ code, /** @type {boolean} */ on) =>
      this.#set({ actions: ACTIONS.filter((each) => (each === code ? on : this.draft.actions?.includes(each))) });
    return make(
      "fieldset",
      { class: "checks" },
      make("legend", {}, say("inspection.actions")),
      ...ACTIONS.map((code) =>
        make(
          "label",
          {},
          make("input", {
            type: "checkbox",
            checked: this.draft.actions?.includes(code),
            onchange: (/** @type {Event} */ event) => flip(code, /** @type {HTMLInputElement} */ (event.target).checked),
          }),
          say(`action_on_site.${code}`),
        ),
      ),
    );
  }

  /** @param {"note" | "accuracy_reason"} name @param {"textarea" | "input"} tag */
  #text(name, tag) {
    const field = make(tag, {
      name,
      maxlength: name === "note" ? 4000 : 200,
      ...(tag === "textarea" && { rows: 3 }),
      oninput: () => this.#set({ [name]: field.value }),
    });
    field.value = this.draft[name] ?? "";
    return make("label", { class: "field" }, say(`inspection.${name}`), field);
  }

  /** @param {Partial<import("./inspection-draft.js").Draft>} change */
  #set(change) {
    Object.assign(this.draft, change);
    this.#keep();
  }

  #keep() {
    Object.assign(this.draft, { fix: this.fix.typed, objects: this.objects.typed, photos: this.photos.taken });
    if (!this.#sent && !keep(this.marker.code, this.draft)) put(this.#told, make("p", { class: "warned" }, say("inspection.not_kept")));
    this.#compare();
  }

  /** What differs from the last visit, as it is being written. */
  #compare() {
    if (!this.last) return;
    const { condition, components } = this.draft;
    const lines = [
      condition && condition !== this.last.condition && [say("inspection.condition"), label("condition", this.last.condition), label("condition", condition)],
      ...Object.entries(components)
        .filter(([part, seen]) => this.last?.components?.[part] && this.last.components[part] !== seen)
        .map(([part, seen]) => [label("component", part), label("component_condition", this.last?.components[part] ?? ""), label("component_condition", seen)]),
    ].filter((line) => Array.isArray(line));
    put(
      this.#changes,
      make("h4", {}, say("inspection.changes")),
      lines.length === 0
        ? make("p", { class: "hint" }, say("inspection.no_changes"))
        : make("ul", {}, ...lines.map(([what, from, to]) => make("li", {}, say("inspection.changed", { what, from, to })))),
    );
  }

  get #record() {
    const { id, kind, captured_at, condition, components, accuracy_reason, note, actions } = this.draft;
    return {
      id,
      kind,
      captured_at,
      condition,
      components,
      accuracy_reason,
      note,
      actions: actions ?? [],
      observed_position: this.fix.position,
      ...(this.objects.sighted && { resightings: this.objects.sighted }),
      photos: this.photos.taken,
      sent_at: new Date().toISOString(),
    };
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (!this.draft.condition) {
      this.#say(make("p", {}, say("inspection.condition_missing")));
      /** @type {HTMLElement | null} */ (this.element.querySelector("#inspection-condition input"))?.focus();
      return;
    }
    if (this.photos.lost.length > 0) {
      this.#say(make("p", {}, say("inspection.photos_lost", { number: this.photos.lost.length })));
      return;
    }
    this.#busy(true);
    try {
      const answer = await recordInspection(this.marker.code, this.#record);
      this.#sent = true;
      await this.photos.send((done, all) => this.#say(make("p", { class: "hint" }, say("inspection.sending_photo", { done, all }))));
      forget(this.marker.code);
      this.acts.tell(say("inspection.received"));
      put(this.element, receipt(answer, this.marker, () => this.acts.changed()));
    } catch (error) {
      this.#say(...failureWords(error, { recorded: this.#sent }));
      // The same id with other content would be refused: a record changed after a conflict is a new one.
      if (error instanceof ApiError && error.code === "record.conflict") this.#set({ id: newId() });
    } finally {
      this.#busy(false);
    }
  }

  /** @param {...Node} words */
  #say(...words) {
    put(this.#told, ...words);
    this.#told.scrollIntoView({ block: "nearest" });
  }

  /** @param {boolean} busy */
  #busy(busy) {
    this.#send.disabled = busy;
    this.#send.textContent = say(busy ? "inspection.sending" : "inspection.send");
  }
}

/** An instant as a field for date and time takes it, in the reader's own time. @param {string} instant */
function local(instant) {
  const at = new Date(instant);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
