/** What layers for reference say of a place, at the place: attributes as in the file, and where they can be read. */
import { popup } from "leaflet";
import { address } from "../api.js";
import { make } from "../elements.js";
import { say } from "../messages.js";

/** @typedef {import("./reference-layer.js").Found} Found */

const MOST_ATTRIBUTES = 40;

/**
 * Opens a popup that takes the focus and gives it back to the map.
 * @param {import("leaflet").Map} map
 * @param {import("leaflet").LatLng} at
 * @param {Found[]} found
 * @param {() => void} further asks for what else is at this place
 */
export function showReferences(map, at, found, further) {
  const shown = popup({ className: "reference-popup", closeButton: false, maxWidth: 320, minWidth: 200, autoPanPadding: [72, 24] });
  const close = () => {
    map.closePopup(shown);
    map.getContainer().focus();
  };
  const on = () => {
    close();
    further();
  };
  const content = make(
    "section",
    { tabindex: "-1", "aria-label": say("reference.here") },
    make("div", { class: "reference-found" }, ...found.map(one)),
    make(
      "p",
      { class: "actions" },
      make("button", { type: "button", class: "plain", onclick: on }, say("reference.further")),
      make("button", { type: "button", class: "plain", onclick: close }, say("action.close")),
    ),
  );
  content.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  });
  shown.setLatLng(at).setContent(content).openOn(map);
  content.focus({ preventScroll: true });
}

/** @param {Found} found */
function one({ layer, props }) {
  const { name, title, columns, style } = layer;
  const ink = make("span", { class: "reference-ink", "aria-hidden": "true" });
  ink.style.background = style.colour;
  const told = columns.filter((column) => props[column.name] !== undefined).slice(0, MOST_ATTRIBUTES);
  // A file's own attribute of that name stands in place of the row's number.
  const own = columns.some((column) => column.name === "id");
  const path = own || props.id === undefined ? "items" : `items/${encodeURIComponent(String(props.id))}`;
  const link = address(`ogc/collections/${encodeURIComponent(name)}/${path}`, { f: "html" }).href;
  return make(
    "article",
    {},
    make("h2", {}, ink, title),
    make("dl", { class: "facts" }, ...told.flatMap((column) => [make("dt", {}, column.name), make("dd", {}, String(props[column.name]))])),
    make("a", { href: link, target: "_blank", rel: "noopener" }, say("reference.item")),
  );
}
