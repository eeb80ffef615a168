/** The date asked about: any past day, or today. It sets the state and says so; it fetches nothing. */
import { byId } from "../elements.js";
import { date } from "../measures.js";
import { say } from "../messages.js";
import { day } from "../permalink.js";

export class AsOfControl {
  #input = /** @type {HTMLInputElement} */ (byId("as-of-input"));
  #words = byId("as-of-words");
  #past = byId("as-of-past");

  /** @param {import("../state.js").State} state */
  constructor(state) {
    this.state = state;
    this.#input.addEventListener("change", () => this.#asked());
    byId("as-of-today").addEventListener("click", () => {
      state.set({ as_of: null });
      this.#input.focus();
    });
    state.on(["as_of"], () => this.show());
    this.show();
  }

  /** Shows the state's date, in the reader's language. */
  show() {
    const { as_of } = this.state.now;
    this.#input.value = as_of ?? today();
    this.#past.hidden = as_of === null;
    this.#words.textContent = as_of === null ? "" : say("as_of.past", { date: date(as_of) });
    document.documentElement.toggleAttribute("data-past", as_of !== null);
  }

  #asked() {
    const asked = day(this.#input.value);
    if (asked === undefined) this.show();
    else this.state.set({ as_of: asked === today() ? null : asked });
  }
}

/** The reader's calendar day. */
function today() {
  const now = new Date();
  return [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}
