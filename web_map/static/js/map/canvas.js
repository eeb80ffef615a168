/**
 * The map itself: panes, layers, pointer and keyboard. It draws what the page state says and tells in events what the
 * reader points at; it asks the service for nothing but tiles and writes no panel.
 *
 * Events: `pick` {kind, code, level, lon, lat} · `gathered` {points} · `point` {lon, lat} · `moved` {zoom, lat, lon} · `busy` {busy, ground, markers} ·
 * `problem` {error}.
 */
import { LatLngBounds, Map as LeafletMap, control, geoJSON, tooltip } from "leaflet";
import { make } from "../elements.js";
import { language } from "../messages.js";
import { basemapLayer } from "./basemap-layer.js";
import { lineAt, lineHighlight, linePaint } from "./line-layer.js";
import { MarkerLayer } from "./marker-layer.js";
import { markerTip } from "./marker-tip.js";
import { REFERENCE } from "../references.js";
import { referenceLabels, referencePaint, referencesAt } from "./reference-layer.js";
import { showReferences } from "./reference-popup.js";
import { referenceView, viewOf } from "./tile-source.js";
import { sameUnit, unitAt, unitHighlight, unitLabels, unitPaint } from "./unit-layer.js";
import { VectorTiles } from "./vector-tiles.js";

/** @typedef {import("../state.js").PageState} PageState */
/** @typedef {import("leaflet").LatLng} LatLng */
/** @typedef {import("./unit-layer.js").UnitMark} UnitMark */

const PANES = { basemap: 200, ground: 250, highlight: 300, markers: 350 };
/** Where the map looks until it knows better: Hainan. */
const HAINAN = new LatLngBounds([18.1, 108.6], [20.2, 111.1]);

export class MapCanvas extends EventTarget {
  #map;
  #ground = new VectorTiles({ pane: "ground", keepBuffer: 3, updateWhenIdle: false, className: "ground" });
  #highlight = new VectorTiles({ pane: "highlight", keepBuffer: 2, className: "highlight" });
  #markers = new MarkerLayer({ pane: "markers" });
  #views = { units: viewOf("units", null), lines: viewOf("lines", null) };
  /** Of layers for reference that were switched on. @type {Map<string, import("protomaps-leaflet").View>} */
  #references = new Map();
  /** What is known of them, by name. @type {Map<string, import("../references.js").ReferenceLayer>} */
  #known = new Map();
  /** Those that are drawn, the topmost last. @type {readonly string[]} */
  #drawn = [];
  /** @type {import("leaflet").TileLayer | null} */
  #basemap = null;
  #tip = tooltip({ className: "map-tip", direction: "top", offset: [0, -10], opacity: 1 });
  /** @type {UnitMark | null} */
  #hovered = null;
  /** @type {{unit: UnitMark | null, line: string | null}} */
  #chosen = { unit: null, line: null };
  #frame = 0;

