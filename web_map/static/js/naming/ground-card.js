/**
 * Where the road is: a map to draw it on, a file to read it from. It gives the ground to whoever asked and draws what
 * the checks found; it keeps nothing.
 */
import { make, put } from "../elements.js";
import { lengthOfGeometry } from "../geodesy/line-length.js";
import { RoadMap } from "../map/road-map.js";
import { RoadPencil } from "../map/road-pencil.js";
import { length } from "../measures.js";
import { say } from "../messages.js";
import { streetsIn, unnamedRoadsIn } from "../naming.js";
import { RoadFileError, readRoadFile } from "./road-file.js";

/** @typedef {import("../map/road-map.js").Drawn} Drawn */

/** Farther out the named roads would lie on each other. */
const STREETS_FROM_ZOOM = 14;
const UNNAMED_FROM_ZOOM = 11;
const PAUSE_MS = 300;

export class GroundCard {
  #element = make("div", { class: "road-map drawing-ground" });
  #acts = make("p", { class: "actions" });
  #told = make("p", { class: "hint", role: "status" });
  #keys = make("p", { class: "hint", hidden: true }, say("ground.keys"));
  #scope = make("li", { class: "scope" });
  #refused = make("p", { class: "refused", role: "alert", hidden: true });
  #roads = make("div", {});
  #waiting_roads = make("div", {});
  /** @type {Awaited<ReturnType<typeof unnamedRoadsIn>>} */
  #unnamed = [];
  #map;
  #pencil;
  /** @type {Drawn[]} */
  #evidence = [];
  /** @type {Drawn[]} */
  #streets = [];
  #waiting = 0;
  #asked = 0;

