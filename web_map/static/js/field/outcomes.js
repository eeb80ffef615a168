/** What became of changes that went to a reviewer, as the last refresh of a work pack told it; decides nothing. */
import { make } from "../elements.js";
import { knows, say } from "../messages.js";
import { moment } from "../panels/marker-records.js";
import { all } from "./store.js";

/** @typedef {import("./store.js").Pack} Pack */
/** @typedef {import("../markers.js").WaitingEdit} WaitingEdit */

/** By id, each as the pack taken last has it. @returns {Promise<Map<string, WaitingEdit>>} */
export async function outcomes() {
  const packs = /** @type {Pack[]} */ (await all("packs"));
  packs.sort((a, b) => a.taken_at.localeCompare(b.taken_at));
  return new Map(packs.flatMap(({ my_edits = [] }) => my_edits.map((edit) => [edit.id, edit])));
}

/** @param {WaitingEdit} edit */
export function outcomeWords({ changes, decision }) {
  if (!decision) return [make("p", { class: "warned" }, say("field.outcome.waits", { fields: Object.keys(changes).map(fieldWords).join(" · ") }))];
  const { choices, recorded_by, recorded_at, reason } = decision;
  return [
    ...Object.entries(choices).map(([name, { take, value }]) => make("p", { class: take === "standing" ? "warned" : "good" }, say(`field.outcome.${take}`, { fields: fieldWords(name), value: String(value ?? "") }))),
    make("p", { class: "hint" }, say("field.outcome.by", { person: recorded_by, at: moment(recorded_at), reason })),
  ];
}

/** What of a marker is with a reviewer or has come back from him. @param {string} code */
export async function outcomesOf(code) {
  const found = [...(await outcomes()).values()].filter(({ marker_code }) => marker_code === code);
  if (found.length === 0) return null;
  return make("div", { class: "outcomes" }, make("h2", {}, say("field.outcome.title")), ...found.flatMap(outcomeWords));
}

/** @param {string} name of a field */
function fieldWords(name) {
  const key = `field.edit.${name}`;
  return knows(key) ? say(key) : name;
}
