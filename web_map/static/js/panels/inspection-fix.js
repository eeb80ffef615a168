/** The observed position with its GNSS quality, as fields; it keeps what was typed and judges no accuracy. */
import { make, put } from "../elements.js";
import { project, zoneOf } from "../geodesy/gauss-kruger.js";
import { number } from "../measures.js";
import { say } from "../messages.js";

/** @typedef {Record<string, string>} Typed */

/** Fix types under the numbers that receivers give (NMEA GGA). */
const FIX_TYPES = ["1", "2", "5", "4"];
const SOURCES = ["phone", "external", "survey"];
/** Field, greatest and least value, step. @type {[string, number, number, string][]} */
const NUMBERS = [
  ["lon", -180, 180, "any"],
  ["lat", -90, 90, "any"],
  ["accuracy_m", 0, 100000, "any"],
  ["satellites", 0, 200, "1"],
  ["hdop", 0, 1000, "any"],
  ["averaged", 1, 100000, "1"],
  ["antenna_height_m", -10, 100, "any"],
  ["height_m", -500, 9000, "any"],
  ["correction_age_s", 0, 1000000, "any"],
];

export class InspectionFix {
  #offset = make("p", { class: "hint", role: "status" });

  /**
   * @param {Typed} typed
   * @param {{lon: number, lat: number} | null | undefined} legal
   * @param {() => void} changed
   */
  constructor(typed, legal, changed) {
    this.typed = typed;
    this.legal = legal;
    this.changed = changed;
    this.element = make(
      "fieldset",
      { class: "fix" },
      make("legend", {}, say("inspection.fix")),
      make("p", { class: "hint" }, say("inspection.fix_why")),
      make("div", { class: "fix-fields" }, ...NUMBERS.map((field) => this.#number(field)), this.#choice("fix_type", FIX_TYPES), this.#choice("source", SOURCES)),
      this.#offset,
    );
    this.#say();
  }

  /** The position as the service takes it; null where none was typed. */
  get position() {
    return this.typed.lon && this.typed.lat ? this.quality : null;
  }

  /** What was typed, with or without a place. @returns {Record<string, any>} */
  get quality() {
    const numbers = NUMBERS.filter(([name]) => this.typed[name]).map(([name]) => [name, Number(this.typed[name])]);
    return {
      ...Object.fromEntries(numbers),
      ...(this.typed.fix_type && { fix_type: Number(this.typed.fix_type) }),
      ...(this.typed.source && { source: this.typed.source }),
    };
  }

  /** @param {[string, number, number, string]} field */
  #number([name, min, max, step]) {
    return make(
      "label",
      { class: "field" },
      say(`fix.${name}`),
      make("input", {
        type: "number",
        name,
        min,
        max,
        step,
        inputmode: "decimal",
        value: this.typed[name] ?? "",
        oninput: (/** @type {Event} */ event) => this.#set(name, /** @type {HTMLInputElement} */ (event.target).value),
      }),
    );
  }

  /** @param {string} name @param {string[]} values */
  #choice(name, values) {
    return make(
      "label",
      { class: "field" },
      say(`fix.${name}`),
      make(
        "select",
        {
          name,
          onchange: (/** @type {Event} */ event) => this.#set(name, /** @type {HTMLSelectElement} */ (event.target).value),
        },
        make("option", { value: "" }, say("fix.unknown")),
        ...values.map((value) => make("option", { value, selected: this.typed[name] === value }, say(`fix.${name}_${value}`))),
      ),
    );
  }

  /** @param {string} name @param {string} value */
  #set(name, value) {
    this.typed = Object.fromEntries(Object.entries({ ...this.typed, [name]: value.trim() }).filter(([, each]) => each !== ""));
    this.#say();
    this.changed();
  }

  /** How far from the legal position the typed one is; what that means is judged by the office. */
  #say() {
    const { position } = this;
    if (!position || !this.legal) {
      put(this.#offset, "");
      return;
    }
    const { meridian } = zoneOf(this.legal.lon);
    const [here, there] = [/** @type {any} */ (position), this.legal].map(({ lon, lat }) => project(lon, lat, meridian));
    const away = Math.hypot(here.northing - there.northing, here.easting - there.easting);
    put(this.#offset, say("inspection.away", { away: number(away, 2) }));
  }
}
