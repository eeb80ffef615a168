/** The legend's words for strokes as dashes, in pixels on and off; the key beside the map draws the same. */

/** @type {Record<string, readonly number[]>} */
export const STROKES = {
  solid: [],
  "long-dash": [14, 4],
  dash: [7, 4],
  "dash-dot": [8, 3, 1.5, 3],
  dot: [1.5, 3],
};
