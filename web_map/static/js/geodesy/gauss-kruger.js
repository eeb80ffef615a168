/**
 * Projects CGCS2000 longitude and latitude to the 3-degree Gauss-Krüger zones that Hainan's results are signed in.
 * Refuses other datums: the page's coordinates are EPSG:4490 (WGS 84 by the declared identity).
 */

/** CGCS2000 ellipsoid (GB/T 22021 lists a and 1/f). */
const SEMI_MAJOR_M = 6378137;
const FLATTENING = 1 / 298.257222101;
const FALSE_EASTING_M = 500000;

const N = FLATTENING / (2 - FLATTENING);
const RECTIFYING_M = (SEMI_MAJOR_M / (1 + N)) * (1 + N ** 2 / 4 + N ** 4 / 64);
/** Krüger's series in the third flattening to the fourth order: below 0.1 mm within 3 degrees of the meridian. */
const ALPHA = [
  N / 2 - (2 / 3) * N ** 2 + (5 / 16) * N ** 3 + (41 / 180) * N ** 4,
  (13 / 48) * N ** 2 - (3 / 5) * N ** 3 + (557 / 1440) * N ** 4,
  (61 / 240) * N ** 3 - (103 / 140) * N ** 4,
  (49561 / 161280) * N ** 4,
];

/**
 * The zone a longitude belongs to, e.g. 110.35 → zone 37, meridian 111, EPSG:4546; west of 109°30′ → 36, 108, 4545.
 * The codes 4534–4554 are the 3-degree zones without a prefix, meridians 75 to 135.
 * @param {number} lon degrees
 */
export function zoneOf(lon) {
  const zone = Math.floor((lon + 1.5) / 3);
  return { zone, meridian: zone * 3, epsg: zone >= 25 && zone <= 45 ? 4534 + zone - 25 : null };
}

/**
 * Northing X and easting Y in metres, as Chinese forms name them (纵坐标, 横坐标), without a zone prefix.
 * (110.35, 20.02) at meridian 111 → northing 2214712.422, easting 431986.864.
 * @param {number} lon degrees
 * @param {number} lat degrees
 * @param {number} meridian degrees
 */
export function project(lon, lat, meridian) {
  const lambda = ((lon - meridian) * Math.PI) / 180;
  const sine = Math.sin((lat * Math.PI) / 180);
  const e = (2 * Math.sqrt(N)) / (1 + N);
  const t = Math.sinh(Math.atanh(sine) - e * Math.atanh(e * sine));
  const xi = Math.atan2(t, Math.cos(lambda));
  const eta = Math.atanh(Math.sin(lambda) / Math.sqrt(1 + t * t));
  let north = xi;
  let east = eta;
  ALPHA.forEach((alpha, index) => {
    const order = 2 * (index + 1);
    north += alpha * Math.sin(order * xi) * Math.cosh(order * eta);
    east += alpha * Math.cos(order * xi) * Math.sinh(order * eta);
  });
  return { northing: RECTIFYING_M * north, easting: FALSE_EASTING_M + RECTIFYING_M * east };
}
