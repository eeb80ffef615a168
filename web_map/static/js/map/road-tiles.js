/** The streets that walks are measured along, as tiles: walked, closed to walkers, or an island that nothing leads to. */
import { stroke } from "./line-layer.js";
import { STROKES } from "./strokes.js";
import { colour } from "./theme.js";
import { viewOf } from "./tile-source.js";
import { VectorTiles } from "./vector-tiles.js";

/** @typedef {"walked" | "closed" | "island"} Street */

/** Each its stroke, so that it is told without its colour. @type {Record<Street, {stroke: string, ink: string}>} */
export const STREETS = {
  walked: { stroke: "solid", ink: "plan-street" },
  closed: { stroke: "dash", ink: "ink-2" },
  island: { stroke: "dot", ink: "plan-gap-deep" },
};
const WIDTH_PX = 1.1;

/** @returns {VectorTiles} a layer to be carried by a map; tiles are for those who are signed in */
export function roadTiles() {
  const layer = new VectorTiles({ pane: "overlayPane", keepBuffer: 1, updateWhenIdle: true, minZoom: 10, className: "road-tiles" });
  const paint = /** @type {Street[]} */ (Object.keys(STREETS)).map((street) => ({
    dataSource: "roads",
    dataLayer: "roads",
    filter: (/** @type {number} */ _zoom, /** @type {import("protomaps-leaflet").Feature} */ { props }) => kindOf(props) === street,
    symbolizer: {
      /** @param {CanvasRenderingContext2D} context @param {any} geom */
      draw(context, geom) {
        stroke(context, geom, { width_px: WIDTH_PX, ink: colour(STREETS[street].ink), dashes: STROKES[STREETS[street].stroke] });
      },
    },
  }));
  layer.draw({ views: new Map([["roads", viewOf("roads", null)]]), paint });
  return layer;
}

/** @param {Record<string, unknown>} props @returns {Street} */
function kindOf({ walkable, island }) {
  if (walkable === false) return "closed";
  return island === true ? "island" : "walked";
}
