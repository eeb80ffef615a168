/** The observed position on a form: fixes are gathered while one stands still, and judged against the office's policy. */
import { make, put } from "../elements.js";
import { number } from "../measures.js";
import { say } from "../messages.js";
import { InspectionFix } from "../panels/inspection-fix.js";
import { bearing } from "./bearing.js";
import { averaged } from "./position.js";
import { distanceWords } from "./words.js";

/** @typedef {import("./position.js").Fix} Fix */
/** @typedef {import("./position.js").Positioning} Positioning */

/** So many fixes make a mean; more are taken until the surveyor stops. */
const ENOUGH = 10;

export class InspectPosition {
  element = make("fieldset", { class: "position" });
  #told = make("p", { role: "status", class: "position-told" });
  #reason = make("label", { class: "field", hidden: true });
  /** @type {Fix[]} */
  #fixes = [];
  #gathering = false;
  /** @type {HTMLElement} */
  #typed;

  /**
   * @param {Positioning} positioning
   * @param {{observed: any, reason: string, receiver: Record<string, string>}} kept what the draft holds
   * @param {{policy: {capture_accuracy_m: number}, legal: {lon: number, lat: number} | null,
   *   changed: (change: {observed?: any, accuracy_reason?: string, receiver?: Record<string, string>}) => void}} rules
   */
  constructor(positioning, kept, { policy, legal, changed }) {
    this.positioning = positioning;
    this.observed = kept.observed;
    this.reason = kept.reason;
    this.policy = policy;
    this.legal = legal;
    this.changed = changed;
    this.receiver = new InspectionFix(kept.receiver, legal, () => this.#read());
    put(/** @type {Element} */ (this.receiver.element.querySelector("legend")), say("field.receiver.readings"));
    put(/** @type {Element} */ (this.receiver.element.querySelector(".hint")), say("field.receiver.why"));
    this.#typed = make("details", { class: "receiver", open: Object.keys(kept.receiver).length > 0 }, make("summary", {}, say("field.receiver.title")), this.receiver.element);
    positioning.addEventListener("fix", this.#listen);
    this.#write();
  }

  close() {
    this.positioning.removeEventListener("fix", this.#listen);
  }

  /** Whether the position is as good as the office wants it. */
  get good() {
    const { accuracy_m = null } = this.measured ?? {};
    return accuracy_m !== null && accuracy_m <= this.policy.capture_accuracy_m;
  }

  /** The position as it is recorded: what a receiver of its own showed, or the browser's mean with what was read beside it. */
  get measured() {
    const { position, quality } = this.receiver;
    if (position) return { source: "external", averaged: 1, mocked: false, ...position };
    return this.observed && { ...this.observed, ...quality };
  }

  /** What still stands in the way: the key of a message, or null. */
  get missing() {
    return this.good || this.reason.trim() ? null : this.measured ? "field.position.too_rough" : "field.position.missing";
  }

  #write() {
    const begin = make("button", { type: "button", class: "strong wide", onclick: () => this.#turn() }, say(this.#gathering ? "field.position.stop" : this.observed ? "field.position.anew" : "field.position.begin"));
    const reason = make("input", { type: "text", name: "accuracy_reason", maxlength: 200, value: this.reason, oninput: () => this.#because(reason.value) });
    put(this.#reason, say("field.position.reason"), reason);
    put(
      this.element,
      make("legend", {}, say("inspection.fix")),
      make("p", { class: "hint" }, say("field.position.policy", { metres: number(this.policy.capture_accuracy_m, 0) })),
      begin,
      this.#told,
      this.#reason,
      this.#typed,
    );
    this.#say();
  }

  #turn() {
    this.#gathering = !this.#gathering;
    if (this.#gathering) {
      this.#fixes = [];
      this.positioning.begin();
      if (this.positioning.fix) this.#take(this.positioning.fix);
    }
    this.#write();
  }

  #listen = () => {
    if (this.#gathering && this.positioning.fix) this.#take(this.positioning.fix);
    else this.#say();
  };

  /** @param {Fix} fix */
  #take(fix) {
    this.#fixes = [...this.#fixes, fix];
    this.observed = averaged(this.#fixes);
    this.changed({ observed: this.observed });
    this.#say();
  }

  /** @param {string} words */
  #because(words) {
    this.reason = words;
    this.changed({ accuracy_reason: words });
  }

  #read() {
    this.changed({ receiver: this.receiver.typed });
    this.#say();
  }

  #say() {
    const { standing } = this.positioning;
    this.#reason.hidden = this.good;
    const { measured } = this;
    if (!measured) {
      put(this.#told, make("span", { class: standing === "known" ? "hint" : "warned" }, say(standing === "known" ? "field.position.ready" : `field.position.${standing}`)));
      return;
    }
    const { accuracy_m, averaged: taken, mocked } = measured;
    const away = this.legal && bearing(this.legal, measured).distance_m;
    put(
      this.#told,
      make("b", { class: this.good ? "good" : "warned" }, accuracy_m === undefined ? say("field.receiver.no_accuracy") : say("field.position.mean", { metres: number(accuracy_m, 2), n: taken })),
      this.#gathering && make("span", {}, say(taken < ENOUGH ? "field.position.wait" : "field.position.enough", { n: ENOUGH })),
      away !== null && make("span", { class: "hint" }, say("field.position.away", { distance: distanceWords(away) })),
      mocked && make("span", { class: "warned" }, say("field.position.mocked")),
      !this.good && make("span", { class: "warned" }, say("field.position.too_rough")),
    );
  }
}
