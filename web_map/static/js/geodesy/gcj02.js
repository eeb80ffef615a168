/**
 * The offset of commercial Chinese map tiles (GCJ-02), by the widely published formula; used to draw such tiles where
 * they belong. Refuses to be a datum for records: nothing digitised on them is stored.
 */

/** The formula's own ellipsoid (Krasovsky 1940), whatever the datum of the input. */
const SEMI_MAJOR_M = 6378245;
const ECCENTRICITY_SQUARED = 0.00669342162296594323;

/**
 * Where a WGS 84 / CGCS2000 point lies on a GCJ-02 tile: (110.35, 20.02) → (110.354411, 20.017997), 512 m away.
 * Outside China's box the tiles carry no offset.
 * @param {number} lon degrees
 * @param {number} lat degrees
 */
export function toGcj02(lon, lat) {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lon, lat };
  const phi = (lat * Math.PI) / 180;
  const magic = 1 - ECCENTRICITY_SQUARED * Math.sin(phi) ** 2;
  const metresPerLat = ((SEMI_MAJOR_M * (1 - ECCENTRICITY_SQUARED)) / magic ** 1.5) * (Math.PI / 180);
  const metresPerLon = (SEMI_MAJOR_M / Math.sqrt(magic)) * Math.cos(phi) * (Math.PI / 180);
  return {
    lon: lon + eastward(lon - 105, lat - 35) / metresPerLon,
    lat: lat + northward(lon - 105, lat - 35) / metresPerLat,
  };
}

/** @param {number} x @param {number} y */
function northward(x, y) {
  return (
    -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * Math.sqrt(Math.abs(x)) +
    ripple(20, 6 * x, 20, 2 * x) + ripple(20, y, 40, y / 3) + ripple(160, y / 12, 320, y / 30)
  );
}

/** @param {number} x @param {number} y */
function eastward(x, y) {
  return (
    300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * Math.sqrt(Math.abs(x)) +
    ripple(20, 6 * x, 20, 2 * x) + ripple(20, x, 40, x / 3) + ripple(150, x / 12, 300, x / 30)
  );
}

/** Two sine waves of the formula, in half turns. @param {...number} pairs amplitude, phase, amplitude, phase */
function ripple(...pairs) {
  const [a, p, b, q] = pairs;
  return ((a * Math.sin(p * Math.PI) + b * Math.sin(q * Math.PI)) * 2) / 3;
}
