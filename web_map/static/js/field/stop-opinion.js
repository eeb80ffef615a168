/** The joint opinion on a stop, and the order that it makes: who puts right what by when. All who stand here agree, or it is none. */
import { make } from "../elements.js";
import { entries, label } from "../legend.js";
import { say } from "../messages.js";
import { inputOf, selectOf } from "../pages/joint-shown.js";
import { sideName } from "./joint-words.js";

/** @typedef {import("./joint-day.js").Joint} Joint */
/** @typedef {import("./joint-day.js").Stop} Stop */
/** @typedef {Omit<import("./joint-day.js").Opinion, "task">} Opinion */

const NONE = { text: "", agreed_by: /** @type {string[]} */ ([]), condition: null, responsible: null, measure: null, deadline: null };

export class StopOpinion {
  needed = false;
  /** @type {string[]} */
  #here = [];

  /** @param {Partial<Opinion> | null | undefined} typed @param {{joint: Joint, stop: Stop, changed: (opinion: Opinion) => void}} about */
  constructor(typed, { joint, stop, changed }) {
    this.typed = { ...NONE, ...typed };
    this.stop = stop;
    this.changed = changed;
    const sides = stop.sides.map((side) => /** @type {[string, string]} */ ([side, sideName(joint, side)]));
    const conditions = entries("condition").map(({ code }) => /** @type {[string, string]} */ ([code, label("condition", code)]));
    this.ticks = sides.map(([side, words]) => this.#tick(side, words));
    this.element = make(
      "details",
      { class: "opinion" },
      make("summary", {}, say("joint.opinion")),
      this.#area("text", "joint.opinion_text"),
      make("fieldset", { class: "choices" }, make("legend", {}, say("joint.agreed")), ...this.ticks.map(({ element }) => element)),
      stop.kind !== "segment" && this.#choice("condition", "joint.opinion_condition", [["", say("joint.condition_same")], ...conditions]),
      make("p", { class: "hint" }, say("joint.measure_why")),
      this.#area("measure", "joint.order.measure"),
      this.#choice("responsible", "joint.order.responsible", [["", say("joint.choose")], ...sides]),
      this.#deadline(),
    );
    this.element.open = this.typed.text !== "";
  }

  /** @param {Partial<Opinion>} change */
  #set(change) {
    Object.assign(this.typed, change);
    this.changed({ ...this.typed });
  }

  /** @param {"text" | "measure"} name @param {string} key */
  #area(name, key) {
    const area = make("textarea", { name: `opinion-${name}`, rows: 2, maxlength: 2000, oninput: () => this.#set({ [name]: area.value }) });
    area.value = this.typed[name] ?? "";
    return make("label", { class: "field" }, say(key), area);
  }

  /** @param {"condition" | "responsible"} name @param {string} key @param {[string, string][]} choices */
  #choice(name, key, choices) {
    const select = selectOf(`opinion-${name}`, choices, this.typed[name] ?? "");
    select.addEventListener("change", () => this.#set({ [name]: select.value || null }));
    return make("label", { class: "field" }, say(key), select);
  }

  #deadline() {
    const input = inputOf("opinion-deadline", { type: "date", max: "2199-12-31", value: this.typed.deadline ?? "" });
    input.addEventListener("change", () => this.#set({ deadline: input.value || null }));
    return make("label", { class: "field" }, say("joint.order.deadline"), input);
  }

  /** @param {string} side @param {string} words */
  #tick(side, words) {
    const input = make("input", {
      type: "checkbox",
      name: "agreed_by",
      value: side,
      checked: this.typed.agreed_by.includes(side),
      onchange: () => this.#set({ agreed_by: this.stop.sides.filter((each) => (each === side ? input.checked : this.typed.agreed_by.includes(each))) }),
    });
    return { side, input, element: make("label", { class: "choice" }, input, make("span", {}, words)) };
  }

  /** Whether the sides' answers ask for an opinion, and who is here to agree to one. @param {boolean} needed @param {string[]} here */
  isNeeded(needed, here) {
    if (needed && !this.needed) this.element.open = true;
    this.needed = needed;
    this.#here = here;
    for (const { side, input } of this.ticks) input.disabled = !here.includes(side);
  }

  /** The opinion as it is sent; null where nothing is written. @returns {Opinion | null} */
  get agreed() {
    const { text, measure, condition, responsible, deadline, agreed_by } = this.typed;
    if (!text.trim()) return null;
    const order = measure?.trim() ? { measure: measure.trim(), responsible, deadline } : { measure: null, responsible: null, deadline: null };
    return { text: text.trim(), condition, agreed_by: agreed_by.filter((side) => this.#here.includes(side)), ...order };
  }

  /** What an opinion that is begun still lacks, in words. */
  get missing() {
    const { agreed, typed } = this;
    if (!agreed) return typed.measure?.trim() ? say("field.joint.text_missing") : null;
    if (agreed.agreed_by.length < this.stop.sides.length) return say("joint.all_agree");
    if (agreed.measure && !(agreed.responsible && agreed.deadline)) return say("joint.order_whole");
    return null;
  }
}
