/**
 * What a naming officer does to a name on the register: puts its reading, meaning, origin or other names right, retires
 * it or merges it into another. The service decides; a change says by what source, an end says under which paper.
 */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { correctName, endName, findNames, nameToChange } from "../naming.js";
import { Dialog } from "../pages/dialog.js";
import { field, value } from "../pages/fields.js";
import { refuse, sends } from "../pages/sending.js";
import { act } from "../pages/sign-in-again.js";

/** @typedef {import("../naming.js").Name} Name */

const PAUSE_MS = 200;
const MOST_FOUND = 8;

/** @param {Name} name @param {() => void} changed */
export function actsCard({ id, properties: { name, status } }, changed) {
  const opens = (/** @type {(id: string, name: string) => Promise<boolean>} */ dialog) => async () => {
    if (await dialog(id, name)) changed();
  };
  return make(
    "section",
    { class: "card", "aria-labelledby": "acts-title" },
    make("h2", { id: "acts-title" }, say("act.title")),
    make(
      "p",
      { class: "actions" },
      make("button", { type: "button", class: "plain", onclick: opens(correctDialog) }, say("act.correct")),
      status === "in_force" && make("button", { type: "button", class: "plain grave", onclick: opens(endDialog) }, say("act.end")),
    ),
  );
}

/** @param {string} id @param {string} called @returns {Promise<boolean>} whether something was put right */
async function correctDialog(id, called) {
  const { name, etag } = await act(() => nameToChange(id));
  const { reading, meaning, origin, aliases } = name.properties;
  const dialog = new Dialog(say("act.correct_title", { name: called }));
  let done = false;
  const form = make(
    "form",
    { class: "fields" },
    ...labelled("act.reading", make("input", { name: "reading", value: reading.join(" "), maxlength: 200, autocomplete: "off", spellcheck: "false", autofocus: true })),
    ...labelled("act.meaning", make("textarea", { name: "meaning", rows: 2, maxlength: 4000 }, meaning)),
    ...labelled("act.origin", make("textarea", { name: "origin", rows: 2, maxlength: 4000 }, origin)),
    ...labelled("act.aliases", make("textarea", { name: "aliases", rows: 2, maxlength: 800 }, aliases.join("\n"))),
    ...labelled("act.source", make("input", { name: "source", required: true, maxlength: 200, autocomplete: "off" })),
    ...ending(dialog, "act.put", "strong"),
  );
  sends(form, async () => {
    const typed = { reading: words(value(form, "reading")), meaning: value(form, "meaning").trim(), origin: value(form, "origin").trim(), aliases: lines(value(form, "aliases")) };
    const was = { reading, meaning, origin, aliases };
    const changes = Object.fromEntries(Object.entries(typed).filter(([key, now]) => JSON.stringify(now) !== JSON.stringify(/** @type {any} */ (was)[key])));
    await act(() => correctName(id, { ...changes, source: value(form, "source").trim() }, etag));
    done = true;
    dialog.close();
  });
  dialog.fill(make("p", { class: "hint" }, say("act.correct_words")), form);
  await dialog.open();
  return done;
}

/** @param {string} id @param {string} called @returns {Promise<boolean>} whether the name has ended */
async function endDialog(id, called) {
  const dialog = new Dialog(say("act.end_title", { name: called }), { alert: true });
  const request = crypto.randomUUID();
  let done = false;
  const into = make("div", { class: "fields", hidden: true }, ...labelled("act.into", make("input", { name: "into", maxlength: 40, autocomplete: "off", "aria-describedby": "act-into-hint" })), make("p", { class: "hint", id: "act-into-hint" }, say("act.into_hint")));
  const found = make("div", { class: "found-names", role: "status" });
  into.append(found);
  const form = make(
    "form",
    { class: "fields" },
    ...labelled("act.on", make("input", { name: "on", type: "date", required: true, autofocus: true })),
    ...labelled("act.instrument", make("input", { name: "instrument", required: true, maxlength: 200, autocomplete: "off" })),
    ...labelled("act.how", make("select", { name: "how" }, ...["retired", "historic", "merged"].map((how) => make("option", { value: how }, say(`act.${how}`))))),
    into,
    ...ending(dialog, "act.end_put", "strong grave"),
  );
  const merging = () => value(form, "how") === "merged";
  field(form, "how").addEventListener("change", () => (into.hidden = !merging()));
  findsNames(field(form, "into"), found, id);
  sends(form, async () => {
    const chosen = merging() ? value(form, "taker") : null;
    if (chosen === "") return refuse(form, say("act.into_missing"), ["into"]);
    await act(() => endName(id, { id: request, ended_on: value(form, "on"), instrument: value(form, "instrument").trim(), historic: value(form, "how") === "historic", merged_into: chosen }));
    done = true;
    return dialog.close();
  });
  dialog.fill(make("p", {}, say("act.end_words")), form);
  await dialog.open();
  return done;
}

/**
 * Names in force that fit what is typed, one to be chosen; the field `taker` holds its id.
 * @param {HTMLInputElement} input
 * @param {HTMLElement} place
 * @param {string} besides
 */
function findsNames(input, place, besides) {
  let waiting = 0;
  let request = new AbortController();
  const none = () => make("input", { type: "hidden", name: "taker", value: "" });
  const look = async () => {
    request.abort();
    request = new AbortController();
    const asked = { q: input.value, kind: "", status: "", unit: "" };
    const answer = asked.q.trim() ? await findNames(asked, request.signal).catch(() => null) : { names: [] };
    if (!answer) return;
    const names = answer.names.filter(({ id, properties }) => id !== besides && properties.status === "in_force").slice(0, MOST_FOUND);
    const choices = names.map(({ id, properties }) => make("label", { class: "choice" }, make("input", { type: "radio", name: "taker", value: id }), make("span", { lang: "zh-CN" }, properties.name), " ", make("span", { class: "pinyin-small", lang: "zh-Latn" }, properties.pinyin)));
    put(place, ...(choices.length > 0 ? choices : [none(), asked.q.trim() && make("p", { class: "hint" }, say("act.into_none"))]));
  };
  put(place, none());
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, PAUSE_MS);
  });
}

/** @param {string} key @param {HTMLElement} input @returns {[HTMLElement, HTMLElement]} */
function labelled(key, input) {
  input.id = key.replace(".", "-");
  return [make("label", { for: input.id }, say(key)), input];
}

/** @param {Dialog} dialog @param {string} key @param {string} kind */
function ending(dialog, key, kind) {
  return [
    make("p", { class: "refused", role: "alert", hidden: true }),
    make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: () => dialog.close() }, say("action.cancel")), make("button", { type: "submit", class: kind }, say(key))),
  ];
}

/** @param {string} text */
function words(text) {
  return text.split(/\s+/u).filter(Boolean);
}

/** @param {string} text */
function lines(text) {
  return text.split("\n").map((line) => line.trim()).filter(Boolean);
}
