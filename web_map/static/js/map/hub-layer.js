/**
 * Hubs of a plan on the map: they can be dragged, chosen and put down. It tells in events what the planner does and
 * changes no plan itself.
 *
 * Events: `drag` {id, lon, lat, ended} · `choose` {id} · `put` {lon, lat}.
 */
import { Layer, circle, divIcon, geoJSON, latLng, layerGroup, marker } from "leaflet";
import { make } from "../elements.js";
import { colour } from "./theme.js";

/** @typedef {import("../hubs.js").PlacedHub} PlacedHub */

export class HubLayer extends Layer {
  /** @type {Map<string, import("leaflet").Marker>} */
  #markers = new Map();
  #group = layerGroup();
  #areas = layerGroup();
  #circles = layerGroup();
  #putting = false;
  events = new EventTarget();

  /** @override @param {import("leaflet").Map} map */
  onAdd(map) {
    this.#areas.addTo(map);
    this.#circles.addTo(map);
    this.#group.addTo(map);
    // Before Leaflet hears of it: a place for a hub is not a choice of a unit.
    map.getContainer().addEventListener("click", this.#caught, true);
    return this;
  }

  /** @override @param {import("leaflet").Map} map */
  onRemove(map) {
    map.getContainer().removeEventListener("click", this.#caught, true);
    for (const group of [this.#areas, this.#circles, this.#group]) group.remove();
    this.put(false);
    return this;
  }

  /** Whether the next click puts a hub down. @param {boolean} putting */
  put(putting) {
    this.#putting = putting;
    document.documentElement.toggleAttribute("data-putting", putting);
  }

  /**
   * Shows these hubs; those that stay keep their element, so that a drag goes on.
   * @param {PlacedHub[]} hubs
   * @param {{chosen: string | null, limit_m: number, circles: boolean}} state
   */
  show(hubs, { chosen, limit_m, circles }) {
    const wanted = new Set(hubs.map(({ id }) => id));
    for (const [id, drawn] of this.#markers) {
      if (wanted.has(id)) continue;
      drawn.remove();
      this.#markers.delete(id);
    }
    for (const hub of hubs) this.#draw(hub, hub.id === chosen);
    this.#circles.clearLayers();
    if (!circles) return;
    for (const { lon, lat } of hubs) {
      circle([lat, lon], { radius: limit_m, interactive: false, weight: 1, dashArray: "4 4", color: colour("plan-hub"), fill: false }).addTo(this.#circles);
    }
  }

  /** @param {object | null} areas GeoJSON */
  drawAreas(areas) {
    this.#areas.clearLayers();
    if (!areas) return;
    const style = { color: colour("plan-hub"), weight: 1.2, fillOpacity: 0.1, interactive: false };
    geoJSON(/** @type {any} */ (areas), { style, interactive: false }).addTo(this.#areas);
  }

  /** @param {{lon: number, lat: number}} at */
  look({ lon, lat }) {
    const map = /** @type {import("leaflet").Map} */ (/** @type {any} */ (this)._map);
    map.setView(latLng(lat, lon), Math.max(map.getZoom(), 13));
  }

  /** @param {PlacedHub} hub @param {boolean} chosen */
  #draw(hub, chosen) {
    const icon = divIcon({
      className: `hub-sign hub-${hub.status}${chosen ? " hub-chosen" : ""}`,
      html: make("span", {}),
      iconSize: [22, 22],
    });
    const known = this.#markers.get(hub.id);
    if (known) {
      if (!known.getElement()?.classList.contains("leaflet-drag-target")) known.setLatLng([hub.lat, hub.lon]);
      known.getElement()?.classList.toggle("hub-chosen", chosen);
      return;
    }
    const drawn = marker([hub.lat, hub.lon], { icon, draggable: true, title: hub.name, alt: hub.name, bubblingMouseEvents: false });
    const tell = (/** @type {boolean} */ ended) => {
      const { lat, lng } = drawn.getLatLng();
      this.#tell("drag", { id: hub.id, lon: lng, lat, ended });
    };
    drawn.on("drag", () => tell(false)).on("dragend", () => tell(true));
    drawn.on("click", () => this.#tell("choose", { id: hub.id }));
    drawn.addTo(this.#group);
    drawn.getElement()?.setAttribute("data-hub", hub.id);
    drawn.getElement()?.classList.toggle("hub-chosen", chosen);
    this.#markers.set(hub.id, drawn);
  }

  #caught = (/** @type {MouseEvent} */ event) => {
    if (!this.#putting) return;
    event.stopImmediatePropagation();
    const map = /** @type {import("leaflet").Map} */ (/** @type {any} */ (this)._map);
    const { lat, lng } = map.mouseEventToLatLng(event);
    this.#tell("put", { lon: lng, lat });
  };

  /** @param {string} name @param {object} detail */
  #tell(name, detail) {
    this.events.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
