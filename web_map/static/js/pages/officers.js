/** The administrator's page: who the officers are, what they may do where, and whether they may still sign in. */
import { byId, make, put } from "../elements.js";
import { loadLegend } from "../legend.js";
import { say } from "../messages.js";
import { addressOf } from "../next-page.js";
import { changeOfficer, makeLink, officers } from "../people.js";
import { copied } from "./copying.js";
import { Dialog, confirmed } from "./dialog.js";
import { nameOf } from "./jurisdictions.js";
import { timeOf } from "./moments.js";
import { OfficerForm } from "./officer-form.js";
import { officerRow } from "./officer-row.js";
import { openPage, tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../people.js").Officer} Officer */

const search = /** @type {HTMLInputElement} */ (byId("officer-search"));
const state = /** @type {HTMLSelectElement} */ (byId("officer-state"));
const list = byId("officer-list");
const reading = new Reading(list, () => load());
/** @type {Officer[] | null} */
let known = null;
/** Names of the jurisdictions on the page, so that they can be searched for. @type {Map<string, string | null>} */
let names = new Map();

const opened = await openPage({ title: "page.officers", roles: ["administrator"], written: () => show() });
if (opened) begin();

function begin() {
  search.addEventListener("input", () => show());
  state.addEventListener("change", () => show());
  byId("new-officer").addEventListener("click", () => edit(null));
  loadLegend().catch(() => null); // without it levels are shown by their codes
  load();
}

async function load() {
  const answer = await reading.of(() => act(officers));
  if (answer === undefined) return;
  known = answer.officers;
  const codes = new Set(known.flatMap(({ jurisdictions }) => jurisdictions));
  names = new Map(await Promise.all([...codes].map(async (code) => /** @type {const} */ ([code, await nameOf(code)]))));
  show();
}

/** Writes the officers that are looked for, in the language of the page. */
function show() {
  if (!known || !opened?.account) return;
  const found = known.filter((officer) => isLookedFor(officer));
  const reader = opened.account.username;
  byId("officer-count").textContent = say("officer.count", { shown: found.length, all: known.length });
  const head = ["account.name", "account.roles", "account.jurisdictions", "officer.state", "officer.acts"];
  put(
    list,
    found.length === 0 && make("p", { class: "nothing" }, say(known.length === 0 ? "officer.none" : "officer.none_found")),
    found.length > 0 &&
      make(
        "table",
        { class: "rows", role: "table" },
        make("caption", { class: "unseen" }, say("page.officers")),
        make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head.map((key) => make("th", { role: "columnheader", scope: "col" }, say(key))))),
        make("tbody", { role: "rowgroup" }, ...found.map((officer) => officerRow(officer, { own: officer.username === reader, edit, turn, link }))),
      ),
  );
}

/** @param {Officer} officer */
function isLookedFor({ username, display_name, roles, jurisdictions, disabled_at }) {
  if (state.value !== "all" && (state.value === "disabled") !== (disabled_at !== null)) return false;
  const places = jurisdictions.flatMap((code) => [code, names.get(code) ?? ""]);
  const words = [username, display_name, ...places, ...roles.map((role) => say(`role.${role}`))];
  return search.value
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.some((word) => word.toLowerCase().includes(part)));
}

/** @param {Officer | null} officer */
async function edit(officer) {
  if (!opened?.account) return;
  const { account: reader, settings } = opened;
  const kept = await new OfficerForm(officer, { reader, single_sign_on: settings.single_sign_on }).open();
  await load(); // also when nothing was kept: somebody else's change may have been met
  if (kept) tell(say(officer ? "officer.changed" : "officer.created", { name: kept.display_name }));
  if (kept && !officer) await link(kept, true);
  const shown = kept ?? officer;
  if (shown) rowOf(shown)?.focus();
}

/** Disables an officer, or lets him back. @param {Officer} officer */
async function turn(officer) {
  const disabled = officer.disabled_at === null;
  const { display_name: name } = officer;
  const words = disabled
    ? { title: say("officer.disable_title", { name }), body: say("officer.disable_body"), act: say("officer.disable") }
    : { title: say("officer.enable_title", { name }), body: say("officer.enable_body"), act: say("officer.enable") };
  if (!(await confirmed(words))) return;
  const done = await reading.of(() => act(() => changeOfficer(officer, { disabled })), { keep: true });
  await load(); // also after a conflict: the next try is made on what holds now
  if (done !== undefined) tell(say(disabled ? "officer.disabled_now" : "officer.enabled_now", { name }));
  rowOf(officer)?.focus();
}

/** A one-time link, for a new password. @param {Officer} officer @param {boolean} [made] whether he is new */
async function link(officer, made = false) {
  const words = { title: say("one_time.title", { name: officer.display_name }), act: say("one_time.make") };
  if (!(await confirmed({ ...words, body: say(made ? "one_time.body_new" : "one_time.body") }))) return;
  const answer = await reading.of(() => act(() => makeLink(officer.username)), { keep: true });
  if (answer === undefined) return;
  const dialog = new Dialog(words.title);
  dialog.fill(
    make("p", {}, say("one_time.once")),
    copied({ id: "one-time-link", label: say("one_time.link"), value: addressOf(answer.link) }),
    make("p", { class: "hint" }, say("one_time.ends"), " ", timeOf(answer.expires_at)),
    make("p", { class: "actions" }, make("button", { type: "button", class: "strong", onclick: () => dialog.close() }, say("token.kept"))),
  );
  await dialog.open();
}

/** The button that changes an officer, where the focus goes back to. @param {Officer} officer @returns {HTMLElement | null} */
function rowOf({ username }) {
  return list.querySelector(`[data-username="${CSS.escape(username)}"]`);
}
