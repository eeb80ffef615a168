/**
 * Changes of a form that were made offline while somebody else changed the same field: both values side by side, and the
 * reviewer's word on each; a list of those that wait.
 */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { decideEdit, newId, waitingEdits } from "../markers.js";
import { knows, say } from "../messages.js";
import { moment } from "./marker-records.js";

/** @typedef {import("../markers.js").FormEdit} FormEdit */
/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("./marker-panel.js").MarkerActs} MarkerActs */
/** @typedef {"standing" | "brought" | "other"} Take */

/** Where the form's words go by another key. @type {Record<string, string>} */
const FIELD_WORDS = { position_description: "description", legal_instrument: "instrument", set_code: "set", managing_unit: "managing", under_contract: "custody" };

/** What waits on one marker; nothing where nothing does, or the reader sees no records. @param {MarkerPage} page @param {MarkerActs} acts */
export function editReviews(page, acts) {
  const { edits = [] } = page.history;
  const waiting = edits.filter(({ applied, decision }) => !applied && !decision);
  if (waiting.length === 0) return make("div", {});
  return make(
    "section",
    { class: "edit-reviews", "aria-labelledby": "edit-reviews-title" },
    make("h3", { id: "edit-reviews-title" }, say("edit_review.title"), make("span", { class: "count" }, waiting.length)),
    make("p", { class: "hint" }, say("edit_review.why")),
    ...waiting.map((edit) => one(edit, edits, { page, acts })),
  );
}

/** @param {FormEdit} edit @param {FormEdit[]} edits @param {{page: MarkerPage, acts: MarkerActs}} here */
function one(edit, edits, { page: { reader, now }, acts }) {
  const may = reader.signed_in && reader.roles.includes("boundary") && !now.as_of;
  const own = reader.signed_in && reader.username === edit.recorded_by;
  const fields = Object.keys(edit.changes).map((name) => field(name, edit, { edits, open: may && !own }));
  const about = make("p", { class: "hint" }, say("edit_review.brought", who(edit)), edit.reason ? ` ${edit.reason}` : "");
  if (!may || own) return make("div", { class: "edit-review" }, about, ...fields.map(({ element }) => element), make("p", { class: "hint" }, say(own ? "edit_review.own" : "edit_review.by_reviewer")));
  const id = newId();
  const reason = make("input", { type: "text", name: "reason", maxlength: 1000, required: true });
  const told = make("p", { role: "status" });
  const decide = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const missing = fields.find(({ chosen }) => !chosen()) ? "edit_review.choose" : reason.value.trim() ? null : "edit_review.reason_needed";
    if (missing) {
      put(told, say(missing));
      told.className = "warned";
      return;
    }
    const choices = Object.fromEntries(fields.map(({ name, chosen }) => [name, chosen()]));
    const other = Object.fromEntries(fields.filter(({ chosen }) => chosen() === "other").map(({ name, third }) => [name, third()]));
    try {
      await decideEdit(edit.id, { id, version: versionOf(edits), choices, other, reason: reason.value.trim() });
      acts.tell(say("edit_review.decided"));
      acts.changed();
    } catch (error) {
      put(told, error instanceof ApiError && error.detail ? error.detail : say("marker_form.not_sent"));
      told.className = "failed";
    }
  };
  return make(
    "form",
    { class: "edit-review", novalidate: true, onsubmit: decide },
    about,
    ...fields.map(({ element }) => element),
    make("label", { class: "field" }, say("edit_review.reason"), reason),
    told,
    make("button", { type: "submit", class: "strong" }, say("edit_review.decide")),
  );
}

/**
 * Both values of a field, with who brought each; open, a choice between them and a third.
 * @param {string} name @param {FormEdit} edit @param {{edits: FormEdit[], open: boolean}} how
 */
function field(name, edit, { edits, open }) {
  const standing = edits.findLast(({ applied, changes }) => applied && name in changes) ?? null;
  const plain = typeof edit.changes[name] === "string";
  const group = `edit-${edit.id}-${name}`;
  const third = make("textarea", { rows: 2, maxlength: 4000, "aria-label": say("edit_review.third_text"), hidden: true });
  third.value = plain ? String(edit.changes[name]) : "";
  /** @type {Take | null} */
  let take = null;
  const choice = (/** @type {Take} */ which, /** @type {string} */ words, /** @type {unknown} */ value) => {
    const choose = () => {
      take = which;
      third.hidden = which !== "other";
      third.focus();
    };
    return make("label", { class: "edit-choice" }, open && make("input", { type: "radio", name: group, value: which, onchange: choose }), make("span", {}, make("span", { class: "how" }, words), value === undefined ? null : make("b", { lang: "zh-CN" }, wordsOf(value))));
  };
  const element = make(
    "fieldset",
    {},
    make("legend", {}, fieldWords(name)),
    choice("standing", standing ? say("edit_review.standing", who(standing)) : say("edit_review.standing_form"), standing?.changes[name] ?? ""),
    choice("brought", say("edit_review.brought", who(edit)), edit.changes[name]),
    open && plain && choice("other", say("edit_review.third"), undefined),
    open && plain && third,
  );
  return { name, element, chosen: () => take, third: () => third.value.trim() };
}

/** The newest version of the form that is on record here. @param {FormEdit[]} edits */
function versionOf(edits) {
  return Math.max(...edits.map(({ version }) => version ?? 1));
}

/** @param {FormEdit} edit */
function who({ recorded_by, captured_at, recorded_at, device }) {
  return { person: recorded_by ?? "", at: moment(captured_at ?? recorded_at), device: device || say("edit_review.office") };
}

/** @param {string} name of a field of the form */
export function fieldWords(name) {
  const key = `marker_form.${FIELD_WORDS[name] ?? name}`;
  return knows(key) ? say(key) : name;
}

/** @param {unknown} value */
function wordsOf(value) {
  if (value === null || value === "") return say("edit_review.empty");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The markers where something waits, for those who may decide it. @param {(code: string) => void} choose @param {AbortSignal} signal */
export async function waitingList(choose, signal) {
  const { edits } = await waitingEdits(signal);
  if (edits.length === 0) return null;
  const row = (/** @type {import("../markers.js").WaitingEdit} */ { marker_code, number, changes, recorded_by, recorded_at }) =>
    make("li", {}, make("button", { type: "button", class: "marker-row", onclick: () => choose(marker_code) }, make("span", {}), make("span", { class: "code" }, number), make("span", { class: "word" }, Object.keys(changes).map(fieldWords).join(" · ")), make("span", { class: "about" }, `${recorded_by} ${moment(recorded_at)}`)));
  return make("section", { class: "board-edits" }, make("h3", {}, say("edit_review.list"), make("span", { class: "count" }, edits.length)), make("ul", { class: "marker-list" }, ...edits.map(row)));
}
