/**
 * One sitting: the agenda with its progress, one item at a time with what speaks for and against it, one's own vote,
 * the decision of the chair. Every act is a key: j k move, 1 to 5 vote, d decides, a amends, ? tells.
 */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { RoadMap } from "../map/road-map.js";
import { date } from "../measures.js";
import { castVotes, meeting, minutesAddress } from "../meetings.js";
import { language, say } from "../messages.js";
import { streetsAround } from "../naming.js";
import { confirmed, Dialog } from "../pages/dialog.js";
import { tell } from "../pages/page-frame.js";
import { act } from "../pages/sign-in-again.js";
import { proposal } from "../proposals.js";
import { amendDialog } from "./amend-dialog.js";
import { decisionForm, quorate } from "./decision-form.js";
import { evidenceOf, findingsTable } from "./findings-view.js";

/** @typedef {import("../meetings.js").Meeting} Meeting */
/** @typedef {import("../meetings.js").Item} Item */

/** In the order of the keys 1 to 5. */
const VOTES = /** @type {const} */ (["for", "against", "abstain", "defer", "recused"]);
const NEED_REASON = ["against", "recused"];
const KEYS = ["j", "k", "1", "2", "3", "4", "5", "d", "a", "r", "?"];

export class SittingView {
  #at = 0;
  /** @type {string | null} */
  #pending = null;
  /** @type {RoadMap | null} */
  #map = null;
  /** @type {Map<string, {proposal: import("../proposals.js").Proposal, streets: import("../map/road-map.js").Drawn[]}>} */
  #known = new Map();
  #agenda = make("div", {});
  #item = make("div", { class: "item", tabindex: -1 });
  #progress = make("div", { class: "progress" });

