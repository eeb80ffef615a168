/** Whether the chain of the audit holds, and the digest of its end that is to be kept elsewhere. */
import { ApiError } from "../api.js";
import { anchor, chain } from "../audit.js";
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { copied } from "./copying.js";
import { moment, timeOf } from "./moments.js";
import { inWords } from "./sending.js";
import { act } from "./sign-in-again.js";

/**
 * @typedef {import("../audit.js").Anchor} Anchor
 * @typedef {import("../audit.js").ChainState} ChainState
 */

export class ChainCard {
  #state = byId("chain-state");
  #anchor = byId("anchor");
  #button = byId("verify");
  /** @type {{state: ChainState, at: string} | ApiError | null} */
  #verified = null;
  /** @type {Anchor | null} */
  #end = null;

  constructor() {
    this.#button.addEventListener("click", () => this.#verify());
    this.#verify();
  }

  async #verify() {
    if (this.#state.hasAttribute("aria-busy")) return;
    this.#state.setAttribute("aria-busy", "true");
    put(this.#state, say("chain.verifying"));
    try {
      const state = await act(chain);
      this.#verified = { state, at: new Date().toISOString() };
      this.#end = await act(anchor);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#verified = error;
    }
    this.#state.removeAttribute("aria-busy");
    this.show();
  }

  /** Writes what is known in the language of the page. */
  show() {
    const verified = this.#verified;
    if (verified === null) return;
    if (verified instanceof ApiError) put(this.#state, make("span", { class: "refused" }, ...inWords(verified)));
    else put(this.#state, ...verdict(verified));
    put(this.#anchor, this.#end && end(this.#end));
  }
}

/** @param {{state: ChainState, at: string}} verified */
function verdict({ state: { entries, broken_at }, at }) {
  const when = make("span", { class: "hint" }, say("chain.at"), " ", timeOf(at, true));
  if (broken_at === null) return [make("strong", { class: "good" }, say("chain.whole", { n: entries })), " ", when];
  return [make("strong", { class: "grave" }, say("chain.broken", { number: broken_at })), " ", when];
}

/** @param {Anchor} anchor */
function end({ number, hash, at }) {
  if (number === 0 || at === null) return make("p", { class: "hint" }, say("chain.empty"));
  const digest = copied({ id: "anchor-digest", label: say("chain.digest", { number, at: moment(at, true) }), value: hash });
  return make("div", {}, digest, make("p", { class: "hint" }, say("chain.keep")));
}
