/** Fields in which the records of a step are typed, and the records read back from them; sends photos, nothing else. */
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { sendPhoto } from "../markers.js";
import { say } from "../messages.js";
import { failureWords } from "./inspection-failure.js";
import { hex } from "./inspection-photos.js";
import { MISSING_AS } from "./case-records.js";

/** @typedef {import("./case-records.js").RecordField} RecordField */
/**
 * @typedef {object} Ground what the fields know of the marker and the case
 * @property {string[]} units that meet at the marker
 * @property {Map<string, string>} names of units
 * @property {string | null} managing_side on record, or proposed by the form
 * @property {import("../markers.js").CaseEvent[]} events
 */

const LOSSES = ["missing", "destroyed"];
const POSITION = ["lon", "lat", "accuracy_m"];

/** The word for a record, as the legend words what is missing. @param {string} key */
export function recordWords(key) {
  return label("missing", MISSING_AS[key] ?? key);
}

/**
 * One field, or one for each unit concerned. Values stand in `records` under the service's own keys.
 * @param {RecordField} field
 * @param {Record<string, any>} records
 * @param {Ground} ground
 * @returns {HTMLElement}
 */
export function recordField(field, records, ground) {
  const { key, shape } = field;
  if (shape === "of_each") return ofEach(field, records, ground);
  if (shape === "position") return position(key, records);
  const set = (/** @type {string} */ value) => Object.assign(records, { [key]: shape === "number" ? numberOf(value) : value });
  if (shape === "photo") return photo(recordWords(key), { "data-key": key }, set);
  const words = shape === "number" ? `${recordWords(key)} (m)` : recordWords(key);
  return make("label", { class: "field", "data-key": key }, words, input(shape, records[key], { set, ground }));
}

/**
 * @param {RecordField["shape"] | "photo"} shape
 * @param {any} value
 * @param {{set: (value: string) => void, ground: Ground}} use
 */
function input(shape, value, { set, ground }) {
  const heard = (/** @type {Event} */ event) => set(/** @type {HTMLInputElement} */ (event.target).value.trim());
  if (shape === "unit") return select(ground.units.map((unit) => [unit, nameOf(unit, ground)]), value ?? ground.managing_side, set);
  if (shape === "loss") return select(LOSSES.map((code) => [code, label("condition", code)]), value, set);
  if (shape === "step") return select(ground.events.map(({ id, event, person }) => [id, `${label("case_event", event)} · ${person}`]), value, set);
  if (shape === "text") {
    const field = make("textarea", { rows: 2, oninput: heard });
    field.value = value ?? "";
    return field;
  }
  return make("input", { type: shape === "day" ? "date" : "number", step: "any", value: value ?? "", oninput: heard });
}

/** @param {string[][]} choices @param {string | null | undefined} chosen @param {(value: string) => void} set */
function select(choices, chosen, set) {
  if (chosen) set(chosen);
  return make(
    "select",
    { onchange: (/** @type {Event} */ event) => set(/** @type {HTMLSelectElement} */ (event.target).value) },
    make("option", { value: "" }, say("case.choose")),
    ...choices.map(([value, words]) => make("option", { value, selected: value === chosen }, words)),
  );
}

/** @param {RecordField} field @param {Record<string, any>} records @param {Ground} ground */
function ofEach({ key, of, parts = {} }, records, ground) {
  const units = of === "neighbours" ? ground.units.filter((unit) => unit !== ground.managing_side) : ground.units;
  const entriesOf = units.map((unit) => ({ unit }));
  Object.assign(records, { [key]: entriesOf });
  return make(
    "fieldset",
    { class: "of-each", "data-key": key },
    make("legend", {}, recordWords(key)),
    ...entriesOf.map((own) =>
      make(
        "div",
        { class: "side", "data-unit": own.unit },
        make("b", {}, nameOf(own.unit, ground)),
        ...Object.entries(parts).map(([part, shape]) => partField(own, part, { shape, ground })),
      ),
    ),
  );
}

/** @param {Record<string, any>} own @param {string} part @param {{shape: "text" | "day" | "photo", ground: Ground}} as */
function partField(own, part, { shape, ground }) {
  const set = (/** @type {string} */ value) => Object.assign(own, { [part]: value });
  if (shape === "photo") return photo(say(`case_part.${part}`), { "data-part": part }, set);
  const heard = (/** @type {Event} */ event) => set(/** @type {HTMLInputElement} */ (event.target).value.trim());
  const field = shape === "text" ? make("input", { type: "text", oninput: heard }) : input(shape, "", { set, ground });
  return make("label", { class: "field", "data-part": part }, say(`case_part.${part}`), field);
}

/**
 * A photo goes to the office at once; the record names it by its hash.
 * @param {string} words
 * @param {Record<string, string>} named
 * @param {(value: string) => void} set
 */
function photo(words, named, set) {
  const told = make("span", { role: "status" });
  const chosen = async (/** @type {Event} */ event) => {
    const file = /** @type {HTMLInputElement} */ (event.target).files?.[0];
    set("");
    if (!file) return;
    if (!crypto.subtle) {
      put(told, say("inspection.photo_needs_https"));
      return;
    }
    try {
      const sha256 = hex(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
      await sendPhoto(sha256, file);
      set(sha256);
      put(told, make("code", { class: "hash", title: sha256 }, sha256.slice(0, 12)));
    } catch (error) {
      put(told, ...failureWords(error));
    }
  };
  return make(
    "label",
    { class: "field", ...named },
    words,
    make("input", { type: "file", accept: "image/jpeg,image/png,image/webp,image/heic", onchange: chosen }),
    told,
  );
}

/** @param {string} key @param {Record<string, any>} records */
function position(key, records) {
  /** @type {Record<string, number | null>} */
  const own = {};
  Object.assign(records, { [key]: own });
  const fields = POSITION.map((name) =>
    make(
      "label",
      { class: "field" },
      say(`fix.${name}`),
      make("input", {
        type: "number",
        step: "any",
        oninput: (/** @type {Event} */ event) => Object.assign(own, { [name]: numberOf(/** @type {HTMLInputElement} */ (event.target).value) }),
      }),
    ),
  );
  return make("fieldset", { class: "of-each", "data-key": key }, make("legend", {}, recordWords(key)), make("div", { class: "fix-fields" }, ...fields));
}

/** @param {string} value */
function numberOf(value) {
  return value.trim() === "" ? null : Number(value);
}

/** @param {string} unit @param {Ground} ground */
export function nameOf(unit, { names }) {
  return names.get(unit) ?? unit;
}
