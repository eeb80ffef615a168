/** Distance and direction between two positions in EPSG:4490 degrees; refuses to be a survey. */
import { project, zoneOf } from "../geodesy/gauss-kruger.js";

const DEGREES = 180 / Math.PI;

/**
 * From one position to another: metres on the ellipsoid, azimuth from true north, clockwise.
 * Good to 1 cm and 0.01° within 10 km: both ends lie in one 3-degree zone, whose scale and convergence are put right.
 * @param {{lon: number, lat: number}} from
 * @param {{lon: number, lat: number}} to
 */
export function bearing(from, to) {
  const { meridian } = zoneOf(from.lon);
  const [here, there] = [from, to].map(({ lon, lat }) => project(lon, lat, meridian));
  const [north, east] = [there.northing - here.northing, there.easting - here.easting];
  const offset_m = (here.easting + there.easting) / 2 - 500_000;
  const scale = 1 + offset_m ** 2 / (2 * 6_371_000 ** 2);
  const azimuth = Math.atan2(east, north) * DEGREES + convergence(from, meridian);
  return { distance_m: Math.hypot(north, east) / scale, azimuth_deg: (azimuth + 360) % 360 };
}

/** By how much grid north lies east of true north, in degrees. @param {{lon: number, lat: number}} at @param {number} meridian */
export function convergence({ lon, lat }, meridian) {
  return Math.atan(Math.tan((lon - meridian) / DEGREES) * Math.sin(lat / DEGREES)) * DEGREES;
}

/**
 * An azimuth of a form as one from true north; magnetic ones stay as they are, the declination is not known here.
 * @param {{azimuth_deg: number, azimuth_kind: string}} object
 * @param {{lon: number, lat: number}} at
 */
export function trueAzimuth({ azimuth_deg, azimuth_kind }, at) {
  if (azimuth_kind !== "grid") return azimuth_deg;
  return (azimuth_deg + convergence(at, zoneOf(at.lon).meridian) + 360) % 360;
}

const ROSE = ["n", "nne", "ne", "ene", "e", "ese", "se", "sse", "s", "ssw", "sw", "wsw", "w", "wnw", "nw", "nnw"];

/** The direction among sixteen, as line descriptions name them: 348.75° is n, 348.74° is nnw. @param {number} azimuth_deg */
export function rose(azimuth_deg) {
  return ROSE[Math.floor(((azimuth_deg % 360) + 11.25) / 22.5) % 16];
}
