/** The key to the markers' signs, for the box of layers and for print; asks for nothing. */
import { make } from "../elements.js";
import { entries } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { signsOf } from "../markers.js";
import { say } from "../messages.js";

/** @param {string | null} profile */
export function markerKey(profile) {
  const signs = signsOf(profile);
  const once = signs.filter(
    (sign, place) => signs.findIndex((other) => other.label === sign.label && other.shape === sign.shape) === place,
  );
  if (entries("colour_profiles").length === 0) return [];
  return [
    make("h2", {}, say("board.key")),
    make("ul", { class: "key" }, ...once.map((sign) => make("li", {}, signCanvas(sign, 20), sign.label))),
  ];
}
