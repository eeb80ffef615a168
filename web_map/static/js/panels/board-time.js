/** A slider over the last years, month by month: the map shows the colours of that day. It sets the state's date. */
import { make, put } from "../elements.js";
import { date } from "../measures.js";
import { say } from "../messages.js";

const MONTHS = 36;
const PAUSE_MS = 250;

export class BoardTime {
  element = make("div", { class: "board-time" });
  #timer = 0;

  /** @param {import("../state.js").State} state */
  constructor(state) {
    this.state = state;
    state.on(["as_of"], () => this.#reflect());
  }

  show() {
    const { as_of } = this.state.now;
    put(
      this.element,
      make("label", { for: "time-slider" }, say("board.time")),
      make("input", {
        id: "time-slider",
        type: "range",
        min: 0,
        max: MONTHS,
        step: 1,
        value: place(as_of),
        "aria-valuetext": words(as_of),
        oninput: (/** @type {Event} */ event) => this.#moved(Number(/** @type {HTMLInputElement} */ (event.target).value)),
      }),
      make("output", { for: "time-slider" }, words(as_of)),
    );
  }

  /** @param {number} step months since the slider's first, the last being today */
  #moved(step) {
    const as_of = step === MONTHS ? null : dayAt(step);
    this.#say(as_of);
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.state.set({ as_of }), PAUSE_MS);
  }

  #reflect() {
    const { as_of } = this.state.now;
    const slider = /** @type {HTMLInputElement | null} */ (this.element.querySelector("input"));
    if (slider && slider !== document.activeElement) slider.value = String(place(as_of));
    this.#say(as_of);
  }

  /** @param {string | null} as_of */
  #say(as_of) {
    const output = this.element.querySelector("output");
    if (output) output.textContent = words(as_of);
    this.element.querySelector("input")?.setAttribute("aria-valuetext", words(as_of));
  }
}

/** @param {string | null} as_of */
function words(as_of) {
  return as_of ? date(as_of) : say("board.today");
}

/** The first day of the month that a step stands for. @param {number} step */
function dayAt(step) {
  const now = new Date();
  return new Date(Date.UTC(now.getFullYear(), now.getMonth() - (MONTHS - step) + 1, 1)).toISOString().slice(0, 10);
}

/** The step nearest to a day; days before the slider stand at its beginning. @param {string | null} as_of */
function place(as_of) {
  if (!as_of) return MONTHS;
  const now = new Date();
  const [year, month] = as_of.split("-").map(Number);
  const back = (now.getFullYear() - year) * 12 + now.getMonth() + 1 - month;
  return Math.max(0, Math.min(MONTHS - 1, MONTHS - 1 - back));
}
