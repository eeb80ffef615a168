/**
 * One stop of a joint inspection: what my side saw by the checklist, what the others who stand here saw, where that
 * differs, and the opinion and order on which all agree. Finished, it enters the outbox and the day's book together.
 */
import { make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { newId } from "../markers.js";
import { say } from "../messages.js";
import { confirmed } from "../pages/dialog.js";
import { selectOf } from "../pages/joint-shown.js";
import { foundWords, openDraft, throwAway } from "./drafts.js";
import { apartOf, bookFrom, bookName, bookOf, isOfPosts, isWhole, jointHere, needsOpinion, standing } from "./joint-day.js";
import { apartWords, jointTitle, seenWords, sideName, stopPlace, stopTitle } from "./joint-words.js";
import { onlyHere } from "./one-tab.js";
import { post } from "./outbox.js";
import { StopOpinion } from "./stop-opinion.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./joint-day.js").Joint} Joint */
/** @typedef {import("./joint-day.js").Stop} Stop */
/** @typedef {import("./joint-day.js").Seen} Seen */
/** @typedef {{condition: string | null, answers: Record<string, string>, note: string}} View what one side answers */
/** @typedef {"same" | "own" | "away"} How whether another side saw the same as mine, something else, or did not come */

const NOT_SEEN_ON_SITE = ["not_set", "retired"];

export class StopView {
  element = make("section", { class: "view form-view", "aria-labelledby": "form-title" });
  #told = make("div", { class: "form-told", role: "alert" });
  #apart = make("div", { class: "form-changes", role: "status" });

  /** @param {App} app @param {string} place `ID:ORDER` */
  constructor(app, place) {
    this.app = app;
    this.place = place;
    const [id, order] = place.split(":");
    this.id = id;
    this.order = Number(order);
  }

  async open() {
    const joint = await jointHere(this.id);
    const stop = joint?.task_list.find(({ order }) => order === this.order);
    if (!joint || !stop || !isWhole(joint)) {
      this.app.go(`day=${this.id}`);
      return;
    }
    this.release = await onlyHere(`stop:${this.place}`);
    if (!this.release) {
      put(this.element, make("h1", { id: "form-title" }, stopTitle(stop)), make("p", { class: "warned" }, say("field.other_tab")), make("button", { type: "button", class: "strong wide", onclick: () => this.app.show() }, say("action.retry")));
      return;
    }
    this.joint = joint;
    this.stop = stop;
    this.book = await bookOf(this.id);
    this.draft = await openDraft("stop", this.place, (error) => this.app.storageFailed(error));
    this.side = stop.sides.find((side) => joint.own_sides.includes(side)) ?? "";
    if (!this.draft.found) this.draft.draft.fields = this.#begun(joint, stop);
    this.opinion = new StopOpinion(this.#fields.opinion, { joint, stop, changed: (opinion) => this.#set({ opinion }) });
    this.#build(joint, stop);
  }

  close() {
    this.release?.();
  }

  get #fields() {
    return /** @type {import("./drafts.js").DraftKeeper} */ (this.draft).draft.fields;
  }