  /** @param {HTMLElement} place @param {Meeting} sitting @param {{username: string, roles: string[]}} reader */
  constructor(place, sitting, { username, roles }) {
    this.place = place;
    this.sitting = sitting;
    this.username = username;
    this.roles = roles;
    const open = sitting.items.findIndex((item) => this.#open(item));
    this.#at = Math.max(0, open);
  }

  show() {
    const { title, held_on, chair, members, id } = this.sitting;
    put(
      this.place,
      make(
        "div",
        { class: "card-head" },
        make("h2", { class: "sitting-title" }, title, make("span", { class: "hint" }, ` ${date(held_on)}`)),
        make("p", { class: "actions" }, make("a", { class: "plain", href: "#" }, say("meeting.back")), ...(/** @type {const} */ (["docx", "pdf"])).map((form) => make("a", { class: "plain", href: minutesAddress(id, form, language()) }, say("meeting.minutes", { form: form.toUpperCase() }))), make("button", { type: "button", class: "plain", onclick: () => this.#help() }, say("sitting.keys"))),
      ),
      make("p", { class: "hint" }, say("meeting.who", { chair, members: members.join(say("list.comma")) })),
      this.#progress,
      make("div", { class: "desk" }, make("section", { class: "card board", "aria-label": say("sitting.agenda") }, this.#agenda), this.#item),
    );
    this.#write();
  }

  leave() {
    this.#map?.remove();
    this.#map = null;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const from = event.target instanceof Element ? event.target : null;
    if (event.ctrlKey || event.altKey || event.metaKey || from?.closest("input, textarea, select, dialog")) return;
    if (!KEYS.includes(event.key)) return;
    event.preventDefault();
    if (event.key === "j") this.#go(this.#at + 1);
    else if (event.key === "k") this.#go(this.#at - 1);
    else if (event.key === "d") this.#focus("#minutes");
    else if (event.key === "a") this.#amend();
    else if (event.key === "r") this.#again();
    else if (event.key === "?") this.#help();
    else this.#vote(VOTES[Number(event.key) - 1]);
  }

  get #current() {
    return this.sitting.items[this.#at];
  }

  /** @param {Item} item */
  #own(item) {
    return item.ballots.find(({ member }) => member === this.username);
  }

  /** Whether the reader has still to do something on an item. @param {Item} item */
  #open(item) {
    if (item.outcome !== null) return false;
    return this.#member() ? !this.#own(item) : true;
  }

  #member() {
    return this.sitting.members.includes(this.username);
  }

  /** @param {number} place */
  #go(place) {
    this.#at = Math.min(Math.max(0, place), this.sitting.items.length - 1);
    this.#pending = null;
    this.#write();
    this.#item.focus();
  }

  /** Goes on to the next item that still waits for something. @param {(item: Item) => boolean} waits */
  #next(waits) {
    const { items } = this.sitting;
    const after = [...items.keys()].map((step) => (this.#at + 1 + step) % items.length).find((place) => waits(items[place]));
    if (after === undefined) this.#write();
    else this.#go(after);
  }

  /** @param {string} selector */
  #focus(selector) {
    const found = this.#item.querySelector(selector);
    if (found instanceof HTMLElement) found.focus();
  }

  #write() {
    this.#writeProgress();
    put(this.#agenda, make("ol", { class: "plain-list entries agenda" }, ...this.sitting.items.map((item, place) => make("li", {}, this.#line(item, place)))));
    this.#agenda.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
    this.#writeItem();
  }

  #writeProgress() {
    const { items } = this.sitting;
    const decided = items.filter(({ outcome }) => outcome !== null).length;
    const voted = items.filter((item) => this.#own(item) || item.outcome !== null).length;
    const quiet = items.filter((item) => this.#open(item) && item.blocks === 0 && item.warnings === 0);
    put(
      this.#progress,
      make("progress", { max: items.length, value: this.#member() ? voted : decided, "aria-label": say("sitting.progress") }),
      make("p", { role: "status" }, this.#member() ? say("sitting.voted", { done: voted, decided, total: items.length }) : say("meeting.decided", { done: decided, total: items.length })),
      this.#member() && quiet.length > 1 && make("button", { type: "button", class: "plain", onclick: () => this.#voteAll(quiet) }, say("sitting.for_quiet", { count: quiet.length })),
    );
  }

  /** @param {Item} item @param {number} place */
  #line(item, place) {
    const own = this.#own(item);
    const mark = item.outcome ? outcomeWords(item) : own ? voteWords(own.vote) : say("sitting.to_vote");
    return make(
      "button",
      { type: "button", class: "entry", "aria-current": place === this.#at ? "true" : null, onclick: () => this.#go(place) },
      make("span", { class: "entry-name" }, `${item.place}. `, make("span", { lang: "zh-CN" }, item.name)),
      make("span", { class: "marks" }, make("span", { class: `badge${item.outcome ? "" : own ? " warn" : " grave"}` }, mark), item.blocks > 0 && make("span", { class: "badge grave" }, say("desk.blocks", { count: item.blocks })), item.warnings > 0 && make("span", { class: "badge warn" }, say("desk.warnings", { count: item.warnings }))),
    );
  }

  #writeItem() {
    this.leave();
    const item = this.#current;
    const about = make("div", {});
    put(
      this.#item,
      make("header", { class: "name-head" }, make("h2", { class: "proposed", lang: "zh-CN" }, item.name), make("p", { class: "pinyin", lang: "zh-Latn" }, item.pinyin), make("p", { class: "marks" }, make("span", { class: "badge" }, label("naming_states", item.state)), item.outcome && make("span", { class: "badge warn" }, outcomeWords(item)))),
      this.#ballot(item),
      item.outcome === null && decisionForm(this.sitting, item, { decided: (sitting, count) => this.#took(sitting, count > 1 ? say("sitting.recorded_all", { count }) : say("sitting.recorded", { name: item.name })) }),
      about,
    );
    this.#tellOf(item, about);
  }

  /** @param {Item} item @param {HTMLElement} about */
  async #tellOf(item, about) {
    const known = this.#known.get(item.proposal_id) ?? (await act(() => this.#ask(item.proposal_id)).catch(() => null));
    if (!known || this.#current !== item || !about.isConnected) return;
    this.#known.set(item.proposal_id, known);
    const { geometry, properties: facts } = known.proposal;
    const ground = make("div", { class: "road-map" });
    const amends = item.outcome === null && this.roles.includes("naming");
    put(
      about,
      make("section", { class: "card", "aria-label": say("desk.facts") }, make("p", {}, facts.meaning), make("p", { class: "hint" }, facts.origin), facts.alternatives.length > 0 && make("p", {}, `${say("desk.alternatives")}${say("list.colon")}`, make("span", { lang: "zh-CN" }, facts.alternatives.join(say("list.comma")))), ground, make("p", { class: "actions" }, make("a", { class: "plain", href: `./#${item.proposal_id}` }, say("sitting.dossier")), amends && make("button", { type: "button", class: "plain", onclick: () => this.#amend() }, say("sitting.amend")))),
      make("section", { class: "card", "aria-label": say("finding.title") }, findingsTable(facts.name, facts.findings, { overrides: facts.overrides, look: (found) => this.#map?.lookAt(found) })),
    );
    this.#map = new RoadMap(ground, say("desk.map", { name: facts.name }));
    const against = evidenceOf(facts.findings);
    this.#map.show([...known.streets.filter(({ name }) => !against.some((each) => each.name === name)), ...against, { role: "own", name: facts.name, geometry }]);
  }

  /** @param {string} id */
  async #ask(id) {
    const found = await proposal(id);
    return { proposal: found, streets: await streetsAround(found.geometry, []) };
  }

  /** Who voted how, whether that is a quorum, and one's own vote. @param {Item} item */
  #ballot(item) {
    const own = this.#own(item);
    const present = item.ballots.filter(({ vote }) => vote !== "recused").length;
    const may = this.#member() && !own && item.outcome === null;
    return make(
      "section",
      { class: "card ballot", "aria-label": say("sitting.votes") },
      make("p", { class: quorate(item) ? "hint" : "note warn" }, say("sitting.quorum", { present, quorum: item.quorum, entitled: item.entitled })),
      item.ballots.length > 0 && make("ul", { class: "plain-list" }, ...item.ballots.map(({ member, vote, reason }) => make("li", {}, make("strong", {}, member), `${say("list.colon")}${voteWords(vote)}`, reason && make("span", { class: "hint" }, ` ${reason}`)))),
      !this.#member() && make("p", { class: "hint" }, say("sitting.not_member")),
      may && this.#buttons(),
    );
  }

  #buttons() {
    const reason = make("input", { id: "vote-reason", maxlength: 4000, autocomplete: "off", "aria-describedby": "reason-hint" });
    reason.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#item.focus();
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      if (this.#pending) this.#send(this.#pending, reason.value.trim());
    });
    return make(
      "div",
      {},
      make("div", { class: "votes", role: "group", "aria-label": say("sitting.own") }, ...VOTES.map((vote, place) => make("button", { type: "button", class: `plain vote ${vote}`, "aria-keyshortcuts": place + 1, onclick: () => this.#vote(vote) }, make("kbd", {}, place + 1), " ", voteWords(vote)))),
      make("label", { for: "vote-reason" }, say("sitting.reason")),
      reason,
      make("p", { class: "hint", id: "reason-hint", role: "status" }, say("sitting.reason_hint")),
    );
  }

  /** @param {(typeof VOTES)[number]} vote */
  #vote(vote) {
    const reason = /** @type {HTMLInputElement | null} */ (this.#item.querySelector("#vote-reason"));
    if (!reason) return;
    const typed = reason.value.trim();
    if (NEED_REASON.includes(vote) && !typed) {
      this.#pending = vote;
      put(/** @type {Element} */ (this.#item.querySelector("#reason-hint")), say("sitting.reason_needed", { vote: voteWords(vote) }));
      reason.focus();
      return;
    }
    this.#send(vote, typed);
  }

  /** @param {string} vote @param {string} reason */
  async #send(vote, reason) {
    if (NEED_REASON.includes(vote) && !reason) return;
    this.#pending = null;
    await this.#cast([{ item_id: this.#current.id, vote, reason }]);
  }

  /** @param {Item[]} quiet */
  async #voteAll(quiet) {
    const agreed = await confirmed({ title: say("sitting.for_quiet_title"), body: quiet.map(({ name }) => name).join(say("list.comma")), act: say("sitting.for_quiet", { count: quiet.length }) });
    if (agreed) await this.#cast(quiet.map(({ id }) => ({ item_id: id, vote: "for", reason: "" })));
  }

  /** @param {{item_id: string, vote: string, reason: string}[]} votes */
  async #cast(votes) {
    await this.#safely(async () => {
      const answers = await act(() => castVotes(this.sitting.id, votes));
      const refused = answers.filter(({ status }) => status === "rejected").map(({ detail }) => detail ?? "decided");
      this.sitting = await act(() => meeting(this.sitting.id));
      tell(refused.length > 0 ? refused.map((why) => say(`refused.${why}`)).join(" ") : say("sitting.taken", { count: answers.length }));
      this.#next((item) => this.#open(item));
    });
  }

  /** @param {Meeting} sitting @param {string} words */
  #took(sitting, words) {
    this.sitting = sitting;
    tell(words);
    this.#next(({ outcome }) => outcome === null);
  }

  async #again() {
    await this.#safely(async () => {
      this.sitting = await act(() => meeting(this.sitting.id));
      this.#known.clear();
      this.#write();
    });
  }

  async #amend() {
    const item = this.#current;
    if (item.outcome !== null || !this.roles.includes("naming")) return;
    const known = this.#known.get(item.proposal_id) ?? (await act(() => this.#ask(item.proposal_id)).catch(() => null));
    if (known && (await amendDialog(known.proposal))) {
      tell(say("amend.done"));
      await this.#again();
    }
  }

  /** What the service refuses is said, and the sitting stays as it is. @param {() => Promise<void>} work */
  async #safely(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      tell(`${error.title} ${error.detail}`.trim() || say("failed.service"));
    }
  }

  #help() {
    const dialog = new Dialog(say("sitting.keys"));
    dialog.fill(
      make("dl", { class: "facts keys" }, ...KEYS.flatMap((key) => [make("dt", {}, make("kbd", {}, key)), make("dd", {}, this.#keyWords(key))])),
      make("p", { class: "actions" }, make("button", { type: "button", class: "plain", autofocus: true, onclick: () => dialog.close() }, say("sitting.close"))),
    );
    dialog.open();
  }

  /** @param {string} key */
  #keyWords(key) {
    const vote = VOTES[Number(key) - 1];
    if (vote) return voteWords(vote);
    const name = key === "?" ? "help" : key;
    return say(`key.${name}`);
  }
}

/** @param {string} vote */
function voteWords(vote) {
  return vote === "recused" ? say("vote.recused") : label("naming_votes", vote);
}

/** @param {Item} item */
function outcomeWords({ outcome }) {
  return outcome === null ? "" : say(`outcome.${outcome}`);
}
