/** Which of what is due is shown: unit, line, kind, days ahead; it stands in the address, so that a colleague sees the same. */
import { byId, make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { say } from "../messages.js";
import { EVERYWHERE } from "../people.js";
import { field } from "./fields.js";
import { nameOf } from "./jurisdictions.js";

/** @typedef {import("../due.js").DueQuestion} DueQuestion */

const NAMES = /** @type {const} */ (["unit", "line", "kind", "days_ahead"]);
/** Days ahead to choose from; the service takes no more than the last. */
const HORIZONS = [0, 7, 30, 90, 180, 365, 730];
const NEAR = "30";

export class DueFilter {
  #form = /** @type {HTMLFormElement} */ (byId("filter"));

  /** @param {import("../people.js").Account} account @param {() => void} changed */
  constructor(account, changed) {
    this.account = account;
    this.changed = changed;
    const asked = new URLSearchParams(window.location.search);
    /** @type {DueQuestion} */
    this.wanted = {
      unit: asked.get("unit") ?? "",
      line: asked.get("line") ?? "",
      kind: asked.get("kind") ?? "",
      days_ahead: HORIZONS.map(String).find((days) => days === asked.get("days_ahead")) ?? NEAR,
    };
    this.#form.addEventListener("change", () => this.#asked());
    this.#form.addEventListener("submit", (event) => event.preventDefault());
  }

  /** Writes the choices in the language of the page; what is chosen stays. @param {import("./due-board.js").Names} names */
  show({ units, lines }) {
    const own = this.account.jurisdictions.filter((code) => code !== EVERYWHERE && !units.has(code));
    this.#offer("unit", [...own.map((code) => /** @type {[string, string]} */ ([code, code])), ...units]);
    this.#offer("line", [...lines]);
    this.#offer("kind", entries("due_kind").map(({ code }) => [code, label("due_kind", code)]));
    put(field(this.#form, "days_ahead"), ...HORIZONS.map((days) => make("option", { value: days }, days ? say("due.in_days", { n: days }) : say("due.until_today"))));
    for (const name of NAMES) this.#set(name, this.wanted[name]);
    for (const code of own) this.#named(code);
  }

  /** Takes every condition away but the horizon. */
  clear() {
    for (const name of /** @type {const} */ (["unit", "line", "kind"])) this.#set(name, "");
    this.#asked();
  }

  /** Looks as far ahead as can be. */
  farther() {
    this.#set("days_ahead", String(HORIZONS.at(-1)));
    this.#asked();
  }

  /** @param {(typeof NAMES)[number]} name @param {[string, string][]} choices code and words */
  #offer(name, choices) {
    put(
      field(this.#form, name),
      make("option", { value: "" }, say("due.any")),
      ...choices.map(([value, words]) => make("option", { value }, words)),
    );
  }

  /** The name of a jurisdiction that is no county follows when it is known. @param {string} code */
  async #named(code) {
    const name = await nameOf(code);
    const option = [...field(this.#form, "unit").querySelectorAll("option")].find(({ value }) => value === code);
    if (name && option) option.textContent = name;
  }

  /** A choice that a link names and the list lacks is added to it. @param {string} name @param {string} text */
  #set(name, text) {
    const control = field(this.#form, name);
    control.value = text;
    if (control.value === text) return;
    control.append(make("option", { value: text }, text));
    control.value = text;
  }

  #asked() {
    this.wanted = /** @type {DueQuestion} */ (Object.fromEntries(NAMES.map((name) => [name, field(this.#form, name).value])));
    const told = Object.entries(this.wanted).filter(([name, text]) => text !== "" && !(name === "days_ahead" && text === NEAR));
    const query = new URLSearchParams(told).toString();
    window.history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
    this.changed();
  }
}
