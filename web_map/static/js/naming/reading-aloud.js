/** A name with the reading of each character above it, as far as a person confirmed it; guesses none. */
import { make } from "../elements.js";

/** @param {string} name @param {string[]} reading syllables of the first characters */
export function ruby(name, reading) {
  if (reading.length === 0) return name;
  const read = [...name].slice(0, reading.length);
  const parts = read.flatMap((character, place) => [character, make("rt", { lang: "zh-Latn" }, reading[place])]);
  return make("span", {}, make("ruby", {}, ...parts), [...name].slice(reading.length).join(""));
}
