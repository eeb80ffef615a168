/**
 * Markers on one canvas above the ground: a sign for each, a ring for those that stand too close, numbers and words
 * where there is room. It draws what it is given by js/map/marker-source.js and tells what lies at a position; it
 * decides no colour and opens nothing.
 *
 * Events: `load` · `loading` · `problem` {error}.
 */
import { DomUtil, Renderer } from "leaflet";
import Supercluster from "supercluster";
import { isAbort } from "../api.js";
import { drawGroup, drawSign, ringRadius } from "./marker-signs.js";
import { MarkerSource } from "./marker-source.js";
import { LABEL_FONTS, colour } from "./theme.js";

/** @typedef {import("./marker-signs.js").Sign} Sign */
/** @typedef {import("./marker-source.js").MarkerPoint} MarkerPoint */
/** @typedef {Sign & {label: string}} NamedSign the sign with its word, under the profile shown */
/**
 * Something drawn: one marker (`code`), or a group.
 * @typedef {object} Item
 * @property {number} x pixels of the world at the zoom drawn
 * @property {number} y
 * @property {number} lon
 * @property {number} lat
 * @property {number} radius_px
 * @property {string} code empty for a group
 * @property {string} label
 * @property {Record<string, number>} mix how many of each sign
 * @property {number | null} group its id in the index
 */

const GROUP_RADIUS_PX = 38;
/** Markers closer than that even here (rounded positions, posts of a set) stay a group, and are listed. */
const DEEPEST_GROUPS = 18;
const MOST_LISTED = 200;
const NAMED_FROM = 13;
const SIGN_PX = { far: 6.5, near: 8 };
const REACH_PX = matchMedia("(pointer: coarse)").matches ? 22 : 12;
/** The screen is drawn with this much ground about it, so that a small pan shows no edge. */
const PADDING = 0.15;

export class MarkerLayer extends Renderer {
  #source = new MarkerSource();
  /** @type {Supercluster<any, any> | null} */
  #index = null;
  /** @type {MarkerPoint[] | null} */
  #indexed = null;
  #asked = "";
  /** @type {Item[]} */
  #items = [];
  /** @type {NamedSign[]} */
  #signs = [];
  /** @type {string | null} */
  #chosen = null;
  #turn = 0;
  /** @type {HTMLCanvasElement} */
  #canvas = document.createElement("canvas");

  /** @param {import("leaflet").RendererOptions} options */
  constructor(options) {
    super({ padding: PADDING, ...options });
  }