  /** @param {Record<string, any>} change */
  #set(change) {
    const kept = this.draft?.set(change);
    this.#compare();
    return kept;
  }

  /** What a form begins with: what was said here before, or what the visits of the posts found. @param {Joint} joint @param {Stop} stop */
  #begun(joint, stop) {
    const { seen, opinion } = standing(joint, stop, /** @type {import("./joint-day.js").Book} */ (this.book));
    const answers = Object.fromEntries(stop.checklist.map((item) => [item, "agrees"]));
    const found = (isOfPosts(stop) ? stop.subjects : []).map((code) => this.book?.posts[code]?.condition).filter(Boolean);
    const worst = found.find((condition) => condition !== "intact") ?? found[0] ?? null;
    const own = seen[this.side ?? ""];
    const view = (/** @type {Seen} */ { condition, answers: given, note }) => ({ condition, answers: { ...answers, ...given }, note });
    const others = Object.fromEntries(stop.sides.filter((side) => side !== this.side).map((side) => [side, seen[side] ? { how: "own", ...view(seen[side]) } : { how: "same", condition: null, answers, note: "" }]));
    return { ...(own ? view(own) : { condition: worst, answers, note: "" }), others, opinion };
  }

  /** @param {Joint} joint @param {Stop} stop */
  #build(joint, stop) {
    const { draft, found } = /** @type {import("./drafts.js").DraftKeeper} */ (this.draft);
    const own = make("fieldset", { class: "of-side", "data-side": this.side ?? "" }, make("legend", {}, say("field.joint.own", { side: sideName(joint, this.side ?? "") })), ...this.#answers(stop, /** @type {View} */ (this.#fields), (change) => this.#set(change)));
    put(
      this.element,
      make("h1", { id: "form-title" }, stopTitle(stop)),
      make("p", { class: "hint" }, jointTitle(joint), " · ", stopPlace(stop)),
      found && make("p", { class: "draft" }, foundWords(draft), " ", make("button", { type: "button", class: "link", onclick: () => this.#drop() }, say("inspection.draft_drop"))),
      this.#posts(stop),
      this.side
        ? make("form", { novalidate: true, onsubmit: (/** @type {Event} */ event) => this.#finish(event) }, own, ...stop.sides.filter((side) => side !== this.side).map((side) => this.#other(joint, stop, side)), this.#apart, this.opinion?.element, this.#told, make("button", { type: "submit", class: "strong wide finish" }, say("field.finish")), make("p", { class: "hint" }, say("field.finish_why")))
        : make("p", { class: "warned" }, say("field.joint.not_own")),
      make("a", { class: "button wide", href: `#day=${joint.id}` }, say("field.joint.back")),
    );
    this.#compare();
  }

  /** Each post is measured and photographed in a form of its own. @param {Stop} stop */
  #posts(stop) {
    if (!isOfPosts(stop)) return null;
    const linked = (/** @type {string} */ code) => make("a", { class: "button", href: `#joint=${encodeURIComponent(code)}` }, this.book?.posts[code] ? "✓ " : "", say("field.joint.measure", { code }));
    return make("nav", { class: "big-actions", "aria-label": say("field.joint.posts") }, ...stop.subjects.map(linked));
  }

  /** @param {Stop} stop @param {View} view @param {(change: Partial<View>) => void} set */
  #answers({ checklist, kind }, view, set) {
    const choices = entries("joint_answer").map(({ code }) => /** @type {[string, string]} */ ([code, label("joint_answer", code)]));
    const given = { ...view.answers };
    const field = (/** @type {string} */ words, /** @type {HTMLSelectElement} */ select, /** @type {() => void} */ act) => {
      select.addEventListener("change", act);
      return make("label", { class: "field", for: select.id }, words, select);
    };
    const item = (/** @type {string} */ code) => {
      const chosen = selectOf(code, withOwn(choices, given[code]), given[code] ?? "agrees");
      return field(label("joint_item", code), chosen, () => {
        given[code] = chosen.value;
        set({ answers: { ...given } });
      });
    };
    const conditions = entries("condition").filter(({ code }) => !NOT_SEEN_ON_SITE.includes(code)).map(({ code }) => /** @type {[string, string]} */ ([code, label("condition", code)]));
    const condition = selectOf("condition", [["", say("joint.choose")], ...conditions], view.condition ?? "");
    const note = make("textarea", { name: "note", rows: 2, maxlength: 2000, oninput: () => set({ note: note.value }) });
    note.value = view.note;
    return [kind !== "segment" && field(label("joint_item", "condition_seen"), condition, () => set({ condition: condition.value || null })), ...checklist.map(item), make("label", { class: "field" }, say("joint.note"), note)];
  }

  /** @param {Joint} joint @param {Stop} stop @param {string} side */
  #other(joint, stop, side) {
    const own = make("div", { class: "field-row" });
    const set = (/** @type {Partial<View & {how: How}>} */ change) => this.#set({ others: { ...this.#fields.others, [side]: { ...this.#fields.others[side], ...change } } });
    const show = () => {
      const view = this.#fields.others[side];
      put(own, ...(view.how === "own" ? this.#answers(stop, view, set) : []));
    };
    const how = (/** @type {How} */ code) =>
      make(
        "label",
        { class: "choice" },
        make("input", { type: "radio", name: `how-${side}`, value: code, checked: this.#fields.others[side].how === code, onchange: () => { set({ how: code }); show(); } }),
        make("span", {}, make("b", {}, say(`field.joint.how.${code}`))),
      );
    show();
    return make("fieldset", { class: "choices of-side", "data-side": side }, make("legend", {}, sideName(joint, side)), how("same"), how("own"), how("away"), own);
  }

  /** What each side that is here saw. @returns {Record<string, View>} */
  get #views() {
    const { condition, answers, note, others } = this.#fields;
    const mine = { condition, answers, note };
    const here = Object.entries(/** @type {Record<string, View & {how: How}>} */ (others)).filter(([, { how }]) => how !== "away");
    const theirs = here.map(([side, { how, ...view }]) => [side, how === "same" ? { ...mine, note: "" } : view]);
    return { [this.side ?? ""]: mine, ...Object.fromEntries(theirs) };
  }

  /** Where the sides differ, as it is being written; then an opinion is asked for. */
  #compare() {
    const { joint, stop } = this;
    if (!joint || !stop || !this.side) return;
    const views = this.#views;
    const apart = apartOf(stop, views);
    put(this.#apart, apart.length > 0 && make("div", { class: "warned" }, make("h2", {}, say("field.joint.apart")), make("ul", {}, ...apart.map((each) => make("li", {}, apartWords(joint, each))))));
    this.opinion?.isNeeded(needsOpinion(apart, views), Object.keys(views));
  }

  async #drop() {
    const sure = await confirmed({ title: say("inspection.draft_drop"), body: say("field.draft_drop_sure"), act: say("inspection.draft_drop") });
    if (!sure || !this.draft) return;
    await throwAway(this.draft.draft);
    this.app.go(`day=${this.id}`);
  }

  /** The first thing that is missing, in words. */
  #missing() {
    const views = this.#views;
    const { people } = /** @type {import("./joint-day.js").Book} */ (this.book);
    const nameless = Object.keys(views).find((side) => !people[side]);
    if (nameless && this.joint) return say("field.joint.person_missing", { side: sideName(this.joint, nameless) });
    if (this.stop?.kind !== "segment" && Object.values(views).some(({ condition }) => !condition)) return say("inspection.condition_missing");
    return this.opinion?.missing ?? null;
  }

  /** @param {Event} event */
  async #finish(event) {
    event.preventDefault();
    const missing = this.#missing();
    put(this.#told, missing && make("p", { class: "warned" }, missing));
    if (missing) return;
    const { opinion } = this;
    if (opinion?.needed && !opinion.agreed && !(await confirmed({ title: say("field.joint.unsettled_title"), body: say("field.joint.unsettled"), act: say("field.finish") }))) return;
    await this.#post();
  }

  async #post() {
    const { draft: keeper, joint, stop } = this;
    if (!keeper || !joint || !stop) return;
    await keeper.keep();
    const recorded_at = new Date().toISOString();
    const { people } = /** @type {import("./joint-day.js").Book} */ (this.book);
    const seen = Object.entries(this.#views).map(([side, { condition, answers, note }]) => ({ task: stop.order, side, person: people[side], condition, answers: Object.fromEntries(stop.checklist.map((item) => [item, answers[item] ?? "agrees"])), note: note.trim() }));
    const agreed = this.opinion?.agreed ?? null;
    const stands = standing(joint, stop, /** @type {import("./joint-day.js").Book} */ (this.book)).opinion;
    const about = { marker_code: isOfPosts(stop) ? stop.subjects[0] : joint.line_code };
    const records = [
      ...seen.map((each, place) => ({ id: place === 0 ? keeper.draft.id : newId(), type: "joint_record", ...about, body: { joint_id: joint.id, ...each, captured_at: recorded_at } })),
      ...(agreed && !isSame(agreed, stands) ? [{ id: newId(), type: "joint_opinion", ...about, body: { joint_id: joint.id, task: stop.order, ...agreed, captured_at: recorded_at } }] : []),
    ];
    const written = { records: seen.map((each) => ({ ...each, recorded_at })), opinion: agreed && { task: stop.order, ...agreed }, document: null };
    const turned = (/** @type {unknown} */ before) => {
      const book = bookFrom(before);
      return { ...book, stops: { ...book.stops, [stop.order]: written } };
    };
    try {
      await post(records, { draft: keeper.draft.key, person: this.app.username, also: { name: bookName(joint.id), turned } });
      this.app.tell(say("field.posted"));
      this.app.go(`day=${joint.id}`);
      await this.app.sending.posted();
    } catch (error) {
      this.app.storageFailed(error);
    }
  }
}

/** Whether an opinion says what stands already. @param {Omit<import("./joint-day.js").Opinion, "task">} given @param {import("./joint-day.js").Opinion | null} stands */
function isSame(given, stands) {
  const names = /** @type {const} */ (["text", "condition", "responsible", "measure", "deadline", "agreed_by"]);
  return stands !== null && names.every((name) => JSON.stringify(given[name]) === JSON.stringify(stands[name]));
}

/** An answer that an earlier form gave, e.g. a condition, stays one of the choices. @param {[string, string][]} choices @param {string | undefined} known @returns {[string, string][]} */
function withOwn(choices, known) {
  return !known || choices.some(([code]) => code === known) ? choices : [[known, seenWords({ condition: null, answers: { position: known }, note: "" })], ...choices];
}