  /**
   * @param {HTMLElement} place
   * @param {{geometry: any, name: () => string, home: object | null, changed: (geometry: any) => void}} how `home` is looked at
   *   while there is no ground
   */
  constructor(place, { geometry, name, home, changed }) {
    this.geometry = geometry;
    this.name = name;
    this.changed = changed;
    const file = make("input", { id: "road-file", type: "file", accept: ".geojson,.json,application/geo+json", class: "unseen", "aria-describedby": "road-file-hint" });
    file.addEventListener("change", () => this.#read(file));
    this.file = make("span", { class: "file-door" }, file, make("label", { for: "road-file", class: "plain button-like" }, say("ground.from_file")));
    put(place, make("h2", { id: "ground-title" }, say("ground.title")), this.#acts, this.#refused, this.#roads, this.#waiting_roads, this.#element, this.#told, this.#keys, make("ul", { class: "plain-list map-legend" }, ...["own", "against", "near", "street"].map((role) => make("li", { class: role }, say(`map.role.${role}`))), this.#scope));
    this.#map = new RoadMap(this.#element, say("ground.map"));
    this.#pencil = new RoadPencil(this.#map, { moved: () => this.#moved(), ended: () => this.#ended() });
    this.#pencil.onView(() => this.#later());
    this.#showActs();
    this.#showScope([]);
    this.draw({ keep_view: false });
    if (!geometry && home) this.#map.lookAt(home);
    this.#later();
  }

  remove() {
    window.clearTimeout(this.#waiting);
    this.#asked += 1;
    this.#map.remove();
  }

  /**
   * Draws what the checks found.
   * @param {Drawn[]} roads
   * @param {import("../proposals.js").ScopeOfName[]} areas in which the name must be unique
   */
  show(roads, areas) {
    this.#evidence = [...areas.map(({ geometry }) => ({ role: /** @type {const} */ ("scope"), geometry })), ...roads];
    this.#showScope(areas);
    this.draw({ keep_view: true });
  }

  /** @param {import("../proposals.js").ScopeOfName[]} areas */
  #showScope(areas) {
    const door = (/** @type {import("../proposals.js").ScopeOfName} */ { kind, name, geometry }) => {
      const words = `${say(`scope.${kind}`)}${say("list.colon")}${name}`;
      return geometry ? make("button", { type: "button", class: "link", onclick: () => this.lookAt(geometry) }, words) : words;
    };
    put(this.#scope, ...(areas.length > 0 ? areas.map(door) : [say("map.role.scope")]));
  }

  /** @param {{keep_view: boolean}} how */
  draw({ keep_view }) {
    const drawing = this.#pencil.drawing;
    const named = new Set(this.#evidence.map((each) => each.name));
    /** @type {Drawn[]} */
    const own = drawing ? [] : [{ role: "own", name: this.name(), geometry: this.geometry }];
    const unnamed = this.#unnamed.map(({ geometry }, place) => ({ role: /** @type {const} */ ("street"), name: this.#numbered(place), geometry }));
    this.#map.show([...unnamed, ...this.#streets.filter((street) => !named.has(street.name)), ...this.#evidence, ...own], { keep_view });
    this.#element.dataset.positions = String(drawing ? this.#pencil.positions.length : positionsIn(this.geometry));
    this.#tell();
  }

  /** @param {object} geometry */
  lookAt(geometry) {
    this.#map.lookAt(geometry);
    this.#element.scrollIntoView({ block: "nearest" });
    this.#element.focus();
  }

  /** Takes ground that comes from elsewhere. @param {any} geometry */
  take(geometry) {
    this.#pencil.stop();
    this.geometry = geometry;
    this.changed(geometry);
    this.#showActs();
    this.draw({ keep_view: false });
  }

  #showActs() {
    const button = (/** @type {string} */ key, /** @type {() => void} */ act, kind = "plain") => make("button", { type: "button", class: kind, onclick: act }, say(key));
    const line = this.geometry?.type === "LineString" ? this.geometry.coordinates : null;
    put(
      this.#acts,
      ...(this.#pencil.drawing
        ? [button("ground.add_here", () => this.#pencil.addAtCentre()), button("ground.undo", () => this.#pencil.undo()), button("ground.finish", () => this.#finish(), "strong")]
        : [
            line && button("ground.go_on", () => this.#start("line", line)),
            button(line ? "ground.draw_anew" : "ground.draw_line", () => this.#start("line"), line ? "plain" : "strong"),
            button("ground.draw_point", () => this.#start("point")),
            this.file,
            make("span", { class: "hint", id: "road-file-hint" }, say("ground.file_hint")),
          ]),
    );
  }

  /** @param {import("../map/road-pencil.js").Shape} shape @param {any[]} [positions] */
  #start(shape, positions) {
    this.#refuse(null);
    put(this.#roads);
    this.#pencil.start(shape, positions);
    this.#showActs();
    this.draw({ keep_view: true });
    this.#element.focus();
  }

  #moved() {
    if (this.#pencil.geometry || this.#pencil.positions.length === 0) {
      this.geometry = this.#pencil.geometry;
      this.changed(this.geometry);
    }
    this.#element.dataset.positions = String(this.#pencil.positions.length);
    this.#tell();
  }

  /** What was drawn stays; what is no road yet does not replace the one before. */
  #finish() {
    this.#pencil.stop();
    this.#ended();
  }

  #ended() {
    this.#showActs();
    this.draw({ keep_view: true });
    this.#element.focus();
  }

  #tell() {
    const metres = lengthOfGeometry(this.geometry);
    const { drawing, positions } = this.#pencil;
    const long = metres !== null && length(metres);
    this.#keys.hidden = !drawing;
    if (drawing) this.#told.textContent = [say("ground.points", { count: positions.length }), long].filter(Boolean).join(" · ");
    else this.#told.textContent = this.geometry ? [shapeInWords(this.geometry), long].filter(Boolean).join(" · ") : say("ground.none");
  }

  /** @param {HTMLInputElement} file */
  async #read(file) {
    const [chosen] = file.files ?? [];
    file.value = ""; // the same file may be chosen again after it was mended
    if (!chosen) return;
    this.#refuse(null);
    put(this.#roads);
    try {
      const roads = await readRoadFile(chosen);
      if (roads.length === 1) this.take(roads[0].geometry);
      else this.#choose(roads);
    } catch (error) {
      if (!(error instanceof RoadFileError)) throw error;
      const { code, facts } = error;
      this.#refuse(say(`road_file.${code}`, facts));
    }
  }

  /** Which of a file's roads. @param {import("./road-file.js").Road[]} roads */
  #choose(roads) {
    const words = (/** @type {import("./road-file.js").Road} */ { name, geometry }, /** @type {number} */ place) => `${place + 1}. ${name || say("ground.unnamed")} · ${length(lengthOfGeometry(geometry) ?? 0)}`;
    const select = make("select", { id: "file-road" }, make("option", { value: "" }, say("ground.choose")), ...roads.map((road, place) => make("option", { value: place }, words(road, place))));
    select.addEventListener("change", () => select.value !== "" && this.take(roads[Number(select.value)].geometry));
    put(this.#roads, make("div", { class: "fields" }, make("label", { for: "file-road" }, say("ground.which", { count: roads.length })), select));
    select.focus();
  }

  /** @param {string | null} words */
  #refuse(words) {
    this.#refused.textContent = words ?? "";
    this.#refused.hidden = words === null;
  }

  #later() {
    window.clearTimeout(this.#waiting);
    this.#waiting = window.setTimeout(() => this.#look(), PAUSE_MS);
  }

  /** The named roads of what is seen: what is drawn beside them shows at once whether it is one of them. */
  async #look() {
    const mine = ++this.#asked;
    const { box, zoom } = this.#pencil.view;
    const [streets, unnamed] = await Promise.all([
      zoom < STREETS_FROM_ZOOM ? [] : streetsIn(box).catch(() => []),
      zoom < UNNAMED_FROM_ZOOM ? [] : unnamedRoadsIn(box).catch(() => []),
    ]);
    if (mine !== this.#asked) return;
    this.#streets = streets;
    if (unnamed.map(({ id }) => id).join() !== this.#unnamed.map(({ id }) => id).join()) this.#offer(unnamed);
    this.draw({ keep_view: true });
  }

  /** Roads of what is seen that wait for a name. @param {Awaited<ReturnType<typeof unnamedRoadsIn>>} unnamed */
  #offer(unnamed) {
    this.#unnamed = unnamed;
    const words = (/** @type {{geometry: any}} */ { geometry }, /** @type {number} */ place) => [this.#numbered(place), length(lengthOfGeometry(geometry) ?? 0)].join(" · ");
    const select = make("select", { id: "unnamed-road" }, make("option", { value: "" }, say("ground.choose")), ...unnamed.map((road, place) => make("option", { value: place }, words(road, place))));
    select.addEventListener("change", () => select.value !== "" && this.take(unnamed[Number(select.value)].geometry));
    put(this.#waiting_roads, unnamed.length > 0 && make("div", { class: "fields" }, make("label", { for: "unnamed-road" }, say("ground.waiting", { count: unnamed.length })), select));
  }

  /** @param {number} place */
  #numbered(place) {
    return `${say("ground.unnamed")} ${place + 1}`;
  }
}

/** @param {any} geometry */
function positionsIn(geometry) {
  return geometry ? geometry.coordinates.flat(Infinity).length / 2 : 0;
}

/** @param {{type: string}} geometry */
function shapeInWords({ type }) {
  const shape = type.replace("Multi", "").toLowerCase();
  return say(`ground.is.${shape}`);
}
