/** The form of one comment: sent once, answered with a receipt; what was typed stays until it is received. */
import { make, put } from "../elements.js";
import { date } from "../measures.js";
import { say } from "../messages.js";
import { field, value } from "../pages/fields.js";
import { moment } from "../pages/moments.js";
import { sends } from "../pages/sending.js";
import { sendComment } from "../proposals.js";

const OPINIONS = /** @type {const} */ (["for", "against", "remark"]);
const MOST = 2000;

/** @typedef {import("../proposals.js").PublicFacts} PublicFacts */

export class CommentForm {
  /** One id for one comment: sending it again after a lost answer is not a second one. */
  #comment = crypto.randomUUID();
  #place = make("section", { class: "comment" });
  /** @type {HTMLFormElement | null} */
  #form = null;
  /** @type {{id: string, at: string} | null} */
  #receipt = null;

  /** @param {string} proposal @param {PublicFacts} facts */
  constructor(proposal, facts) {
    this.proposal = proposal;
    this.facts = facts;
  }

  /** The section in the language of the page, with what was typed. */
  written() {
    const typed = this.#form && Object.fromEntries(new FormData(this.#form).entries());
    this.#form = this.#receipt ? null : this.#fields();
    for (const [name, text] of Object.entries(typed ?? {})) {
      if (!this.#form) break;
      if (name === "opinion") for (const box of this.#form.querySelectorAll('[name="opinion"]')) /** @type {HTMLInputElement} */ (box).checked = box.getAttribute("value") === text;
      else field(this.#form, name).value = String(text);
    }
    if (this.#over()) {
      put(this.#place, make("p", { class: "note" }, say("comment.over")));
      return this.#place;
    }
    this.#place.setAttribute("aria-label", say("comment.title", { name: this.facts.name }));
    put(this.#place, this.#receipt ? this.#received(this.#receipt) : make("details", { open: typed !== null }, make("summary", {}, say("comment.open")), this.#form));
    return this.#place;
  }

  /** Whether the period is over by the office's clock, which is UTC. */
  #over() {
    const { comment_until } = this.facts;
    return comment_until !== null && comment_until < new Date().toISOString().slice(0, 10);
  }

  #fields() {
    const id = (/** @type {string} */ name) => `${name}-${this.proposal}`;
    const form = make(
      "form",
      { class: "fields" },
      make("p", { class: "hint" }, say("comment.hint", { name: this.facts.name })),
      make(
        "fieldset",
        {},
        make("legend", {}, say("comment.opinion")),
        make("div", { class: "choices" }, ...OPINIONS.map((opinion) => make("label", { class: "tick" }, make("input", { type: "radio", name: "opinion", value: opinion, required: true }), say(`comment.opinion.${opinion}`)))),
      ),
      make("label", { for: id("body") }, say("comment.body")),
      make("textarea", { id: id("body"), name: "body", required: true, minlength: 2, maxlength: MOST, rows: 4 }),
      make("label", { for: id("author") }, say("comment.author")),
      make("input", { id: id("author"), name: "author", maxlength: 60, autocomplete: "name", "aria-describedby": id("private") }),
      make("label", { for: id("contact") }, say("comment.contact")),
      make("input", { id: id("contact"), name: "contact", maxlength: 100, autocomplete: "email", "aria-describedby": id("private") }),
      make("p", { class: "hint", id: id("private") }, say("comment.private")),
      make("p", { class: "refused", role: "alert", hidden: true }),
      make("p", { class: "actions" }, make("button", { type: "submit", class: "strong" }, say("comment.send"))),
    );
    sends(form, () => this.#send(form), (error) => this.#afresh(error));
    return form;
  }

  /** @param {HTMLFormElement} form */
  async #send(form) {
    const [opinion, body, author, contact] = ["opinion", "body", "author", "contact"].map((name) => value(form, name));
    const { id } = await sendComment(this.proposal, { id: this.#comment, opinion, body, author, contact });
    this.#receipt = { id, at: new Date().toISOString() };
    this.written();
    const told = this.#place.querySelector(".receipt");
    if (told instanceof HTMLElement) told.focus();
  }

  /** A comment that was changed after a lost answer is another one. @param {import("../api.js").ApiError} error */
  #afresh(error) {
    if (error.code === "naming.comment_repeated") this.#comment = crypto.randomUUID();
    return false;
  }

  /** @param {{id: string, at: string}} receipt */
  #received({ id, at }) {
    const until = this.facts.comment_until;
    return make(
      "div",
      { class: "note receipt", tabindex: -1, role: "status" },
      make("p", {}, make("strong", {}, say("comment.received"))),
      make("p", {}, say("comment.receipt", { at: moment(at) }), " ", make("code", {}, id)),
      make("p", {}, until ? say("comment.next_until", { day: date(until) }) : say("comment.next")),
      make("p", {}, make("button", { type: "button", class: "plain", onclick: () => this.#another() }, say("comment.another"))),
    );
  }

  #another() {
    this.#receipt = null;
    this.#comment = crypto.randomUUID();
    this.#form = null;
    this.written();
    const details = this.#place.querySelector("details");
    if (details) details.open = true;
    const first = this.#place.querySelector("input");
    first?.focus();
  }
}
