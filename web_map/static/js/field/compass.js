/** Which way the device faces, where it has a compass and tells; magnetic, so good for finding and for nothing else. */

/**
 * Calls back with degrees from north, clockwise; gives what ends it.
 * @param {(degrees: number) => void} turned
 */
export function heading(turned) {
  const listen = (/** @type {any} */ { absolute, alpha, webkitCompassHeading }) => {
    if (typeof webkitCompassHeading === "number") turned(webkitCompassHeading);
    else if (absolute && typeof alpha === "number") turned((360 - alpha) % 360);
  };
  window.addEventListener("deviceorientationabsolute", listen);
  window.addEventListener("deviceorientation", listen);
  return () => {
    window.removeEventListener("deviceorientationabsolute", listen);
    window.removeEventListener("deviceorientation", listen);
  };
}
