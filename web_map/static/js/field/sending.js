/**
 * When the outbox is sent: on opening, when a signal comes back, when the app comes to the front, after something was
 * finished, and every minute while something waits. Asks for the sign-in where it has ended; the page says the rest.
 */
import { whoAmI } from "../people.js";
import { readBy, act } from "../pages/sign-in-again.js";
import { ApiError } from "../api.js";
import { askForTurn } from "./device.js";
import { unsent } from "./outbox.js";
import { sendAll } from "./sender.js";
import { CHANGES, keep, kept } from "./store.js";

const EVERY_MS = 60_000;

/** @typedef {import("../people.js").Account} Account */

/** Tells `state` whenever what is known of the way to the office changes. */
export class Sending extends EventTarget {
  /** @type {"idle" | "sending" | "offline" | "sign_in" | "later"} */
  state = "idle";
  #asking = false;
  /** Asked of its own accord once only: a window over a form every minute would be in the way. */
  #asked = false;

  begin() {
    window.addEventListener("online", () => this.now());
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && this.now());
    window.setInterval(() => this.now(), EVERY_MS);
    window.addEventListener("offline", () => this.#is("offline"));
    this.now();
  }

  /** Something was finished: send it, or have it sent later. */
  async posted() {
    const { records, photos } = await unsent();
    if (records + photos > 0) await askForTurn();
    await this.now();
  }

  /** @param {{asked?: boolean}} [how] whether the surveyor asked for it himself: then the sign-in is asked for */
  async now({ asked = false } = {}) {
    const { records, photos, needs } = await unsent();
    if (records + photos - needs === 0) {
      if (this.state !== "sending") await this.#look();
      return;
    }
    if (this.state === "sending") return;
    this.#is("sending");
    const { ended } = await sendAll().catch(() => ({ ended: "later" }));
    this.#is(ended === "done" || ended === "busy" ? "idle" : /** @type {any} */ (ended));
    window.dispatchEvent(new CustomEvent(CHANGES, { detail: "outbox" }));
    const may_ask = asked || (!this.#asked && document.visibilityState === "visible");
    if (ended === "sign_in" && may_ask) await this.#signIn();
  }

  /** Nothing waits: is the office in reach at all? */
  async #look() {
    const reached = await whoAmI().then(({ signed_in: there }) => (there ? "idle" : "sign_in"), () => "offline");
    this.#is(/** @type {Sending["state"]} */ (reached));
  }

  /** Asks who is there; the sign-in is over the page, and nothing in it is lost. */
  async #signIn() {
    if (this.#asking) return;
    this.#asking = this.#asked = true;
    try {
      const username = /** @type {string | undefined} */ (await kept("username"));
      if (!username) return;
      readBy(username);
      await act(signedIn);
      await this.now();
    } catch {
      // later, then: everything stays in the outbox
    } finally {
      this.#asking = false;
    }
  }

  /** @param {Sending["state"]} state */
  #is(state) {
    this.state = state;
    this.dispatchEvent(new CustomEvent("state", { detail: state }));
  }
}

/** Raises what the service raises where nobody is signed in. */
async function signedIn() {
  const who = await whoAmI();
  if (who.signed_in) return;
  throw new ApiError({ status: 401, code: "auth.sign_in_required", title: "", detail: "" });
}

/** Who works here: asked of the office, or remembered while it is out of reach. @returns {Promise<Account | null>} */
export async function reader() {
  try {
    const account = await whoAmI();
    if (!account.signed_in) return null;
    await keep("account", account);
    await keep("username", account.username);
    return account;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return (await kept("account")) ?? null;
  }
}
