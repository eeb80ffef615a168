/**
 * What the page shows right now, in one place, with an event for each change. Panels and map layers listen; none of
 * them knows another. Refuses to draw or to ask the service.
 */

/**
 * @typedef {object} PageState
 * @property {{zoom: number, lat: number, lon: number} | null} view where the map looks
 * @property {string | null} as_of ISO date, null for today
 * @property {{kind: "unit" | "line" | "marker", code: string, level?: string | null} | null} selected a unit's level
 *   tells the two that share the code 460400 apart
 * @property {readonly string[]} layers names of the layers switched on
 * @property {number | null} basemap place in the settings' list, null for none
 * @property {string | null} profile the colour profile that markers are shown by, null for the office's own
 * @property {MarkerFilter} filter which markers are shown
 * @property {boolean} editing_allowed false over a basemap of a shifted datum
 */

/**
 * Which markers are asked for; what is left out means any.
 * @typedef {{colour?: string, line?: string, unit?: string, due_before?: string, case_stage?: string}} MarkerFilter
 */

/** @type {PageState} */
const INITIAL = {
  view: null,
  as_of: null,
  selected: null,
  layers: ["units", "lines", "labels", "markers"],
  basemap: null,
  profile: null,
  filter: {},
  editing_allowed: true,
};

/** Holds the state; `change` events carry which fields differ (`event.detail.changed`). */
export class State extends EventTarget {
  /** @type {PageState} */
  #now = { ...INITIAL };

  get now() {
    return this.#now;
  }

  /** @param {Partial<PageState>} patch */
  set(patch) {
    const changed = /** @type {(keyof PageState)[]} */ (Object.keys(patch)).filter(
      (name) => JSON.stringify(patch[name]) !== JSON.stringify(this.#now[name]),
    );
    if (changed.length === 0) return;
    this.#now = { ...this.#now, ...patch };
    this.dispatchEvent(new CustomEvent("change", { detail: { changed } }));
  }

  /**
   * Calls back when one of the fields changes.
   * @param {(keyof PageState)[]} fields
   * @param {(now: PageState) => void} listener
   */
  on(fields, listener) {
    this.addEventListener("change", (event) => {
      const { changed } = /** @type {CustomEvent<{changed: (keyof PageState)[]}>} */ (event).detail;
      if (changed.some((name) => fields.includes(name))) listener(this.#now);
    });
  }
}
