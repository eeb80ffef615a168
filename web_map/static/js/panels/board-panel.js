/**
 * The board of markers beside the map: how many of each colour, by unit, which of them to show, and on what day. It
 * sets the page's state and asks for counts and lists; the map draws by itself.
 */
import { isAbort } from "../api.js";
import { byId, make, put } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";
import { markerSummary, markers, namesOf, profiles, signsOf } from "../markers.js";
import { signCanvas } from "../map/marker-signs.js";
import { BoardFilter } from "./board-filter.js";
import { markerList, pointList } from "./board-list.js";
import { BoardTime } from "./board-time.js";
import { waitingList } from "./edit-review.js";
import { alertList } from "./marker-alerts.js";

/** @typedef {import("../markers.js").Summary} Summary */
/** @typedef {import("../map/marker-layer.js").NamedSign} NamedSign */
/**
 * @typedef {object} BoardActs
 * @property {(code: string, geometry: object | null) => void} choose shows a marker
 * @property {(words: string) => void} tell
 * @property {Promise<import("../people.js").Account | import("../people.js").NotSignedIn | null>} reader
 */

const LISTED = 50;

export class BoardPanel {
  #box = byId("board");
  #button = byId("board-button");
  #body = make("div", { class: "board-body" });
  #counts = make("div", { class: "board-counts" });
  #list = make("div", { class: "board-list" });
  #edits = make("div", {});
  #alerts = make("div", {});
  #request = new AbortController();
  /** @type {import("../map/marker-source.js").MarkerPoint[] | null} */
  #gathered = null;

