/**
 * A Leaflet layer that paints features of several tile layers on one canvas a tile, with labels that do not collide.
 * The rules say what is painted; the layer repaints in place when rules, date or language change, without a blank
 * moment. It asks the service for nothing itself.
 */
import Point from "@mapbox/point-geometry";
import { GridLayer } from "leaflet";
import { Labelers, paint } from "protomaps-leaflet";
import { isAbort } from "../api.js";

/** @typedef {import("protomaps-leaflet").View} View */
/** @typedef {import("protomaps-leaflet").PaintRule} PaintRule */
/** @typedef {import("protomaps-leaflet").LabelRule} LabelRule */
/** @typedef {import("protomaps-leaflet").PreparedTile} PreparedTile */
/** @typedef {import("leaflet").Coords} Coords */
/** @typedef {{views: Map<string, View>, paint: PaintRule[], labels: LabelRule[]}} Drawing */

const TILE_PX = 256;
/** Labels and strokes of neighbouring ground reach this far into a tile. */
const REACH_PX = 32;
/** Data tiles whose labels are kept; a 4K screen shows about 50. */
const LABELLED_TILES = 96;

export class VectorTiles extends GridLayer {
  /** @type {Drawing} */
  #drawing = { views: new Map(), paint: [], labels: [] };
  #labelers = this.#newLabelers();
  /** Which drawing a canvas is waiting for; a later one makes the earlier void. @type {WeakMap<object, number>} */
  #turns = new WeakMap();

  /** @param {Partial<Drawing>} drawing what differs from before; everything visible is painted again */
  draw(drawing) {
    this.#drawing = { ...this.#drawing, ...drawing };
    this.#labelers = this.#newLabelers();
    this.repaint();
  }

  repaint() {
    for (const { coords, el } of this.#tiles()) this.#render(coords, /** @type {HTMLCanvasElement} */ (el));
  }

  /** @override @param {Coords} coords @param {import("leaflet").DoneCallback} done */
  createTile(coords, done) {
    const canvas = document.createElement("canvas");
    canvas.setAttribute("aria-hidden", "true");
    this.#render(coords, canvas).then(
      () => done(undefined, canvas),
      (/** @type {Error} */ error) => done(error, canvas),
    );
    return canvas;
  }

  /** @param {Coords} coords @param {HTMLCanvasElement} canvas */
  async #render(coords, canvas) {
    const turn = (this.#turns.get(canvas) ?? 0) + 1;
    this.#turns.set(canvas, turn);
    const drawing = this.#drawing;
    const prepared = await this.#prepared(coords, drawing);
    if (this.#turns.get(canvas) !== turn || drawing !== this.#drawing) return;
    this.#labelers.add(coords.z, prepared);
    this.#paint(coords, canvas, prepared);
  }

  /** @param {Coords} coords @param {Drawing} drawing */
  async #prepared(coords, drawing) {
    /** @type {Map<string, PreparedTile[]>} */
    const prepared = new Map();
    await Promise.all(
      [...drawing.views].map(async ([name, view]) => {
        try {
          prepared.set(name, [await view.getDisplayTile(coords)]);
        } catch (error) {
          if (!isAbort(error)) this.fire("problem", { error });
        }
      }),
    );
    return prepared;
  }

  /** @param {Coords} coords @param {HTMLCanvasElement} canvas @param {Map<string, PreparedTile[]>} prepared */
  #paint(coords, canvas, prepared) {
    const ratio = window.devicePixelRatio;
    canvas.width = canvas.height = Math.round(TILE_PX * ratio);
    const context = canvas.getContext("2d");
    if (!context) return;
    context.setTransform(canvas.width / TILE_PX, 0, 0, canvas.height / TILE_PX, 0, 0);
    const origin = new Point(TILE_PX * coords.x, TILE_PX * coords.y);
    const box = {
      minX: origin.x - REACH_PX,
      minY: origin.y - REACH_PX,
      maxX: origin.x + TILE_PX + REACH_PX,
      maxY: origin.y + TILE_PX + REACH_PX,
    };
    const labels = this.#labelers.getIndex(coords.z) ?? null;
    paint(context, coords.z, prepared, labels, this.#drawing.paint, box, origin, false);
  }

  #newLabelers() {
    const scratch = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
    const rules = this.#drawing?.labels ?? [];
    return new Labelers(scratch, rules, LABELLED_TILES, (stale) => this.#relabel(stale));
  }

  /** Paints the tiles again into which a label of later data reaches. @param {Set<string>} stale `x:y:z` */
  #relabel(stale) {
    for (const { coords, el } of this.#tiles()) {
      const { x, y, z } = this.#wrapped(coords);
      if (stale.has(`${x}:${y}:${z}`)) this.#render(coords, /** @type {HTMLCanvasElement} */ (el));
    }
  }

  /** @param {Coords} coords */
  #wrapped(coords) {
    return /** @type {any} */ (this)._wrapCoords(coords);
  }

  /** Leaflet's own record of the tiles on screen. @returns {{coords: Coords, el: HTMLElement}[]} */
  #tiles() {
    return Object.values(/** @type {any} */ (this)._tiles ?? {});
  }
}
