/**
 * The map on a page of the open door: a whole collection as its tiles have it, or the items that the page lists, each
 * with its row. It draws what `/ogc` answers and nothing else.
 */
import { Map as LeafletMap, canvas, circleMarker, control, geoJSON, latLngBounds } from "leaflet";
import { getJson } from "../api.js";
import { language, say } from "../messages.js";
import { linePaint } from "./line-layer.js";
import { referencePaint } from "./reference-layer.js";
import { colour } from "./theme.js";
import { referenceView, viewOf } from "./tile-source.js";
import { unitLabels, unitPaint } from "./unit-layer.js";
import { VectorTiles } from "./vector-tiles.js";

const CLOSEST = 15;

/** @param {HTMLElement} element with `data-features`, the address of items, or `data-collection` and `data-bounds` */
export async function showDoorMap(element) {
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = new LeafletMap(element, { zoomControl: false, attributionControl: false, minZoom: 2, maxZoom: 18, zoomAnimation: !still, fadeAnimation: false, scrollWheelZoom: false });
  map.createPane("ground").style.zIndex = "250";
  control.zoom({ zoomInTitle: say("map.zoom_in"), zoomOutTitle: say("map.zoom_out") }).addTo(map);
  control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
  element.setAttribute("role", "application");
  const { features, collection, bounds, title = "" } = element.dataset;
  const ground = new VectorTiles({ pane: "ground", keepBuffer: 1, updateWhenIdle: true, className: "ground" });
  const views = new Map([["units", viewOf("units", null)], ["lines", viewOf("lines", null)]]);
  const paint = [...unitPaint({ over_basemap: false }), ...linePaint()];
  if (collection) {
    views.set("shown", referenceView(collection));
    paint.push(...referencePaint("shown", collection));
    const [west = 109.3, south = 19.5, east = 111.2, north = 20.3] = (bounds ?? "").split(",").filter(Boolean).map(Number);
    element.setAttribute("aria-label", title);
    map.fitBounds([[south, west], [north, east]], { animate: false });
  } else map.fitBounds(await items(map, String(features), element), { animate: false, padding: [24, 24], maxZoom: CLOSEST });
  ground.draw({ views, paint, labels: unitLabels({ pinyin: language() === "en" }) });
  ground.on("load", () => (element.dataset.drawn = ""));
  ground.addTo(map);
}

/**
 * Draws the items, ties each to its row, and gives the ground that they take.
 * @param {LeafletMap} map @param {string} address @param {HTMLElement} element
 */
async function items(map, address, element) {
  const found = /** @type {any} */ (await getJson(address));
  const ink = colour("map-selected");
  const quiet = { renderer: canvas({ padding: 0.3 }), color: ink, weight: 2, opacity: 0.8, fillOpacity: 0.1 };
  const drawn = geoJSON(found, {
    style: quiet,
    pointToLayer: (_feature, at) => circleMarker(at, { ...quiet, radius: 6, fillOpacity: 0.6 }),
    onEachFeature: ({ id }, layer) => tie(/** @type {any} */ (layer), rowOf(String(id)), quiet),
  }).addTo(map);
  const count = found.features?.length ?? 1;
  element.setAttribute("aria-label", say("door.map", { title: element.dataset.title ?? "", count }));
  const ground = drawn.getBounds();
  return ground.isValid() ? ground : latLngBounds([[18, 108.4], [20.3, 111.2]]);
}

/** @param {string} id @returns {HTMLElement | null} */
function rowOf(id) {
  return document.querySelector(`tr[data-item="${CSS.escape(id)}"]`);
}

/**
 * The pointer on either shows the other; a click on the map goes to the row.
 * @param {import("leaflet").Path} shape @param {HTMLElement | null} row @param {import("leaflet").PathOptions} quiet
 */
function tie(shape, row, quiet) {
  if (!row) return;
  const mark = (/** @type {boolean} */ on) => {
    row.classList.toggle("marked", on);
    shape.setStyle(on ? { ...quiet, weight: 4, fillOpacity: 0.3 } : quiet);
    if (on) shape.bringToFront();
  };
  shape.on("mouseover", () => mark(true)).on("mouseout", () => mark(false));
  shape.on("click", () => row.querySelector("a")?.focus());
  for (const [event, on] of /** @type {const} */ ([["mouseenter", true], ["mouseleave", false], ["focusin", true], ["focusout", false]])) row.addEventListener(event, () => mark(on));
}
