/** The sheet for the printer: map, title, date, key and standing notices, without controls. It prints nothing else. */
import { byId } from "../elements.js";
import { date } from "../measures.js";
import { say } from "../messages.js";

export class PrintView {
  /**
   * @param {import("../state.js").State} state
   * @param {{title: () => string, resized: () => void}} page
   */
  constructor(state, page) {
    this.state = state;
    this.page = page;
    byId("print-button").addEventListener("click", () => this.#open(true));
    byId("print-close").addEventListener("click", () => this.#open(false));
    byId("print-now").addEventListener("click", () => window.print());
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !this.#shown) return;
      event.preventDefault();
      this.#open(false);
    }, true);
    window.addEventListener("beforeprint", () => this.#open(true));
  }

  get #shown() {
    return document.body.classList.contains("print-view");
  }

  /** @param {boolean} open */
  #open(open) {
    document.body.classList.toggle("print-view", open);
    this.show();
    this.page.resized();
    byId(open ? "print-now" : "print-button").focus();
  }

  /** Writes the sheet's head, in the reader's language. */
  show() {
    if (!this.#shown) return;
    const today = new Date().toISOString().slice(0, 10);
    byId("print-title").textContent = this.page.title();
    byId("print-about").textContent = say("print.about", {
      as_of: date(this.state.now.as_of ?? today),
      printed: date(today),
    });
  }
}
