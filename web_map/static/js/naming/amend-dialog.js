/** A proposal that the committee amends: the new name is examined while it is typed, and again when it is put. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { Dialog } from "../pages/dialog.js";
import { field, value } from "../pages/fields.js";
import { act } from "../pages/sign-in-again.js";
import { sends } from "../pages/sending.js";
import { amend, examine } from "../proposals.js";
import { findingsTable } from "./findings-view.js";

const PAUSE_MS = 250;

/** Asks for the new name; gives whether it was put. @param {import("../proposals.js").Proposal} proposal @returns {Promise<boolean>} */
export async function amendDialog(proposal) {
  const dialog = new Dialog(say("amend.title", { name: proposal.properties.name }), { wide: true });
  const found = make("div", { role: "status", class: "live-check" });
  let done = false;
  const [first = ""] = proposal.properties.alternatives;
  const confirmed = (/** @type {string} */ name) => (proposal.properties.alternative_readings[name.trim()] ?? []).join(" ");
  const form = make(
    "form",
    { class: "fields" },
    make("label", { for: "amend-name" }, say("amend.name")),
    make("input", { id: "amend-name", name: "name", required: true, maxlength: 40, value: first, autocomplete: "off", autofocus: true }),
    make("label", { for: "amend-readings" }, say("amend.readings")),
    make("input", { id: "amend-readings", name: "readings", maxlength: 200, value: confirmed(first), autocomplete: "off", spellcheck: "false" }),
    make("label", { for: "amend-reason" }, say("amend.reason")),
    make("textarea", { id: "amend-reason", name: "reason", required: true, rows: 2, maxlength: 4000 }),
    found,
    make("p", { class: "refused", role: "alert", hidden: true }),
    make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: () => dialog.close() }, say("action.cancel")), make("button", { type: "submit", class: "strong" }, say("amend.put"))),
  );
  readingsFollow(form, confirmed);
  liveCheck(form, proposal, found);
  sends(form, async () => {
    const [name, readings, reason] = ["name", "readings", "reason"].map((each) => value(form, each).trim());
    await act(() => amend(proposal, { name, readings: readings || null, reason }));
    done = true;
    dialog.close();
  });
  dialog.fill(make("p", { class: "hint" }, say("amend.words")), form);
  await dialog.open();
  return done;
}

/** The readings on record of an alternative stand with its name, until others are typed. @param {HTMLFormElement} form @param {(name: string) => string} confirmed */
function readingsFollow(form, confirmed) {
  let suggested = value(form, "readings");
  field(form, "name").addEventListener("input", () => {
    if (value(form, "readings") !== suggested) return;
    suggested = confirmed(value(form, "name"));
    field(form, "readings").value = suggested;
  });
}

/** @param {HTMLFormElement} form @param {import("../proposals.js").Proposal} proposal @param {HTMLElement} found */
function liveCheck(form, proposal, found) {
  let waiting = 0;
  let asked = 0;
  const look = async () => {
    const mine = ++asked;
    const name = field(form, "name").value.trim();
    if (!name) return put(found);
    const answer = await examine(proposal, name).catch(() => null);
    if (mine !== asked || !answer) return undefined;
    return put(found, make("p", {}, make("strong", { lang: "zh-CN" }, name), " ", make("span", { lang: "zh-Latn" }, answer.spelling.toned)), findingsTable(name, answer.findings, { overrides: {} }));
  };
  field(form, "name").addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(look, PAUSE_MS);
  });
  look();
}
