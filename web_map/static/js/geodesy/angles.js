/** Writes angles in degrees, minutes and seconds; refuses to round 59.999″ up to 60″. */

/**
 * @param {number} degrees
 * @param {[string, string]} sides letters for positive and negative, e.g. `["E", "W"]`
 * @returns {string} e.g. 110.35 → `110°21′00.00″E`
 */
export function dms(degrees, [positive, negative]) {
  const hundredths = Math.round(Math.abs(degrees) * 360000);
  const seconds = (hundredths % 6000) / 100;
  const minutes = Math.floor(hundredths / 6000) % 60;
  const whole = Math.floor(hundredths / 360000);
  const side = degrees < 0 ? negative : positive;
  return `${whole}°${String(minutes).padStart(2, "0")}′${seconds.toFixed(2).padStart(5, "0")}″${side}`;
}
