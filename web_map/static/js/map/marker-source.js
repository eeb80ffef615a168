/**
 * Markers on a view as points, from the vector tiles of this service. Six depths of tiles are enough for all zooms,
 * so that a pan or a zoom asks for little; what was fetched stays until the question changes. Draws nothing.
 */
import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";
import { getBytes } from "../api.js";

/** Zooms of the map and the depth of tiles that serves them: each places a point within a pixel of the screen. */
const DEPTHS = [
  { below: 7, depth: 5 },
  { below: 9, depth: 7 },
  { below: 11, depth: 8 },
  { below: 13, depth: 10 },
  { below: 15, depth: 12 },
  { below: Infinity, depth: 14 },
];
const COLOURS = ["black", "red", "blue", "yellow", "green"];

/**
 * One marker, or far out a cell of them: `code` is empty then and `counts` says how many of each colour.
 * @typedef {{lon: number, lat: number, code: string, label: string, colour: string, shape: string,
 *   counts: Record<string, number> | null}} MarkerPoint
 */
/** @typedef {{as_of: string | null, profile: string | null} & import("../state.js").MarkerFilter} Question */
/** @typedef {{west: number, south: number, east: number, north: number}} Box */

export class MarkerSource {
  /** @type {Question} */
  #question = { as_of: null, profile: null };
  /** @type {Map<string, Promise<MarkerPoint[]>>} */
  #tiles = new Map();
  #controller = new AbortController();
  /** The last answer and the tiles it was made of: a pan over known ground gives the same one. */
  #last = { made_of: "", points: /** @type {MarkerPoint[]} */ ([]) };

  /** @param {Question} question what was fetched for another one is forgotten */
  ask(question) {
    this.#question = question;
    this.forget();
  }

  /** Fetches everything anew from now on, e.g. after a record has changed a colour. */
  forget() {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#tiles.clear();
    this.#last = { made_of: "", points: [] };
  }

  /**
   * Every point known about a view, and about those seen before at this depth; each marker once, in a settled order,
   * so that groups do not jump when the map is moved. The same array as before where nothing has come in since.
   * @param {Box} box
   * @param {number} zoom
   */
  async points(box, zoom) {
    const depth = depthOf(zoom);
    const fetched = await Promise.all(placesOf(box, depth).map((place) => this.#tile(place)));
    const known = [...this.#tiles].filter(([place]) => place.startsWith(`${depth}/`));
    const all = fetched.length === known.length ? fetched : await settled(known.map(([, tile]) => tile));
    const made_of = known.map(([place], at) => `${place}:${all[at]?.length ?? 0}`).join(" ");
    if (made_of === this.#last.made_of) return this.#last.points;
    /** @type {Map<string, MarkerPoint>} */
    const once = new Map();
    // A cell on the edge of two tiles is told in parts, one by each: those stay two.
    all.flat().forEach((point, place) => once.set(point.code || `cell ${place}`, point));
    const points = [...once.values()].sort((a, b) => (a.code < b.code ? -1 : 1));
    this.#last = { made_of, points };
    return points;
  }

  /** @param {string} place `z/x/y` */
  #tile(place) {
    const known = this.#tiles.get(place);
    if (known) return known;
    const asked = this.#fetched(place);
    this.#tiles.set(place, asked);
    asked.catch(() => this.#tiles.get(place) === asked && this.#tiles.delete(place));
    return asked;
  }

  /** @param {string} place */
  async #fetched(place) {
    const bytes = await getBytes(`tiles/markers/${place}.mvt`, this.#question, this.#controller.signal);
    const [z, x, y] = place.split("/").map(Number);
    return bytes.byteLength === 0 ? [] : read(bytes, { z, x, y });
  }
}

/** @param {number} zoom */
function depthOf(zoom) {
  return DEPTHS.find(({ below }) => zoom < below)?.depth ?? 14;
}

/** @param {Promise<MarkerPoint[]>[]} tiles those still under way or failed give nothing */
async function settled(tiles) {
  const late = Promise.resolve(null);
  const answers = await Promise.all(tiles.map((tile) => Promise.race([tile, late]).catch(() => null)));
  return answers.map((points) => points ?? []);
}

/** The tiles that cover a box. @param {Box} box @param {number} depth */
function placesOf({ west, south, east, north }, depth) {
  const most = 2 ** depth - 1;
  const within = (/** @type {number} */ value) => Math.max(0, Math.min(most, Math.floor(value)));
  const [x0, y0] = tileXY(west, north, depth).map(within);
  const [x1, y1] = tileXY(east, south, depth).map(within);
  const places = [];
  for (let x = x0; x <= x1; x += 1) for (let y = y0; y <= y1; y += 1) places.push(`${depth}/${x}/${y}`);
  return places;
}

/** @param {number} lon @param {number} lat @param {number} depth */
function tileXY(lon, lat, depth) {
  const upright = Math.asinh(Math.tan((Math.max(-85, Math.min(85, lat)) * Math.PI) / 180));
  return [((lon + 180) / 360) * 2 ** depth, ((1 - upright / Math.PI) / 2) * 2 ** depth];
}

/** @param {ArrayBuffer} bytes @param {{z: number, x: number, y: number}} at @returns {MarkerPoint[]} */
function read(bytes, { z, x, y }) {
  const { markers, marker_clusters: cells } = new VectorTile(new Pbf(bytes)).layers;
  const found = [];
  for (const layer of [markers, cells]) {
    for (let place = 0; layer && place < layer.length; place += 1) {
      const feature = layer.feature(place);
      const [[point]] = feature.loadGeometry();
      const east = (x + point.x / layer.extent) / 2 ** z;
      const south = (y + point.y / layer.extent) / 2 ** z;
      const lat = (Math.atan(Math.sinh(Math.PI * (1 - 2 * south))) * 180) / Math.PI;
      found.push(pointOf(feature.properties, { lon: east * 360 - 180, lat }));
    }
  }
  return found;
}

/** @param {Record<string, unknown>} properties @param {{lon: number, lat: number}} at @returns {MarkerPoint} */
function pointOf(properties, at) {
  const { code, label, colour, shape, number } = properties;
  const counts =
    number === undefined
      ? null
      : Object.fromEntries(COLOURS.map((name) => [name, Number(properties[name] ?? 0)]).filter(([, many]) => many));
  return {
    ...at,
    code: String(code ?? ""),
    label: String(label ?? ""),
    colour: String(colour ?? ""),
    shape: String(shape ?? ""),
    counts,
  };
}
