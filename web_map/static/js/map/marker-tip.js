/** What the map says of a marker or a group under the pointer; every sign with its word. */
import { make } from "../elements.js";
import { signCanvas } from "./marker-signs.js";

/**
 * @param {import("./marker-layer.js").Item} item
 * @param {{sign: import("./marker-signs.js").Sign, number: number}[]} shares
 */
export function markerTip({ label }, shares) {
  return make(
    "div",
    { class: "marker-tip" },
    label && make("strong", {}, label),
    ...shares.map(({ sign, number }) =>
      make(
        "span",
        {},
        signCanvas(sign, 16),
        /** @type {import("./marker-layer.js").NamedSign} */ (sign).label,
        number > 1 || shares.length > 1 ? make("b", {}, number) : null,
      ),
    ),
  );
}
