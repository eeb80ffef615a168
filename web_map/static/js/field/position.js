/**
 * Where the device is, as its receiver says, and the mean of several fixes. Browsers tell neither fix type nor whether
 * an app feigns the position, so the first stays autonomous and the second is guessed from fixes that never move.
 */

/** @typedef {{lon: number, lat: number, accuracy_m: number, height_m: number | null,
 *   vertical_accuracy_m: number | null, heading_deg: number | null, at: number}} Fix */
/** @typedef {"asking" | "prompt" | "known" | "denied" | "unavailable"} Standing */

/** A real receiver's last digits change with every fix; so many equal ones in a row are an app's. */
const SUSPICIOUS_REPEATS = 4;

/** Tells `fix` with the latest fix and `standing` when what can be known changes. */
export class Positioning extends EventTarget {
  /** @type {Fix | null} */
  fix = null;
  /** @type {Standing} */
  standing = "asking";
  #watch = 0;

  /** Begins where it was allowed before; asking is left to a moment at which the surveyor wants it. @returns {Promise<void>} */
  async beginIfAllowed() {
    const found = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
    if (!found || found.state === "granted") this.begin();
    else this.#stands(found.state === "denied" ? "denied" : "prompt");
  }

  begin() {
    if (this.#watch || !navigator.geolocation) return;
    this.#watch = navigator.geolocation.watchPosition(
      (position) => this.#came(position),
      (error) => this.#stands(error.code === error.PERMISSION_DENIED ? "denied" : "unavailable"),
      { enableHighAccuracy: true, maximumAge: 1000, timeout: 30_000 },
    );
  }

  /** Asks once more, after the surveyor has allowed it. */
  again() {
    navigator.geolocation.clearWatch(this.#watch);
    this.#watch = 0;
    this.begin();
  }

  /** @param {GeolocationPosition} position */
  #came({ coords, timestamp }) {
    this.fix = {
      lon: coords.longitude,
      lat: coords.latitude,
      accuracy_m: coords.accuracy,
      height_m: coords.altitude,
      vertical_accuracy_m: coords.altitudeAccuracy,
      heading_deg: coords.heading,
      at: timestamp,
    };
    this.#stands("known");
    this.dispatchEvent(new CustomEvent("fix", { detail: this.fix }));
  }

  /** @param {Standing} standing */
  #stands(standing) {
    if (standing === this.standing) return;
    this.standing = standing;
    this.dispatchEvent(new CustomEvent("standing", { detail: standing }));
  }
}

/**
 * The mean of fixes, weighed by their accuracy. Errors of fixes in a row go together, so averaging does not make the
 * stated accuracy better than the middle one, and a wide scatter makes it worse.
 * @param {Fix[]} fixes at least one
 */
export function averaged(fixes) {
  const weights = fixes.map(({ accuracy_m }) => 1 / Math.max(accuracy_m, 0.01) ** 2);
  const total = weights.reduce((sum, each) => sum + each, 0);
  const mean = (/** @type {(fix: Fix) => number} */ of) =>
    fixes.reduce((sum, fix, place) => sum + of(fix) * weights[place], 0) / total;
  const [lon, lat] = [mean((fix) => fix.lon), mean((fix) => fix.lat)];
  const metres = 111_320;
  const scatter = Math.sqrt(
    mean((fix) => ((fix.lat - lat) * metres) ** 2 + ((fix.lon - lon) * metres * Math.cos((lat * Math.PI) / 180)) ** 2),
  );
  const accuracies = fixes.map(({ accuracy_m }) => accuracy_m).sort((a, b) => a - b);
  const heights = fixes.filter(({ height_m }) => height_m !== null);
  const upright = fixes.flatMap(({ vertical_accuracy_m }) => vertical_accuracy_m ?? []);
  return {
    lon,
    lat,
    accuracy_m: rounded(Math.max(accuracies[Math.floor(accuracies.length / 2)], scatter)),
    averaged: fixes.length,
    fix_type: 1,
    source: "phone",
    mocked: feigned(fixes),
    ...(heights.length > 0 && { height_m: rounded(heights.reduce((sum, { height_m }) => sum + (height_m ?? 0), 0) / heights.length) }),
    ...(upright.length > 0 && { vertical_accuracy_m: rounded(Math.max(...upright)) }),
  };
}

/** @param {Fix[]} fixes */
function feigned(fixes) {
  const last = fixes.slice(-SUSPICIOUS_REPEATS);
  if (last.some(({ accuracy_m }) => accuracy_m === 0)) return true;
  return last.length === SUSPICIOUS_REPEATS && last.every(({ lon, lat }) => lon === last[0].lon && lat === last[0].lat);
}

/** A fix as a record states where the visit began or ended. @param {Fix | null} fix */
export function asPosition(fix) {
  return fix && { lon: fix.lon, lat: fix.lat, accuracy_m: rounded(fix.accuracy_m), fix_type: 1, source: "phone" };
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * 100) / 100;
}
