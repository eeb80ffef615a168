/** One marker as one looks for it: arrow, bearing and distance to its legal position, reference objects, last visits. */
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { number } from "../measures.js";
import { say } from "../messages.js";
import { moment } from "../panels/marker-records.js";
import { trueAzimuth } from "./bearing.js";
import { heading } from "./compass.js";
import { drafted } from "./drafts.js";
import { jointsHere, stopOf } from "./joint-day.js";
import { markerHere, signOf, wayTo } from "./markers-here.js";
import { outcomesOf } from "./outcomes.js";
import { waiting } from "./outbox.js";
import { previousPictures } from "./pictures.js";
import { directionWords, distanceWords, dueWords } from "./words.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./store.js").PackedMarker} PackedMarker */

export class MarkerView {
  element = make("section", { class: "view", "aria-labelledby": "marker-title" });
  #guide = make("div", { class: "guide" });
  #arrow = arrow();

  /** @param {App} app @param {string} code */
  constructor(app, code) {
    this.app = app;
    this.code = code;
  }

  async open() {
    const marker = await markerHere(this.code);
    if (!marker) {
      put(this.element, make("h1", { id: "marker-title" }, this.code), make("p", {}, say("field.marker.not_here")), make("a", { class: "button strong", href: "#packs" }, say("field.list.take_along")));
      return this;
    }
    this.marker = marker;
    const sign = signOf(marker);
    const { state } = marker;
    put(
      this.element,
      make("h1", { id: "marker-title" }, state.number),
      make("p", { class: "marker-colour" }, signCanvas(sign, 28), make("strong", {}, sign.label), " ", dueWords(state.next_due_on)),
      await this.#here(),
      this.#guide,
      make("nav", { class: "big-actions", "aria-label": say("field.marker.acts") }, ...this.#acts(stopOf(await jointsHere(), this.code))),
      this.#objects(marker),
      this.#about(marker),
      await outcomesOf(this.code),
      await this.#last(marker),
    );
    this.moved();
    this.unlisten = heading((degrees) => {
      this.facing = degrees;
      this.moved();
    });
    return this;
  }

  /** What was written about the marker on this device and has not reached the office. */
  async #here() {
    const [drafts, records] = await Promise.all([drafted(), waiting()]);
    const own = records.filter(({ marker_code }) => marker_code === this.code).length;
    const told = [drafts.has(this.code) && say("field.marker.draft"), own > 0 && say("field.marker.waits", { n: own })].filter(Boolean);
    return told.length > 0 && make("p", { class: "marker-here" }, told.join(" "), own > 0 && make("a", { class: "link", href: "#outbox" }, say("field.tab.outbox")));
  }

  close() {
    this.unlisten?.();
  }

  /** @param {ReturnType<typeof stopOf>} walk where a joint inspection of the line is under way */
  #acts(walk) {
    const to = (/** @type {string} */ form) => `#${form}=${encodeURIComponent(this.code)}`;
    return [
      make("a", { class: "button strong", href: to("inspect") }, say("field.act.inspect")),
      make("a", { class: "button grave", href: to("report") }, say("field.act.report")),
      make("a", { class: "button", href: walk ? `#stop=${encodeURIComponent(`${walk.joint.id}:${walk.stop.order}`)}` : to("joint") }, say("field.act.joint")),
      make("a", { class: "button", href: to("edit") }, say("field.act.edit")),
      make("a", { class: "button", href: to("map") }, say("field.act.map")),
    ];
  }

  /** The device has moved or turned. */
  moved() {
    if (!this.marker) return;
    const { fix, standing } = this.app.positioning;
    const way = wayTo(fix, this.marker);
    if (!fix || !way) {
      put(this.#guide, make("p", { class: "warned" }, say(this.marker.form.legal_position ? `field.position.${standing}` : "field.marker.no_position")));
      return;
    }
    const facing = this.facing ?? fix.heading_deg;
    turn(this.#arrow, way.azimuth_deg - (facing ?? 0));
    put(
      this.#guide,
      make("div", { class: "arrow-box" }, this.#arrow, make("span", { class: "hint" }, say(facing === null ? "field.guide.north_up" : "field.guide.turned"))),
      make("div", { class: "guide-words" }, make("b", { class: "far" }, distanceWords(way.distance_m)), make("span", {}, directionWords(way.azimuth_deg)), make("span", { class: "hint" }, say("field.guide.accuracy", { metres: number(fix.accuracy_m, 0) })), way.distance_m <= fix.accuracy_m && make("span", { class: "hint" }, say("field.guide.here"))),
    );
  }

  /** @param {PackedMarker} marker */
  #objects({ form }) {
    const objects = form.reference_objects ?? [];
    if (objects.length === 0) return null;
    const place = form.legal_position;
    return make(
      "div",
      {},
      make("h2", {}, say("field.marker.objects")),
      make(
        "table",
        { class: "objects" },
        make("thead", {}, make("tr", {}, ...["name", "azimuth", "distance"].map((column) => make("th", { scope: "col" }, say(`field.object.${column}`))))),
        make("tbody", {}, ...objects.map((/** @type {any} */ object) => objectRow(object, place))),
      ),
    );
  }

  /** @param {PackedMarker} marker */
  #about({ form, state }) {
    const facts = [
      ["field.marker.line", state.line_code],
      ["field.marker.guardian", form.guardian],
      ["field.marker.relation", form.feature_relation],
      ["field.marker.description", form.position_description || form.generated_description?.zh],
    ].filter(([, value]) => value);
    return make("dl", { class: "facts" }, ...facts.flatMap(([key, value]) => [make("dt", {}, say(/** @type {string} */ (key))), make("dd", {}, value)]));
  }

  /** @param {PackedMarker} marker */
  async #last({ inspections }) {
    const pictures = await previousPictures(inspections);
    return make(
      "div",
      {},
      make("h2", {}, say("field.marker.last")),
      inspections.length === 0 && make("p", {}, say("field.marker.never")),
      make("ul", { class: "visits" }, ...inspections.map(({ happened_at, condition, person, note }) => make("li", {}, make("b", {}, label("condition", condition)), ` ${moment(happened_at)} · ${person}`, note && make("span", { class: "hint" }, ` ${note}`)))),
      make("div", { class: "pictures" }, ...pictures.map(({ figure }) => figure())),
    );
  }
}

/** @param {any} object @param {{lon: number, lat: number} | null} place */
function objectRow(object, place) {
  const from_true = place ? trueAzimuth(object, place) : object.azimuth_deg;
  const { azimuth_kind: kind } = object;
  const form = say(`field.object.${kind}`, { degrees: number(object.azimuth_deg, 1) });
  return make("tr", {}, make("th", { scope: "row" }, object.name), make("td", {}, directionWords(from_true), make("span", { class: "hint" }, ` ${form}`)), make("td", {}, distanceWords(object.distance_m)));
}

function arrow() {
  const box = make("div", { class: "arrow", "aria-hidden": "true" });
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "-50 -50 100 100");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M0-46 30 40 0 22-30 40z");
  svg.append(path);
  box.append(svg);
  return box;
}

/** Turned through the SVG's own attribute: the content policy allows no style in markup. @param {HTMLElement} box @param {number} degrees */
function turn(box, degrees) {
  box.querySelector("path")?.setAttribute("transform", `rotate(${degrees.toFixed(1)})`);
}
