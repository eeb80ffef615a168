/**
 * Vector tiles of this service as features ready to draw. Asks through js/api.js, so that a refused tile is an error
 * and not an empty one; draws nothing.
 */
import { VectorTile } from "@mapbox/vector-tile";
import Pbf from "pbf";
import { TileCache, View } from "protomaps-leaflet";
import { getBytes } from "../api.js";

/** A data tile is drawn over 2 × 2 tiles of the screen: a quarter of the requests. */
const LEVEL_DIFFERENCE = 1;
const DATA_TILE_PX = 256 << LEVEL_DIFFERENCE;
/** Tiles are not cut finer than this; beyond, the same data is drawn larger. */
const DEEPEST_DATA_ZOOM = 15;

/** @typedef {import("protomaps-leaflet").Feature} Feature */
/** @typedef {import("protomaps-leaflet").Zxy} Zxy */

/** One layer of tiles: of `/tiles` as it stood on a date, or one for reference. */
class ServiceTiles {
  #path;
  #ending;
  #query;
  /** @type {{z: number, controller: AbortController}[]} */
  #waiting = [];

  /** @param {{path: string, ending?: string, query?: {as_of: string | null}}} where */
  constructor({ path, ending = "", query = { as_of: null } }) {
    this.#path = path;
    this.#ending = ending;
    this.#query = query;
  }

  /**
   * @param {Zxy} at
   * @param {number} tile_px
   * @returns {Promise<Map<string, Feature[]>>}
   */
  async get({ z, x, y }, tile_px) {
    this.#forgetOtherZooms(z);
    const controller = new AbortController();
    const wait = { z, controller };
    this.#waiting.push(wait);
    try {
      return features(await getBytes(`${this.#path}/${z}/${x}/${y}${this.#ending}`, this.#query, controller.signal), tile_px);
    } finally {
      this.#waiting = this.#waiting.filter((each) => each !== wait);
    }
  }

  /** Nobody looks at a zoom that was left; its answers need not be waited for. */
  #forgetOtherZooms(/** @type {number} */ z) {
    for (const { controller } of this.#waiting.filter((each) => each.z !== z)) controller.abort();
  }
}

/**
 * A layer of tiles with its cache, for every map layer that draws or queries it.
 * @param {string} layer `units` or `lines`
 * @param {string | null} as_of ISO date, null for today
 */
export function viewOf(layer, as_of) {
  return view(new ServiceTiles({ path: `tiles/${layer}`, ending: ".mvt", query: { as_of } }));
}

/**
 * A layer for reference, as it stands.
 * @param {string} name of its collection
 */
export function referenceView(name) {
  return view(new ServiceTiles({ path: `ogc/collections/${encodeURIComponent(name)}/tiles/WebMercatorQuad` }));
}

/** @param {ServiceTiles} tiles */
function view(tiles) {
  return new View(new TileCache(tiles, DATA_TILE_PX), DEEPEST_DATA_ZOOM, LEVEL_DIFFERENCE);
}

/**
 * @param {ArrayBuffer} bytes a Mapbox vector tile
 * @param {number} tile_px width that the tile shall have in the features' coordinates
 * @returns {Map<string, Feature[]>}
 */
function features(bytes, tile_px) {
  const { layers } = new VectorTile(new Pbf(bytes));
  return new Map(
    Object.entries(layers).map(([name, layer]) => [
      name,
      Array.from({ length: layer.length }, (_, index) => scaled(layer.feature(index), tile_px / layer.extent)),
    ]),
  );
}

/** @param {import("@mapbox/vector-tile").VectorTileFeature} raw @param {number} scale @returns {Feature} */
function scaled(raw, scale) {
  const geom = raw.loadGeometry().map((part) => part.map((point) => point.mult(scale)));
  const box = { minX: Infinity, minY: Infinity, maxX: -Infinity, maxY: -Infinity };
  let count = 0;
  for (const part of geom) {
    count += part.length;
    for (const { x, y } of part) {
      box.minX = Math.min(box.minX, x);
      box.minY = Math.min(box.minY, y);
      box.maxX = Math.max(box.maxX, x);
      box.maxY = Math.max(box.maxY, y);
    }
  }
  return { props: raw.properties, bbox: box, geomType: /** @type {any} */ (raw.type), geom, numVertices: count };
}