  /**
   * @param {HTMLElement} element
   * @param {PageState} state
   * @param {object | null} home GeoJSON of where to look when the state does not say
   */
  constructor(element, state, home) {
    super();
    this.#map = new LeafletMap(element, {
      zoomControl: false,
      attributionControl: false,
      minZoom: 4,
      maxZoom: 18,
      zoomSnap: 1,
      fadeAnimation: false,
      zoomAnimation: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      inertia: !matchMedia("(prefers-reduced-motion: reduce)").matches,
    });
    for (const [name, order] of Object.entries(PANES)) this.#map.createPane(name).style.zIndex = String(order);
    control.scale({ imperial: false, maxWidth: 140, position: "bottomleft" }).addTo(this.#map);
    if (state.view) this.look(state.view);
    else this.#map.fitBounds(HAINAN);
    if (!state.view && home) this.show(home, { right_px: 0, bottom_px: 34 });
    this.#listen();
    this.date(state);
    this.#ground.addTo(this.#map);
  }

  /** Draws the ground of the state's date, layers and background. @param {PageState} state */
  date(state) {
    this.#views = { units: viewOf("units", state.as_of), lines: viewOf("lines", state.as_of) };
    this.draw(state);
    this.select(state);
  }

  /** Layers for reference as they are now: a layer that was replaced or looks otherwise is drawn anew. @param {import("../references.js").ReferenceLayer[]} layers @param {PageState} state */
  know(layers, state) {
    for (const { name, id } of layers) if (this.#known.get(name)?.id !== id) this.#references.delete(name);
    this.#known = new Map(layers.map((layer) => [layer.name, layer]));
    if (references(state.layers).length > 0) this.draw(state);
  }

  /** @param {PageState} state */
  draw({ layers, basemap }) {
    this.#drawn = references(layers);
    const style = (/** @type {string} */ name) => this.#known.get(name)?.style;
    this.#ground.draw({
      views: this.#shown(layers),
      paint: [
        ...(layers.includes("units") ? unitPaint({ over_basemap: basemap !== null }) : []),
        ...this.#drawn.flatMap((name) => referencePaint(REFERENCE + name, name, style(name))),
        ...(layers.includes("lines") ? linePaint() : []),
      ],
      labels: [
        ...(layers.includes("labels") ? unitLabels({ pinyin: language() === "en" }) : []),
        ...this.#drawn.flatMap((name) => referenceLabels(REFERENCE + name, name, style(name))),
      ],
    });
  }

  /** Marks what is chosen and what is under the pointer. @param {PageState} state */
  select({ selected }) {
    const unit = selected?.kind === "unit" ? selected : null;
    const line = selected?.kind === "line" ? selected.code : null;
    this.#chosen = { unit, line };
    this.#markers.choose(selected?.kind === "marker" ? selected.code : null);
    this.#mark();
  }

  /**
   * Shows the markers that the state asks for, by these signs; none while their layer is off.
   * @param {PageState} state
   * @param {import("./marker-layer.js").NamedSign[]} signs
   */
  markers({ layers, as_of, profile, filter }, signs) {
    if (!layers.includes("markers")) {
      this.#markers.remove();
      return;
    }
    this.#markers.ask({ as_of, profile, ...filter }, signs);
    this.#markers.addTo(this.#map);
  }

  /** A record has changed what markers show. */
  markersAnew() {
    this.#markers.reload();
  }

  /** The same signs in another language. @param {import("./marker-layer.js").NamedSign[]} signs */
  wordMarkers(signs) {
    this.#markers.word(signs);
  }

  /** @param {import("./basemap-layer.js").Basemap | undefined} basemap */
  background(basemap) {
    this.#basemap?.remove();
    this.#basemap = basemap ? basemapLayer(basemap).addTo(this.#map) : null;
    this.#basemap?.on("tileerror", () => this.#tell("problem", { error: new Error("basemap"), basemap: true }));
  }

  /** @param {{zoom: number, lat: number, lon: number}} view */
  look({ zoom, lat, lon }) {
    this.#map.setView([lat, lon], zoom, { animate: false });
  }

  /**
   * Brings a geometry into the part of the map that nothing covers.
   * @param {object | null} geometry GeoJSON, EPSG:4490
   * @param {{right_px: number, bottom_px: number}} covered
   */
  show(geometry, covered) {
    if (!geometry) return;
    const bounds = geoJSON(/** @type {any} */ (geometry)).getBounds();
    if (!bounds.isValid()) return;
    this.#map.fitBounds(bounds, {
      paddingTopLeft: [72, 24],
      paddingBottomRight: [covered.right_px + 24, covered.bottom_px + 24],
      maxZoom: 13,
      animate: false,
    });
  }

  /**
   * Moves the map as little as needed for a position not to be covered.
   * @param {{lon: number, lat: number}} at
   * @param {{right_px: number, bottom_px: number}} covered
   */
  uncover({ lon, lat }, covered) {
    this.#map.panInside([lat, lon], {
      paddingTopLeft: [24, 24],
      paddingBottomRight: [covered.right_px + 24, covered.bottom_px + 48],
      animate: false,
    });
  }

  /** Puts a layer of another part of the page on the map. @param {import("leaflet").Layer} layer */
  carry(layer) {
    layer.addTo(this.#map);
  }

  /** @param {import("leaflet").Layer} layer */
  drop(layer) {
    layer.remove();
  }

  zoomBy(/** @type {number} */ steps) {
    this.#map.setZoom(this.#map.getZoom() + steps);
  }

  /** The container changed its size, e.g. for printing. */
  resized() {
    this.#map.invalidateSize({ animate: false });
  }

  /** Where the map looks. */
  get view() {
    const { lat, lng } = this.#map.getCenter();
    return { zoom: this.#map.getZoom(), lat, lon: lng };
  }

  /** Fetches again what failed. */
  retry() {
    this.#ground.repaint();
    this.#markers.reload();
  }

  #mark() {
    const { unit, line } = this.#chosen;
    // Put on the map with the first mark only: a page that shows none paints half the canvases.
    if (unit || line || this.#hovered) this.#highlight.addTo(this.#map);
    this.#highlight.draw({
      views: new Map(Object.entries(this.#views)),
      paint: [...unitHighlight({ hovered: this.#hovered, selected: unit }), ...lineHighlight(line)],
      labels: [],
    });
  }

  /** @param {readonly string[]} layers */
  #shown(layers) {
    const { units, lines } = this.#views;
    const wanted = new Map();
    if (layers.includes("units") || layers.includes("labels")) wanted.set("units", units);
    if (layers.includes("lines")) wanted.set("lines", lines);
    for (const name of references(layers)) {
      const view = this.#references.get(name) ?? referenceView(name);
      this.#references.set(name, view);
      wanted.set(REFERENCE + name, view);
    }
    return wanted;
  }

  #listen() {
    const map = this.#map;
    map.on("moveend", () => this.#tell("moved", this.view));
    map.on("mousemove", ({ latlng }) => this.#pointed(latlng));
    map.on("mouseout", () => this.#hover(null));
    map.on("click", ({ latlng }) => this.#pick(latlng));
    map.getContainer().addEventListener("keydown", (event) => {
      if (event.target !== map.getContainer() || event.key !== "Enter") return;
      this.#tell("point", lonLat(map.getCenter()));
      this.#pick(map.getCenter());
    });
    this.#markers.on("problem", (event) => this.#tell("problem", { error: /** @type {any} */ (event).error }));
    const at_work = { ground: false, markers: false };
    const working = (/** @type {Partial<typeof at_work>} */ change) => {
      Object.assign(at_work, change);
      this.#tell("busy", { busy: at_work.ground || at_work.markers, ...at_work });
    };
    this.#markers.on("loading", () => working({ markers: true }));
    this.#markers.on("load", () => working({ markers: false }));
    this.#ground.on("loading", () => working({ ground: true }));
    this.#ground.on("load", () => working({ ground: false }));
    this.#ground.on("problem", (event) => this.#tell("problem", { error: /** @type {any} */ (event).error }));
  }

  /** @param {LatLng} at */
  #pointed(at) {
    cancelAnimationFrame(this.#frame);
    this.#frame = requestAnimationFrame(() => {
      this.#tell("point", lonLat(at));
      const marker = this.#markers.at(at);
      const unit = marker ? null : unitAt(this.#views.units, at, this.#map.getZoom());
      this.#hover(unit);
      this.#map.getContainer().classList.toggle("over-marker", marker !== null);
      if (marker && !matchMedia("(hover: none)").matches) {
        const place = { lat: marker.lat, lng: marker.lon };
        this.#tip.setContent(markerTip(marker, this.#markers.sharesOf(marker))).setLatLng(place).addTo(this.#map);
      }
      if (!unit || matchMedia("(hover: none)").matches) return; // a finger would stand on it
      const name = language() === "en" && unit.pinyin ? unit.pinyin : unit.name;
      // An element, not a string: Leaflet would read a string as markup.
      this.#tip.setContent(make("span", {}, name)).setLatLng(at).addTo(this.#map);
    });
  }

  /** @param {UnitMark | null} unit */
  #hover(unit) {
    if (unit === null) {
      cancelAnimationFrame(this.#frame);
      this.#tip.remove();
    }
    if (unit === this.#hovered || (unit && this.#hovered && sameUnit(unit, this.#hovered))) return;
    this.#hovered = unit;
    this.#map.getContainer().classList.toggle("over-unit", unit !== null);
    this.#mark();
  }

  /** @param {LatLng} at @param {{through?: boolean}} [how] whether layers for reference are passed over */
  #pick(at, { through = false } = {}) {
    const zoom = this.#map.getZoom();
    const marker = this.#markers.at(at);
    if (marker) {
      this.#pickMarker(marker);
      return;
    }
    const found = through ? [] : this.#referencesAt(at);
    if (found.length > 0) {
      showReferences(this.#map, at, found, () => this.#pick(at, { through: true }));
      return;
    }
    const line = lineAt(this.#views.lines, at, zoom);
    const unit = unitAt(this.#views.units, at, zoom);
    if (line) this.#tell("pick", { kind: "line", code: line.line_code, ...lonLat(at) });
    else if (unit) this.#tell("pick", { kind: "unit", code: unit.code, level: unit.level, ...lonLat(at) });
    else this.#tell("pick", { kind: null, ...lonLat(at) });
  }

  /** @param {LatLng} at */
  #referencesAt(at) {
    const shown = this.#drawn.flatMap((name) => {
      const [layer, view] = [this.#known.get(name), this.#references.get(name)];
      return layer && view ? [{ layer, view }] : [];
    });
    return referencesAt(shown, at, this.#map.getZoom());
  }

  /** One marker is chosen; a group is opened, or listed where it never falls apart. @param {import("./marker-layer.js").Item} item */
  #pickMarker(item) {
    const { lon, lat } = item;
    if (item.code) {
      this.#tell("pick", { kind: "marker", code: item.code, lon, lat });
      return;
    }
    const opens = item.group === null ? this.#map.getZoom() + 2 : this.#markers.opensAt(item);
    if (opens === null) this.#tell("gathered", { points: this.#markers.pointsOf(item) });
    else this.#map.setView([lat, lon], Math.min(opens, this.#map.getMaxZoom()));
  }

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** @param {LatLng} at */
function lonLat(at) {
  const { lat, lng } = at.wrap();
  return { lon: lng, lat };
}

/** Names of the layers for reference among those switched on. @param {readonly string[]} layers */
function references(layers) {
  return layers.filter((name) => name.startsWith(REFERENCE)).map((name) => name.slice(REFERENCE.length));
}
