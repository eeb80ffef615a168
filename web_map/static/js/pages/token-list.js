/** Tokens for devices and programs: made with a use and an end, their secret shown once, revoked for good. */
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { makeToken, ownTokens, revokeToken } from "../people.js";
import { copied } from "./copying.js";
import { confirmed } from "./dialog.js";
import { value } from "./fields.js";
import { isPast, timeOf } from "./moments.js";
import { tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../people.js").Token} Token */

export class TokenList {
  #form = /** @type {HTMLFormElement} */ (byId("new-token"));
  #list = byId("token-list");
  #made = byId("made-token");
  /** @type {Token[] | null} */
  #tokens = null;
  #reading = new Reading(this.#list, () => this.load());

  constructor() {
    sends(this.#form, () => this.#make());
    this.load();
  }

  async load() {
    const answer = await this.#reading.of(() => act(ownTokens));
    if (answer === undefined) return;
    this.#tokens = answer.tokens;
    this.show();
  }

  /** Writes what is known in the language of the page. */
  show() {
    if (this.#tokens === null) return;
    const [usable, over] = [this.#tokens.filter(isUsable), this.#tokens.filter((token) => !isUsable(token))];
    put(
      this.#list,
      usable.length === 0 && make("p", { class: "hint" }, say("token.none")),
      usable.length > 0 && make("ul", { class: "items" }, ...usable.map((token) => this.#item(token))),
      over.length > 0 &&
        make(
          "details",
          {},
          make("summary", {}, say("token.over", { n: over.length })),
          make("ul", { class: "items" }, ...over.map((token) => this.#item(token))),
        ),
    );
  }

  /** @param {Token} token */
  #item(token) {
    const { label, hint, scopes, created_at, expires_at, last_used_at, revoked_at } = token;
    return make(
      "li",
      {},
      make(
        "div",
        {},
        make("p", { class: "item-title" }, make("strong", {}, label), make("span", { class: "code" }, `…${hint}`)),
        make(
          "p",
          { class: "item-facts" },
          make("span", {}, scopes.map((scope) => say(`scope.${scope}`)).join(" · ")),
          make("span", {}, say("token.made"), " ", timeOf(created_at)),
          make("span", {}, say("token.used"), " ", timeOf(last_used_at)),
          make("span", {}, say("token.ends"), " ", timeOf(expires_at)),
          revoked_at && make("span", {}, say("token.revoked_at"), " ", timeOf(revoked_at)),
        ),
      ),
      isUsable(token) &&
        make(
          "button",
          { type: "button", class: "plain", "aria-label": say("token.revoke_of", { label }), onclick: () => this.#revoke(token) },
          say("token.revoke"),
        ),
    );
  }

  async #make() {
    const [label, scope, days] = ["label", "scope", "days"].map((name) => value(this.#form, name));
    const token = await act(() => makeToken({ label, scopes: [scope], days: Number(days) }));
    this.#form.reset();
    this.#show(token);
    await this.load();
  }

  /** The secret, for the only time. @param {Token & {token: string}} token */
  #show({ label, token }) {
    const shown = make(
      "div",
      { class: "once", tabindex: "-1" },
      make("p", {}, make("strong", {}, say("token.made_title", { label })), " ", say("token.once")),
      copied({ id: "token-secret", label: say("token.secret"), value: token }),
      make("p", { class: "hint" }, say("token.how")),
      make("button", { type: "button", class: "plain", onclick: () => this.#kept() }, say("token.kept")),
    );
    put(this.#made, shown);
    shown.focus();
  }

  #kept() {
    put(this.#made);
    byId("tokens-title").focus();
  }

  /** @param {Token} token */
  async #revoke({ id, label }) {
    const words = { title: say("token.revoke_title", { label }), body: say("token.revoke_body"), act: say("token.revoke") };
    if (!(await confirmed(words))) return;
    const done = await this.#reading.of(() => act(() => revokeToken(id)), { keep: true });
    if (done === undefined) return;
    await this.load();
    tell(say("token.revoked", { label }));
    byId("tokens-title").focus();
  }
}

/** @param {Token} token */
function isUsable({ revoked_at, expires_at }) {
  return revoked_at === null && !isPast(expires_at);
}
