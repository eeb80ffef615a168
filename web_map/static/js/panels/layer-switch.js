/** Switches layers and backgrounds, and is the key to the map's strokes; it draws nothing on the map. */
import { address } from "../api.js";
import { byId, make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { STROKES } from "../map/strokes.js";
import { say } from "../messages.js";
import { REFERENCE, referenceLayers } from "../references.js";
import { markerKey } from "./marker-key.js";

const LAYERS = ["units", "lines", "labels", "markers"];
const SAMPLE = { width: 44, height: 12 };
/** Levels that have lines; a key that shows more would promise more. */
const IN_KEY = ["province", "prefecture", "county", "township"];

/** @typedef {import("../boundaries.js").Basemap} Basemap */

export class LayerSwitch {
  #button = byId("layers-button");
  #box = byId("layers-box");
  #keeps = false;
  /** The layers for reference; null until they are first asked for. @type {import("../references.js").ReferenceLayer[] | null} */
  #references = null;

  /**
   * @param {import("../state.js").State} state
   * @param {Basemap[]} basemaps
   * @param {{know: (layers: import("../references.js").ReferenceLayer[]) => void, zoomTo: (bbox: [number, number, number, number]) => void,
   *   keeps: Promise<boolean>}} map what learns of layers for reference and looks at them, and whether the reader keeps them
   */
  constructor(state, basemaps, map) {
    this.map = map;
    this.state = state;
    this.basemaps = basemaps;
    this.#button.addEventListener("click", () => this.#open(this.#box.hidden === true));
    this.#box.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      this.#open(false);
      this.#button.focus();
    });
    state.on(["layers", "basemap"], () => this.#check());
    state.on(["profile"], () => this.show());
    this.show();
    map.keeps.then((keeps) => {
      this.#keeps = keeps;
      this.#showReferences();
    });
    if (state.now.layers.some((name) => name.startsWith(REFERENCE))) this.#lookForReferences();
  }

  /** Writes the box anew, e.g. in another language. */
  show() {
    put(
      this.#box,
      make("fieldset", {}, make("legend", {}, say("layers.title")), ...LAYERS.map((name) => this.#layer(name, say(`layers.${name}`)))),
      this.#forReference(),
      this.#backgrounds(),
      make("h2", {}, say("layers.key")),
      make("ul", { class: "key" }, ...this.#key()),
      ...markerKey(this.state.now.profile),
    );
    this.#check();
  }

  /** @param {boolean} open */
  #open(open) {
    this.#box.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
    if (open) this.#lookForReferences();
  }

  /** Looks each time the box opens: a layer may have come or gone meanwhile. */
  async #lookForReferences() {
    const found = await referenceLayers().catch(() => null);
    if (found === null || JSON.stringify(found.layers) === JSON.stringify(this.#references)) return;
    this.#references = found.layers;
    this.map.know(found.layers);
    this.#showReferences();
  }

  #showReferences() {
    const before = this.#box.querySelector("fieldset.references");
    const after = this.#forReference();
    if (before) before.replaceWith(...(after ? [after] : []));
    else if (after) this.#box.querySelector("fieldset")?.after(after);
    this.#check();
  }

  #forReference() {
    const layers = this.#references ?? [];
    if (layers.length === 0 && !this.#keeps) return null;
    const manage = this.#keeps && make("a", { href: address("layers").href }, say("layers.manage"));
    return make("fieldset", { class: "references" }, make("legend", {}, say("layers.references")), ...layers.map((layer) => this.#reference(layer)), manage);
  }

  /** @param {import("../references.js").ReferenceLayer} layer */
  #reference({ name, title, style, bbox }) {
    const ink = make("span", { class: "reference-ink", "aria-hidden": "true" });
    ink.style.background = style.colour;
    const words = say("layers.zoom_to", { title });
    const look = bbox && make("button", { type: "button", class: "plain zoom-to", "aria-label": words, title: words, onclick: () => this.map.zoomTo(bbox) }, zoomMark());
    const choice = this.#layer(REFERENCE + name, title);
    choice.querySelector("input")?.after(ink);
    return make("div", { class: "reference" }, choice, look);
  }

  /** @param {string} name @param {string} words */
  #layer(name, words) {
    const flip = (/** @type {Event} */ event) => {
      const on = /** @type {HTMLInputElement} */ (event.target).checked;
      const left = this.state.now.layers.filter((each) => each !== name);
      const wanted = on ? [...left, name] : left;
      const others = wanted.filter((each) => each.startsWith(REFERENCE));
      this.state.set({ layers: [...LAYERS.filter((each) => wanted.includes(each)), ...others] });
    };
    return make("label", {}, make("input", { type: "checkbox", name: "layer", value: name, onchange: flip }), words);
  }

  #backgrounds() {
    if (this.basemaps.length === 0) return null;
    const choice = (/** @type {number | null} */ place, /** @type {string} */ words) =>
      make(
        "label",
        {},
        make("input", {
          type: "radio",
          name: "basemap",
          value: place === null ? "none" : place,
          onchange: () => this.state.set({ basemap: place }),
        }),
        words,
      );
    return make(
      "fieldset",
      {},
      make("legend", {}, say("basemap.title")),
      choice(null, say("basemap.none")),
      ...this.basemaps.map((basemap, place) => choice(place, say("basemap.named", basemap))),
    );
  }

  #key() {
    return entries("levels")
      .filter(({ code }) => IN_KEY.includes(code))
      .map(({ code, colour, shape }) =>
        make("li", {}, sample(colour ?? "", STROKES[shape ?? "solid"] ?? []), label("levels", code)),
      );
  }

  #check() {
    const { layers, basemap } = this.state.now;
    for (const input of this.#box.querySelectorAll("input")) {
      input.checked = input.name === "layer" ? layers.includes(input.value) : input.value === String(basemap ?? "none");
    }
  }
}

/** A stroke as the map draws it. @param {string} ink @param {readonly number[]} dashes */
function sample(ink, dashes) {
  const canvas = make("canvas", { width: SAMPLE.width * 2, height: SAMPLE.height * 2, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  if (!context) return canvas;
  context.scale(2, 2);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.setLineDash([...dashes]);
  context.moveTo(0, SAMPLE.height / 2);
  context.lineTo(SAMPLE.width, SAMPLE.height / 2);
  context.stroke();
  return canvas;
}

/** Four corners: all of it. */
function zoomMark() {
  const mark = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  mark.setAttribute("viewBox", "0 0 20 20");
  mark.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4");
  mark.append(path);
  return mark;
}
