/** Reads the map's quiet colours from the style sheet, so that screen, print and contrast settings have one source. */

/** @param {string} name of a custom property, without the dashes, e.g. `map-coast` */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export const LABEL_FONTS =
  '"Noto Sans CJK SC", "Source Han Sans SC", "Noto Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif';
