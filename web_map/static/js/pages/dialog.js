/** A window of its own over the page: the focus stays in it, Escape leaves it, and the focus goes back afterwards. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";

let made = 0;

/** @typedef {import("../elements.js").Child} Child */

export class Dialog {
  #heading = make("h2", { id: `dialog-${++made}` });
  #body = make("div", { class: "dialog-body" });
  #element = make("dialog", { "aria-labelledby": this.#heading.id }, this.#heading, this.#body);
  #came_from = document.activeElement;

  /** @param {string} title @param {{alert?: boolean, wide?: boolean}} [kind] */
  constructor(title, { alert = false, wide = false } = {}) {
    this.#heading.textContent = title;
    if (alert) this.#element.setAttribute("role", "alertdialog");
    if (wide) this.#element.classList.add("wide");
  }

  /** @param {...Child} children */
  fill(...children) {
    put(this.#body, ...children);
  }

  /** Shows the window; resolves when it is left. @returns {Promise<void>} */
  open() {
    document.body.append(this.#element);
    this.#element.showModal();
    return new Promise((resolve) => {
      this.#element.addEventListener("close", () => {
        this.#element.remove();
        if (this.#came_from instanceof HTMLElement && this.#came_from.isConnected) this.#came_from.focus();
        resolve();
      });
    });
  }

  close() {
    this.#element.close();
  }
}

/**
 * Asks before an act that cannot be taken back; the safe answer has the focus.
 * @param {{title: string, body: string, act: string}} words
 * @returns {Promise<boolean>}
 */
export async function confirmed({ title, body, act }) {
  const dialog = new Dialog(title, { alert: true });
  let answer = false;
  const agree = () => {
    answer = true;
    dialog.close();
  };
  dialog.fill(
    make("p", {}, body),
    make(
      "p",
      { class: "actions" },
      make("button", { type: "button", class: "plain", autofocus: true, onclick: () => dialog.close() }, say("action.cancel")),
      make("button", { type: "button", class: "strong grave", onclick: agree }, act),
    ),
  );
  await dialog.open();
  return answer;
}