  /**
   * What is asked and by which signs it is shown, the legend's order.
   * @param {import("./marker-source.js").Question} question
   * @param {NamedSign[]} signs
   */
  ask(question, signs) {
    this.#signs = signs;
    const asked = JSON.stringify(question);
    if (asked === this.#asked) return;
    this.#asked = asked;
    this.#source.ask(question);
    this.reload();
  }

  /** Fetches what is in view anew; until it is there, the old picture stays. */
  reload() {
    this.#source.forget();
    this.#indexed = null;
    if (this._map) this.#gather();
  }

  /** @param {NamedSign[]} signs the same signs in other words */
  word(signs) {
    this.#signs = signs;
    this.#paint();
  }

  /** @param {string | null} code */
  choose(code) {
    this.#chosen = code;
    this.#paint();
  }

  /**
   * What is drawn at a position of the screen, the nearest first.
   * @param {import("leaflet").LatLng} at
   * @returns {Item | null}
   */
  at(at) {
    const map = this._map;
    if (!map) return null;
    const here = map.project(at, map.getZoom());
    const near = this.#items
      .map((item) => ({ item, away: Math.hypot(item.x - here.x, item.y - here.y) - item.radius_px }))
      .filter(({ away }) => away <= REACH_PX - SIGN_PX.far);
    return near.sort((a, b) => a.away - b.away)[0]?.item ?? null;
  }

  /** The zoom at which a group falls apart; null for one that never does. @param {Item} item */
  opensAt({ group }) {
    if (group === null || !this.#index) return null;
    const zoom = this.#index.getClusterExpansionZoom(group);
    return zoom > DEEPEST_GROUPS ? null : zoom;
  }

  /** The markers of a group. @param {Item} item @returns {MarkerPoint[]} */
  pointsOf({ group }) {
    if (group === null || !this.#index) return [];
    return this.#index.getLeaves(group, MOST_LISTED).map((leaf) => leaf.properties).filter(({ code }) => code);
  }

  /** What a group is mixed of, in the legend's order. @param {Item} item */
  sharesOf({ mix }) {
    return this.#signs
      .map((sign) => ({ sign, number: mix[key(sign)] ?? 0 }))
      .filter(({ number }) => number > 0);
  }

  /** How many signs and groups stand on the screen: for those who watch the page at work. */
  get drawn() {
    return this.#items;
  }

  /** Leaflet asks for the container when the layer comes onto the map. */
  _initContainer() {
    this.#canvas.setAttribute("aria-hidden", "true");
    /** @type {any} */ (this)._container = this.#canvas;
  }

  _destroyContainer() {
    this.#canvas.remove();
    /** @type {any} */ (this)._container = null;
  }

  /** The map has settled elsewhere, or its size changed. */
  _update() {
    const self = /** @type {any} */ (this);
    if (self._map._animatingZoom && self._bounds) return;
    /** @type {any} */ (Renderer.prototype)._update.call(this);
    const size = self._bounds.getSize();
    const ratio = window.devicePixelRatio;
    DomUtil.setPosition(this.#canvas, self._bounds.min);
    this.#canvas.width = Math.round(size.x * ratio);
    this.#canvas.height = Math.round(size.y * ratio);
    this.#canvas.style.width = `${size.x}px`;
    this.#canvas.style.height = `${size.y}px`;
    this.#place();
    this.#paint();
    this.#gather();
  }

  /** Leaflet's answer to its own `update`; the picture is made in `_update`. */
  _updatePaths() {}

  /** Fetches what the view shows, then places and paints it. */
  async #gather() {
    const map = this._map;
    const turn = (this.#turn += 1);
    const zoom = map.getZoom();
    const bounds = map.getBounds().pad(PADDING);
    const box = { west: bounds.getWest(), south: bounds.getSouth(), east: bounds.getEast(), north: bounds.getNorth() };
    this.fire("loading");
    try {
      const points = await this.#source.points(box, zoom);
      if (turn !== this.#turn || !this._map) return;
      this.#load(points);
      this.#place();
      this.#paint();
    } catch (error) {
      if (!isAbort(error)) this.fire("problem", { error });
    }
    if (turn === this.#turn) this.fire("load");
  }

  /** @param {MarkerPoint[]} points indexed once: the source gives the same array while nothing has come in */
  #load(points) {
    if (points === this.#indexed) return;
    this.#indexed = points;
    this.#index = new Supercluster({
      radius: GROUP_RADIUS_PX,
      extent: 256,
      maxZoom: DEEPEST_GROUPS,
      map: (/** @type {MarkerPoint} */ point) => ({ mix: this.#mixOf(point) }),
      reduce: (/** @type {any} */ sum, /** @type {any} */ { mix }) => {
        const own = { ...sum.mix };
        for (const [name, number] of Object.entries(mix)) own[name] = (own[name] ?? 0) + number;
        Object.assign(sum, { mix: own });
      },
    });
    this.#index.load(
      points.map((point) => ({
        type: "Feature",
        geometry: { type: "Point", coordinates: [point.lon, point.lat] },
        properties: point,
      })),
    );
  }

  /** @param {MarkerPoint} point @returns {Record<string, number>} */
  #mixOf(point) {
    if (!point.counts) return { [key(point)]: 1 };
    // Far out the service counts by colour alone; the first sign of that colour stands for all of them.
    return Object.fromEntries(
      Object.entries(point.counts).map(([name, number]) => {
        const sign = this.#signs.find((each) => each.colour === name);
        return [sign ? key(sign) : `${name}:circle`, number];
      }),
    );
  }

  /** Works out what stands where at the map's zoom. */
  #place() {
    const map = this._map;
    if (!map || !this.#index) return;
    const bounds = map.getBounds().pad(PADDING + 0.05);
    const zoom = map.getZoom();
    const found = this.#index.getClusters(
      [bounds.getWest(), bounds.getSouth(), bounds.getEast(), bounds.getNorth()],
      zoom,
    );
    this.#items = found.map(({ geometry, properties }) => {
      const [lon, lat] = geometry.coordinates;
      const { x, y } = map.project([lat, lon], zoom);
      const mix = properties.cluster ? properties.mix : this.#mixOf(/** @type {any} */ (properties));
      const number = Object.values(mix).reduce((sum, each) => sum + Number(each), 0);
      const alone = number === 1;
      return {
        x,
        y,
        lon,
        lat,
        mix,
        code: alone ? String(properties.code ?? "") : "",
        label: alone ? String(properties.label ?? "") : "",
        group: properties.cluster ? Number(properties.cluster_id) : null,
        radius_px: alone ? signRadius(zoom) : ringRadius(number),
      };
    });
  }

  #paint() {
    const map = this._map;
    const context = this.#canvas.getContext("2d");
    if (!map || !context) return;
    const ratio = window.devicePixelRatio;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    context.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    const origin = map.getPixelOrigin().add(/** @type {any} */ (this)._bounds.min);
    const ink = colour("map-selected");
    /** @type {number[][]} */
    const taken = [];
    const inOrder = [...this.#items].sort((a, b) => Number(a.code === this.#chosen) - Number(b.code === this.#chosen));
    for (const item of inOrder) {
      const at = { x: item.x - origin.x, y: item.y - origin.y };
      const shares = this.sharesOf(item);
      taken.push([at.x - item.radius_px, at.y - item.radius_px, at.x + item.radius_px, at.y + item.radius_px]);
      if (shares.length === 0) continue;
      const alone = shares.length === 1 && shares[0].number === 1;
      const chosen = item.code !== "" && item.code === this.#chosen ? ink : null;
      if (alone) drawSign(context, shares[0].sign, { ...at, radius_px: item.radius_px + (chosen ? 2 : 0), chosen });
      else drawGroup(context, shares, { ...at, font: `600 12px ${LABEL_FONTS}` });
    }
    if (map.getZoom() >= NAMED_FROM) this.#name(context, inOrder.reverse(), { origin, taken });
  }

  /**
   * Writes number and word beside each sign where nothing else stands, the chosen one first.
   * @param {CanvasRenderingContext2D} context
   * @param {Item[]} items
   * @param {{origin: import("leaflet").Point, taken: number[][]}} on
   */
  #name(context, items, { origin, taken }) {
    context.font = `500 12px ${LABEL_FONTS}`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const item of items.filter(({ label }) => label)) {
      const word = /** @type {NamedSign | undefined} */ (this.sharesOf(item)[0]?.sign)?.label ?? "";
      const text = `${item.label} ${word}`;
      const x = item.x - origin.x + item.radius_px + 5;
      const y = item.y - origin.y;
      const box = [x - 2, y - 8, x + context.measureText(text).width + 2, y + 8];
      if (taken.some((other) => overlaps(box, other))) continue;
      taken.push(box);
      context.strokeStyle = colour("map-halo");
      context.lineWidth = 3.5;
      context.strokeText(text, x, y);
      context.fillStyle = colour("map-ink");
      context.fillText(text, x, y);
    }
  }
}

/** @param {{colour: string, shape: string}} sign */
function key({ colour: name, shape }) {
  return `${name}:${shape}`;
}

/** @param {number} zoom */
function signRadius(zoom) {
  return zoom < 11 ? SIGN_PX.far : SIGN_PX.near;
}

/** @param {number[]} a @param {number[]} b left, top, right, bottom */
function overlaps(a, b) {
  return a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];
}
