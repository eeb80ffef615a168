/** A list while it is asked for: that it is being read, that it failed and can be had again. */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { tell } from "./page-frame.js";
import { inWords } from "./sending.js";

export class Reading {
  /** @param {HTMLElement} place what holds the list @param {() => void} again */
  constructor(place, again) {
    this.place = place;
    this.again = again;
  }

  /**
   * Gives the answer, undefined when it failed, which is said in place of the list, or beside it with `keep`.
   * @template T
   * @param {() => Promise<T>} ask
   * @param {{keep?: boolean}} [how]
   * @returns {Promise<T | undefined>}
   */
  async of(ask, { keep = false } = {}) {
    this.place.setAttribute("aria-busy", "true");
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (keep) tell(`${error.title} ${error.detail}`.trim() || say("failed.service"));
      else this.#failed(error);
      return undefined;
    } finally {
      this.place.removeAttribute("aria-busy");
    }
  }

  /** @param {ApiError} error */
  #failed(error) {
    const retry = make("button", { type: "button", class: "plain", onclick: () => this.again() }, say("action.retry"));
    const told = make("div", { class: "refused", role: "alert" }, ...inWords(error), " ", retry);
    put(this.place, this.place.tagName === "UL" ? make("li", {}, told) : told);
  }
}
