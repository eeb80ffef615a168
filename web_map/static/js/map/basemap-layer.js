/**
 * A background of image tiles from the settings, drawn where its ground is. Tiles of GCJ-02 are shifted by the local
 * offset, so that features in EPSG:4490 fall right; nothing may be digitised on them.
 */
import { TileLayer, latLng } from "leaflet";
import { toGcj02 } from "../geodesy/gcj02.js";

/** @typedef {{label: string, url: string, datum: "CGCS2000" | "WGS84" | "GCJ-02", attribution: string}} Basemap */

/** Datums on which a position read from the screen is a CGCS2000 position. */
const ALIGNED = ["CGCS2000", "WGS84"];

/** @param {Basemap | undefined} basemap */
export function editingAllowedOn(basemap) {
  return !basemap || ALIGNED.includes(basemap.datum);
}

/** @param {Basemap} basemap */
export function basemapLayer({ url, datum }) {
  const options = { pane: "basemap", maxZoom: 18 };
  return datum === "GCJ-02" ? new ShiftedTiles(url, options) : new TileLayer(url, options);
}

/**
 * Looks up tiles, and hangs them, by the GCJ-02 position of the map's centre: there the picture is exact, and over a
 * screen the offset varies by less than it can show. The hang is set anew after every move.
 */
class ShiftedTiles extends TileLayer {
  /** @param {import("leaflet").LatLng | undefined} centre */
  _getTiledPixelBounds(centre) {
    return /** @type {any} */ (TileLayer.prototype)._getTiledPixelBounds.call(this, shifted(centre ?? this._map.getCenter()));
  }

  /** @param {unknown} level @param {import("leaflet").LatLng} centre @param {number} zoom */
  _setZoomTransform(level, centre, zoom) {
    /** @type {any} */ (TileLayer.prototype)._setZoomTransform.call(this, level, shifted(centre), zoom);
  }

  /** @param {import("leaflet").LatLng | undefined} centre */
  _update(centre) {
    const map = this._map;
    if (!map) return;
    /** @type {any} */ (this)._setZoomTransforms(centre ?? map.getCenter(), map.getZoom());
    /** @type {any} */ (TileLayer.prototype)._update.call(this, centre);
  }
}

/** @param {import("leaflet").LatLng} at */
function shifted(at) {
  const { lon, lat } = toGcj02(at.lng, at.lat);
  return latLng(lat, lon);
}
