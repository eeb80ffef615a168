/**
 * The position under the pointer in CGCS2000: degrees in both ways of writing, and northing X and easting Y of the
 * 3-degree zone it lies in. It computes from the screen, so it claims no more digits than a screen can point at.
 */
import { byId, make, put } from "../elements.js";
import { dms } from "../geodesy/angles.js";
import { project, zoneOf } from "../geodesy/gauss-kruger.js";
import { say } from "../messages.js";

export class CoordinatesPanel {
  #box = byId("coordinates");
  /** @type {{lon: number, lat: number} | null} */
  #at = null;

  constructor() {
    this.show(null);
  }

  /** @param {{lon: number, lat: number} | null} at degrees of EPSG:4490; null repeats the last */
  show(at = this.#at) {
    this.#at = at;
    if (!at) {
      put(this.#box, make("span", { class: "hint" }, say("coordinates.hint")));
      return;
    }
    const { zone, meridian, epsg } = zoneOf(at.lon);
    const { northing, easting } = project(at.lon, at.lat, meridian);
    put(
      this.#box,
      make("span", { class: "datum" }, "CGCS2000"),
      make("span", { id: "coordinates-dms" }, `${dms(at.lon, ["E", "W"])} ${dms(at.lat, ["N", "S"])}`),
      make("span", { id: "coordinates-degrees" }, `${at.lon.toFixed(6)}, ${at.lat.toFixed(6)}`),
      make(
        "span",
        { id: "coordinates-projected", title: say("coordinates.zone", { zone, meridian, epsg: epsg ?? "–" }) },
        say("coordinates.projected", { x: northing.toFixed(1), y: easting.toFixed(1), meridian, epsg: epsg ?? "–" }),
      ),
    );
  }
}
