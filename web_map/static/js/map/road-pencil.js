/**
 * Draws a road or a place on a road map, with the mouse or with the keys alone: a click or Enter sets a point, Backspace
 * takes the last one back, Escape ends. It keeps positions and tells when they change; it asks the service for nothing.
 */
import { circleMarker, divIcon, layerGroup, marker, polyline } from "leaflet";
import { make } from "../elements.js";
import { colour } from "./theme.js";

/** @typedef {"line" | "point"} Shape */
/** @typedef {[number, number]} Position lon, lat, EPSG:4490 */

/** Clicks nearer to the last point than this are the same click, such as the second of two that end a line. */
const SAME_PX = 6;
const FINE_PX = 6;
const MOST_HANDLES = 80;
/** @type {Record<string, [number, number]>} */
const FINE_STEPS = { ArrowLeft: [-FINE_PX, 0], ArrowRight: [FINE_PX, 0], ArrowUp: [0, -FINE_PX], ArrowDown: [0, FINE_PX] };

export class RoadPencil {
  #map;
  #layer = layerGroup();
  #cross = make("div", { class: "cross", "aria-hidden": "true" });
  /** @type {Shape} */
  #shape = "line";
  /** @type {Position[]} */
  #positions = [];
  #drawing = false;

  /**
   * @param {import("./road-map.js").RoadMap} roads
   * @param {{moved: () => void, ended: () => void}} told after each change of the positions; when drawing ends by a key or click
   */
  constructor(roads, { moved, ended }) {
    this.#map = roads.leaflet;
    this.moved = moved;
    this.ended = ended;
    this.#layer.addTo(this.#map);
    this.#map.on("click", ({ latlng }) => this.#clicked(latlng));
    this.#map.on("dblclick", () => this.#drawing && this.#shape === "line" && this.#end());
    // before Leaflet's own keys, which move the map by a step too long for a road's bend
    this.#map.getContainer().addEventListener("keydown", (event) => this.#key(event), { capture: true });
  }

  get drawing() {
    return this.#drawing;
  }

  get positions() {
    return this.#positions;
  }

  /** What is drawn so far, null where it is not yet a line. */
  get geometry() {
    const [first] = this.#positions;
    if (this.#shape === "point") return first ? { type: "Point", coordinates: first } : null;
    return this.#positions.length > 1 ? { type: "LineString", coordinates: this.#positions } : null;
  }

  /**
   * Begins to draw, or goes on with what is there.
   * @param {Shape} shape
   * @param {Position[]} [positions]
   */
  start(shape, positions = []) {
    this.#shape = shape;
    this.#positions = positions.map(([lon, lat]) => [lon, lat]);
    this.#drawing = true;
    this.#map.doubleClickZoom.disable();
    this.#map.getContainer().append(this.#cross);
    this.#draw();
  }

  /** Sets a point where the map is looked at. */
  addAtCentre() {
    this.#add(this.#map.getCenter());
  }

  undo() {
    if (this.#positions.length === 0) return;
    this.#positions = this.#positions.slice(0, -1);
    this.#changed();
  }

  /** Ends the drawing; what is drawn stays to the one who asked for it. */
  stop() {
    this.#drawing = false;
    this.#map.doubleClickZoom.enable();
    this.#cross.remove();
    this.#layer.clearLayers();
  }

  /** West, south, east, north of what is seen, and how near. */
  get view() {
    const box = this.#map.getBounds();
    return { box: [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()], zoom: this.#map.getZoom() };
  }

  /** @param {() => void} listener */
  onView(listener) {
    this.#map.on("moveend", listener);
  }

  #end() {
    this.stop();
    this.ended();
  }

  /** @param {import("leaflet").LatLng} at */
  #clicked(at) {
    if (!this.#drawing) return;
    const last = this.#positions.at(-1);
    const apart = last && this.#map.latLngToContainerPoint([last[1], last[0]]).distanceTo(this.#map.latLngToContainerPoint(at));
    if (apart !== undefined && apart < SAME_PX) return;
    this.#add(at);
  }

  /** @param {import("leaflet").LatLng} at */
  #add({ lng, lat }) {
    if (!this.#drawing) return;
    const position = /** @type {Position} */ ([rounded(lng), rounded(lat)]);
    const last = this.#positions.at(-1);
    if (last && last[0] === position[0] && last[1] === position[1]) return;
    this.#positions = this.#shape === "point" ? [position] : [...this.#positions, position];
    this.#changed();
  }

  #changed() {
    this.#draw();
    this.moved();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!this.#drawing || event.target !== this.#map.getContainer() || event.ctrlKey || event.altKey || event.metaKey) return;
    const fine = event.shiftKey ? FINE_STEPS[event.key] : undefined;
    /** @type {Record<string, () => void>} */
    const acts = { Enter: () => this.addAtCentre(), Backspace: () => this.undo(), Delete: () => this.undo(), Escape: () => this.#end() };
    const act = fine ? () => this.#map.panBy(fine, { animate: false }) : acts[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  #draw() {
    this.#layer.clearLayers();
    const path = this.#positions.map(([lon, lat]) => /** @type {[number, number]} */ ([lat, lon]));
    if (path.length > 1) polyline(path, { color: colour("map-selected"), weight: 5, interactive: false }).addTo(this.#layer);
    if (path.length > MOST_HANDLES) {
      circleMarker(path[path.length - 1], { color: colour("map-selected"), radius: 6, interactive: false }).addTo(this.#layer);
      return;
    }
    path.forEach((at, place) => this.#handle(at, place));
  }

  /** A point that the mouse can drag; keys take points back and set them anew. @param {[number, number]} at @param {number} place */
  #handle(at, place) {
    const icon = divIcon({ className: `vertex${place === this.#positions.length - 1 ? " last" : ""}`, iconSize: [14, 14] });
    const handle = marker(at, { icon, draggable: true, keyboard: false, bubblingMouseEvents: true }).addTo(this.#layer);
    handle.on("dragend", () => {
      const { lng, lat } = handle.getLatLng();
      this.#positions = this.#positions.map((each, index) => (index === place ? [rounded(lng), rounded(lat)] : each));
      this.#changed();
    });
  }
}

/** Degrees to about a centimetre, as the service writes them. @param {number} degrees */
function rounded(degrees) {
  return Math.round(degrees * 1e7) / 1e7;
}