  /** @param {import("../state.js").State} state @param {BoardActs} acts */
  constructor(state, acts) {
    this.state = state;
    this.acts = acts;
    this.filter = new BoardFilter(state);
    this.time = new BoardTime(state);
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.open(false);
      this.#button.focus();
    });
    state.on(["as_of", "profile", "filter"], () => this.refresh());
    this.show();
  }

  /** @param {boolean} open */
  open(open) {
    this.#box.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) this.refresh();
  }

  /** Lists markers that the map cannot part, e.g. because their positions are told rounded. @param {import("../map/marker-source.js").MarkerPoint[]} points */
  list(points) {
    this.#gathered = points;
    this.open(true);
    this.#list.scrollIntoView({ block: "nearest" });
  }

  /** Writes the board anew, e.g. in another language. */
  show() {
    put(
      this.#box,
      make(
        "div",
        { class: "board-head" },
        make("h2", {}, say("board.title")),
        make(
          "button",
          { type: "button", class: "link", onclick: () => this.#close() },
          say("action.close"),
        ),
      ),
      this.#body,
    );
    this.filter.show();
    this.time.show();
    put(this.#body, this.#profile(), this.#counts, this.filter.element, this.time.element, this.#alerts, this.#edits, this.#list);
    this.refresh();
  }

  /** Counts and lists what the state asks for. */
  async refresh() {
    if (this.#box.hidden) return;
    this.#request.abort();
    const { signal } = (this.#request = new AbortController());
    const { as_of, profile, filter } = this.state.now;
    const question = { as_of, profile, ...filter };
    this.#box.setAttribute("aria-busy", "true");
    try {
      const [everywhere, summary, page, units] = await Promise.all([
        filter.unit || filter.colour ? markerSummary({ ...question, unit: undefined, colour: undefined }, signal) : null,
        markerSummary(question, signal),
        this.#gathered ? null : markers({ ...question, geometry: "full", limit: LISTED }, signal),
        namesOf("units", as_of).catch(() => new Map()),
      ]);
      this.#count(everywhere ?? summary, summary, units);
      this.#fill(page, summary.total);
      await this.#toAnswer(signal);
      await this.#toDecide(signal);
      this.acts.tell(say("board.counted", { number: summary.total }));
    } catch (error) {
      if (!isAbort(error)) this.#failed();
    } finally {
      if (signal === this.#request.signal) this.#box.removeAttribute("aria-busy");
    }
  }

  /** What devices say, shown to officers. @param {AbortSignal} signal */
  async #toAnswer(signal) {
    const reader = await this.acts.reader;
    if (!reader?.signed_in) return;
    const { as_of, filter } = this.state.now;
    const { unit, line } = filter;
    put(this.#alerts, await alertList({ as_of, unit, line }, (code) => this.acts.choose(code, null), signal));
  }

  /** What waits for a reviewer, shown to reviewers. @param {AbortSignal} signal */
  async #toDecide(signal) {
    const reader = await this.acts.reader;
    if (!reader?.signed_in || !reader.roles.includes("boundary")) return;
    put(this.#edits, await waitingList((code) => this.acts.choose(code, null), signal));
  }

  #close() {
    this.open(false);
    this.#button.focus();
  }

  #profile() {
    const chosen = this.state.now.profile ?? profiles()[0]?.code;
    const change = (/** @type {Event} */ event) => {
      const code = /** @type {HTMLSelectElement} */ (event.target).value;
      this.state.set({ profile: code === profiles()[0]?.code ? null : code });
    };
    return make(
      "label",
      { class: "field" },
      say("board.profile"),
      make(
        "select",
        { id: "profile", onchange: change },
        ...profiles().map(({ code }) =>
          make("option", { value: code, selected: code === chosen }, label("colour_profiles", code)),
        ),
      ),
    );
  }

  /** @param {Summary} everywhere @param {Summary} summary @param {Map<string, string>} units */
  #count(everywhere, summary, units) {
    const signs = signsOf(this.state.now.profile);
    const colours = [...new Set(signs.map(({ colour }) => colour))];
    put(
      this.#counts,
      make(
        "ul",
        { class: "signs", "aria-label": say("board.by_colour") },
        ...colours.map((colour) => this.#chip(signs.filter((sign) => sign.colour === colour), everywhere)),
      ),
      this.#byUnit(colours, signs, { summary, units }),
    );
  }

  /** A colour with its signs, words and number; pressed, only that colour is shown. @param {NamedSign[]} signs @param {Summary} summary */
  #chip(signs, { by_colour }) {
    const { colour } = signs[0];
    const pressed = this.state.now.filter.colour === colour;
    const others = Object.entries(this.state.now.filter).filter(([name]) => name !== "colour");
    const flip = () => this.state.set({ filter: Object.fromEntries(pressed ? others : [...others, ["colour", colour]]) });
    const words = [...new Set(signs.map((sign) => sign.label))].join(say("board.or"));
    return make(
      "li",
      {},
      make(
        "button",
        { type: "button", class: "chip", "aria-pressed": String(pressed), onclick: flip },
        make("span", { class: "chip-signs" }, ...distinct(signs).map((sign) => signCanvas(sign, 18))),
        make("span", { class: "chip-word" }, `${label("colour", colour)} · ${words}`),
        make("b", { class: "figure" }, by_colour[colour] ?? 0),
      ),
    );
  }

  /** @param {string[]} colours @param {NamedSign[]} signs @param {{summary: Summary, units: Map<string, string>}} counted */
  #byUnit(colours, signs, { summary, units }) {
    const { unit: chosen, ...others } = this.state.now.filter;
    const head = colours.map((colour) => {
      const own = signs.filter((sign) => sign.colour === colour);
      return make(
        "th",
        { scope: "col", title: own[0].label },
        signCanvas(own[0], 16),
        make("span", { class: "unseen" }, own[0].label),
      );
    });
    const rows = summary.by_unit.map(({ unit_code, total, by_colour }) => {
      const choose = () => this.state.set({ filter: unit_code === chosen ? others : { ...others, unit: unit_code } });
      const name = units.get(unit_code) ?? unit_code;
      return make(
        "tr",
        unit_code === chosen ? { "aria-current": "true" } : {},
        make("th", { scope: "row" }, make("button", { type: "button", class: "link", onclick: choose }, name)),
        ...colours.map((colour) => make("td", { class: by_colour[colour] ? "figure" : "figure none" }, by_colour[colour] ?? 0)),
        make("td", { class: "figure total" }, total),
      );
    });
    return make(
      "table",
      { class: "by-unit" },
      make("caption", {}, say("board.by_unit")),
      make(
        "thead",
        {},
        make("tr", {}, make("th", { scope: "col" }, say("board.unit")), ...head, make("th", { scope: "col" }, say("board.total"))),
      ),
      make("tbody", {}, ...rows),
    );
  }

  /** @param {Awaited<ReturnType<typeof markers>> | null} page @param {number} total */
  #fill(page, total) {
    const signs = signsOf(this.state.now.profile);
    const gathered = this.#gathered;
    if (gathered) {
      const all = () => {
        this.#gathered = null;
        this.refresh();
      };
      put(
        this.#list,
        make("h3", {}, say("board.gathered", { number: gathered.length })),
        make("p", { class: "hint" }, say("board.gathered_why")),
        pointList(gathered, signs, (code) => this.acts.choose(code, null)),
        make("button", { type: "button", class: "link", onclick: all }, say("board.all")),
      );
      return;
    }
    put(
      this.#list,
      make("h3", {}, say("board.list"), make("span", { class: "count" }, total)),
      total === 0 && make("p", { class: "hint" }, say("board.none")),
      page && total > 0 && page.features.every(({ geometry }) => !geometry) && make("p", { class: "hint" }, say("position.hidden")),
      page && markerList(page.features, signs, this.acts.choose),
      page && total > LISTED && make("p", { class: "hint" }, say("board.first_of", { shown: LISTED, total })),
    );
  }

  #failed() {
    put(
      this.#list,
      make("p", { class: "failed" }, say("board.failed")),
      make("button", { type: "button", class: "plain", onclick: () => this.refresh() }, say("action.retry")),
    );
  }
}

/** Signs of one colour, each shape once. @param {NamedSign[]} signs */
function distinct(signs) {
  return signs.filter((sign, place) => signs.findIndex(({ shape }) => shape === sign.shape) === place);
}
