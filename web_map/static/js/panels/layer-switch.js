/** Switches layers and backgrounds, and is the key to the map's strokes; it draws nothing on the map. */
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
  /** Names of the layers for reference; null until the box is first opened. @type {string[] | null} */
  #references = null;

  /** @param {import("../state.js").State} state @param {Basemap[]} basemaps */
  constructor(state, basemaps) {
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
    if (found === null || JSON.stringify(found) === JSON.stringify(this.#references)) return;
    this.#references = found;
    const before = this.#box.querySelector("fieldset.references");
    const after = this.#forReference();
    if (before) before.replaceWith(...(after ? [after] : []));
    else if (after) this.#box.querySelector("fieldset")?.after(after);
    this.#check();
  }

  #forReference() {
    if (!this.#references?.length) return null;
    const choices = this.#references.map((name) => this.#layer(REFERENCE + name, name));
    return make("fieldset", { class: "references" }, make("legend", {}, say("layers.references")), ...choices);
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
