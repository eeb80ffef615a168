/** A layer for reference in the list: what it is, where it came from, what may be done with it. It does nothing itself. */
import { address } from "../api.js";
import { make } from "../elements.js";
import { language, say } from "../messages.js";
import { FORMS, REFERENCE, fileOf } from "../references.js";
import { fact } from "./form-pieces.js";
import { timeOf } from "./moments.js";

/** @typedef {import("../references.js").ReferenceLayer} ReferenceLayer */

/**
 * @param {ReferenceLayer} layer
 * @param {{keeps: boolean, change: (layer: ReferenceLayer) => void, remove: (layer: ReferenceLayer) => void,
 *   replace: (layer: ReferenceLayer, file: File) => void}} how
 */
export function referenceItem(layer, { keeps, change, remove, replace }) {
  const { name, title } = layer;
  const of = { title };
  const file = make("input", {
    type: "file",
    class: "unseen",
    tabindex: "-1",
    "aria-label": say("references.replace_of", of),
    onchange: (/** @type {Event} */ event) => {
      const input = /** @type {HTMLInputElement} */ (event.target);
      const chosen = input.files?.[0];
      input.value = "";
      if (chosen) replace(layer, chosen);
    },
  });
  return make(
    "li",
    { "data-name": name, tabindex: "-1" },
    swatch(layer),
    make(
      "div",
      {},
      make("h3", {}, title),
      origin(layer),
      make(
        "p",
        { class: "actions" },
        make("a", { class: "plain", href: onMap(layer), "aria-label": say("references.map_of", of) }, say("references.map")),
        make("a", { class: "plain", href: address(`ogc/collections/${encodeURIComponent(name)}`, { f: "html" }).href, "aria-label": say("references.collection_of", of) }, say("references.collection")),
        keeps && button("references.look", "references.look_of", of, () => change(layer)),
        keeps && button("references.replace", "references.replace_of", of, () => file.click()),
        keeps && file,
        keeps && button("references.remove", "references.remove_of", of, () => remove(layer)),
      ),
      downloads(layer),
    ),
  );
}

/** @param {ReferenceLayer} layer @param {{restore: (layer: ReferenceLayer) => void}} how */
export function removedItem(layer, { restore }) {
  const { title, removed_at, removed_by, kept_until } = layer;
  return make(
    "li",
    {},
    swatch(layer),
    make(
      "div",
      {},
      make("h3", {}, title),
      make("p", { class: "hint" }, say("references.removed_by", { by: removed_by ?? "" }), " ", timeOf(removed_at), " · ", say("references.kept_until"), " ", timeOf(kept_until)),
      make("p", { class: "actions" }, button("references.restore", "references.restore_of", { title }, () => restore(layer))),
    ),
  );
}

/** @param {string} key @param {string} whole its words with the layer in them @param {{title: string}} of @param {() => void} onclick */
function button(key, whole, of, onclick) {
  return make("button", { type: "button", class: "plain", "aria-label": say(whole, of), onclick }, say(key));
}

/** @param {ReferenceLayer} layer */
function swatch({ style }) {
  const ink = make("span", { class: "ink", "aria-hidden": "true" });
  ink.style.background = style.colour;
  ink.style.opacity = String(style.opacity);
  return ink;
}

/** @param {ReferenceLayer} layer */
function origin({ name, features, geometry_type, source_file, source_layer, source_crs, recorded_at, recorded_by }) {
  const kind = geometry_type.toLowerCase();
  return make(
    "dl",
    { class: "facts" },
    ...fact("references.name", make("span", { class: "code" }, name)),
    ...fact("references.rows", say("references.rows_of", { n: features.toLocaleString(language()), kind: say(`references.kind.${kind}`) })),
    ...(source_file === null
      ? []
      : [
          ...fact("references.file", source_file, source_layer && !source_file.startsWith(`${source_layer}.`) ? ` · ${source_layer}` : ""),
          ...fact("references.crs", make("span", { class: "code" }, (source_crs ?? "").slice(0, 60))),
          ...fact("references.when", timeOf(recorded_at), ` · ${recorded_by}`),
        ]),
  );
}

/** @param {ReferenceLayer} layer */
function downloads({ name, title, source_file }) {
  if (source_file === null) return null; // told to officers, as the file is given to them
  const links = FORMS.map((form) =>
    make("a", { href: address(fileOf(name), { form }).href, download: "", "aria-label": say("references.download_of", { title, form: say(`references.form.${form}`) }) }, say(`references.form.${form}`)),
  );
  return make("details", {}, make("summary", {}, say("references.download")), make("p", { class: "actions" }, ...links));
}

/** The map with this layer on, looking at it. @param {ReferenceLayer} layer */
function onMap({ name, bbox }) {
  const shown = ["units", "lines", "labels", "markers"].join(",");
  const [west, south, east, north] = bbox ?? [108, 18, 112, 21];
  const zoom = Math.max(5, Math.min(16, Math.floor(Math.log2(360 / Math.max(east - west, (north - south) * 1.6, 0.003))) + 1));
  const view = `${zoom}/${((south + north) / 2).toFixed(5)}/${((west + east) / 2).toFixed(5)}`;
  return `${address("").href}#map=${view}&layers=${shown},${REFERENCE}${encodeURIComponent(name)}&lang=${language()}`;
}
