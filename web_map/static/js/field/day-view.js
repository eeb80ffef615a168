/** A day of joint inspection: which line, who came of every side, the walk stop by stop, what waits for signatures. */
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";
import { bookFrom, bookName, bookOf, isWhole, jointHere, jointsHere, standing, unsignedStops } from "./joint-day.js";
import { jointTitle, seenWords, sideName, stopPlace, stopTitle } from "./joint-words.js";
import { changeKept, kept } from "./store.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./joint-day.js").Joint} Joint */
/** @typedef {import("./joint-day.js").Stop} Stop */
/** @typedef {import("./joint-day.js").Book} Book */

/** @param {Joint} joint @param {Stop} stop */
function stopAddress({ id }, { order }) {
  return `#stop=${encodeURIComponent(`${id}:${order}`)}`;
}

/** The joint inspections that the packs hold. */
export class JointsView {
  element = make("section", { class: "view", "aria-labelledby": "joints-title" });

  async open() {
    const joints = await jointsHere();
    put(
      this.element,
      make("h1", { id: "joints-title" }, say("field.joint.title")),
      joints.length === 0 && make("div", { class: "empty-state" }, make("p", {}, say("field.joint.none")), make("a", { class: "button strong", href: "#packs" }, say("field.list.take_along"))),
      make("ul", { class: "marker-list" }, ...joints.map((joint) => make("li", {}, make("a", { class: "marker-row joint-row", href: `#day=${joint.id}` }, ...about(joint))))),
    );
  }
}

/** @param {Joint} joint */
function about(joint) {
  const { stage, sides, task_list } = joint;
  const recorded = new Set((joint.records ?? []).map(({ task }) => task)).size;
  return [
    make("b", {}, jointTitle(joint)),
    make("span", { class: "hint" }, [label("joint_stage", stage), sides.map((side) => sideName(joint, side)).join("—")].join(" · ")),
    make("span", { class: "hint" }, say("field.joint.progress", { done: recorded, all: task_list.length })),
  ];
}

/** The stop that a walker left the list for, by joint inspection: a long list is shown again where he was. @type {Map<string, number>} */
const leftAt = new Map();

export class DayView {
  element = make("section", { class: "view form-view", "aria-labelledby": "day-title" });
  #list = make("ul", { class: "marker-list stops" });
  #next = make("p", {});
  #end = make("div", {});

  /** @param {App} app @param {string} id of the joint inspection */
  constructor(app, id) {
    this.app = app;
    this.id = id;
  }

  async open() {
    const joint = await jointHere(this.id);
    if (!joint || !isWhole(joint)) {
      put(this.element, make("h1", { id: "day-title" }, say("field.joint.title")), make("p", { class: "warned" }, say(joint ? "field.joint.old_pack" : "field.joint.gone")), make("a", { class: "button strong", href: "#packs" }, say("field.list.take_along")));
      return;
    }
    this.joint = joint;
    const { display_name = "" } = /** @type {{display_name?: string}} */ ((await kept("account")) ?? {});
    const book = await bookOf(this.id);
    const side = joint.own_sides[0];
    if (side && book.people[side] === undefined) await this.#came(side, display_name);
    put(
      this.element,
      make("h1", { id: "day-title" }, jointTitle(joint)),
      make("p", { class: "hint" }, label("joint_stage", joint.stage), " · ", say("field.joint.lead", { side: sideName(joint, joint.lead) })),
      joint.own_sides.length === 0 && make("p", { class: "warned" }, say("field.joint.not_own")),
      this.#people(joint, await bookOf(this.id)),
      make("h2", {}, say("field.joint.walk")),
      this.#next,
      this.#list,
      this.#end,
    );
    await this.anew();
  }

  /** Shown: back at the stop that was left, once. */
  shown() {
    const order = leftAt.get(this.id);
    if (order === undefined) return;
    leftAt.delete(this.id);
    this.#list.querySelector(`[data-stop="${order}"]`)?.scrollIntoView({ block: "center" });
  }

  /** @param {Joint} joint @param {Book} book */
  #people(joint, { people }) {
    const field = (/** @type {string} */ side) => {
      const name = make("input", { type: "text", name: `person-${side}`, maxlength: 80, autocomplete: "off", value: people[side] ?? "", oninput: () => this.#came(side, name.value.trim()) });
      const own = joint.own_sides.includes(side);
      return make("label", { class: "field" }, own ? say("field.joint.own", { side: sideName(joint, side) }) : sideName(joint, side), name);
    };
    return make("fieldset", { class: "people" }, make("legend", {}, say("field.joint.people")), make("p", { class: "hint" }, say("field.joint.people_why")), ...joint.sides.map(field));
  }

  /** @param {string} side @param {string} name */
  #came(side, name) {
    return changeKept(bookName(this.id), (found) => {
      const book = bookFrom(found);
      return { ...book, people: { ...book.people, [side]: name } };
    }).catch((error) => this.app.storageFailed(error));
  }

  /** Something was recorded, here or in another tab. */
  async anew() {
    const { joint } = this;
    if (!joint) return;
    const book = await bookOf(this.id);
    put(this.#list, ...joint.task_list.map((stop) => this.#stop(joint, stop, book)));
    const open = joint.task_list.filter((stop) => !standing(joint, stop, book).recorded);
    put(
      this.#next,
      make("span", { class: "hint" }, say("field.joint.progress", { done: joint.task_list.length - open.length, all: joint.task_list.length })),
      open.length > 0 && make("a", { class: "button wide", href: stopAddress(joint, open[0]), onclick: () => leftAt.set(this.id, open[0].order) }, say("field.joint.next", { stop: stopTitle(open[0]) })),
    );
    const waiting = unsignedStops(joint, book).length;
    put(
      this.#end,
      make("p", { class: "hint" }, waiting ? say("field.joint.to_sign", { n: waiting }) : say("field.joint.nothing_to_sign")),
      waiting > 0 && make("a", { class: "button strong wide finish", href: `#sign=${this.id}` }, say("field.joint.sign")),
    );
  }

  /** @param {Joint} joint @param {Stop} stop @param {Book} book */
  #stop(joint, stop, book) {
    const { seen, apart, settled, recorded, signed } = standing(joint, stop, book);
    const badges = [apart.length > 0 && "apart", !settled && "unsettled", signed === null && "unsigned", signed && "signed", recorded && signed === undefined && "recorded"].filter(Boolean);
    return make(
      "li",
      {},
      make(
        "a",
        { class: "marker-row joint-row", href: stopAddress(joint, stop), "data-stop": stop.order, onclick: () => leftAt.set(joint.id, stop.order) },
        make("b", {}, stopTitle(stop)),
        make("span", { class: "hint" }, stopPlace(stop)),
        ...stop.sides.filter((side) => seen[side]).map((side) => make("span", { class: "hint" }, `${sideName(joint, side)}: ${seenWords(seen[side])}`)),
        make("span", { class: "badges" }, ...badges.map((name) => make("span", { class: `badge ${name === "apart" || name === "unsettled" ? "case-badge" : ""}` }, say(`field.joint.is.${name}`)))),
      ),
    );
  }
}
