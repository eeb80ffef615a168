/** The browsers in which one is signed in, this one marked; each can be ended, and all others at once. */
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { endSession, ownSessions, signOut } from "../people.js";
import { confirmed } from "./dialog.js";
import { timeOf } from "./moments.js";
import { tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";
import { browserOf } from "./user-agent.js";

/** @typedef {import("../people.js").SignedInSession} SignedInSession */

export class SessionList {
  #list = byId("session-list");
  #others = byId("end-others");
  /** @type {SignedInSession[]} */
  #sessions = [];
  #reading = new Reading(this.#list, () => this.load());

  constructor() {
    this.#others.addEventListener("click", () => this.#endOthers());
    this.load();
  }

  async load() {
    const answer = await this.#reading.of(() => act(ownSessions));
    if (answer === undefined) return;
    this.#sessions = [...answer.sessions].sort((a, b) => Number(b.current) - Number(a.current));
    this.show();
  }

  /** Writes what is known in the language of the page. */
  show() {
    this.#others.hidden = !this.#sessions.some((each) => !each.current);
    if (this.#sessions.length > 0) put(this.#list, ...this.#sessions.map((each) => this.#item(each)));
  }

  /** @param {SignedInSession} session */
  #item(session) {
    const { user_agent, address, created_at, last_seen_at, expires_at, current } = session;
    const name = browserOf(user_agent);
    return make(
      "li",
      {},
      make(
        "div",
        {},
        make("p", { class: "item-title" }, make("strong", {}, name), current && make("span", { class: "badge" }, say("session.this_one"))),
        make(
          "p",
          { class: "item-facts" },
          address && make("span", { class: "code" }, address),
          make("span", {}, say("session.began"), " ", timeOf(created_at)),
          make("span", {}, say("session.seen"), " ", timeOf(last_seen_at)),
          make("span", {}, say("session.ends"), " ", timeOf(expires_at)),
        ),
      ),
      make(
        "button",
        { type: "button", class: "plain", "aria-label": say(current ? "session.leave_of" : "session.end_of", { name }), onclick: () => this.#end(session, name) },
        say(current ? "who.sign_out" : "session.end"),
      ),
    );
  }

  /** @param {SignedInSession} session @param {string} name */
  async #end({ id, current }, name) {
    const words = current
      ? { title: say("session.leave_title"), body: say("session.leave_body"), act: say("who.sign_out") }
      : { title: say("session.end_title", { name }), body: say("session.end_body"), act: say("session.end") };
    if (!(await confirmed(words))) return;
    const done = await this.#reading.of(() => act(current ? signOut : () => endSession(id)), { keep: true });
    if (done === undefined) return;
    if (current) window.location.reload();
    else await this.#ended(say("session.ended"));
  }

  async #endOthers() {
    const others = this.#sessions.filter((each) => !each.current);
    const words = {
      title: say("session.others_title"),
      body: say("session.others_body", { n: others.length }),
      act: say("session.end_others"),
    };
    if (!(await confirmed(words))) return;
    const done = await Promise.allSettled(others.map(({ id }) => act(() => endSession(id))));
    const all = done.every(({ status }) => status === "fulfilled");
    await this.#ended(say(all ? "session.others_ended" : "session.others_left"));
  }

  /** @param {string} words */
  async #ended(words) {
    await this.load();
    tell(words);
    byId("sessions-title").focus();
  }
}
