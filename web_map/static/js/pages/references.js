/** The page of layers for reference: what is there, what may be done with it, and a place to drop a file. */
import { byId, make, put } from "../elements.js";
import { say, useCatalogues } from "../messages.js";
import { KEEPERS, referenceLayers, removeLayer, restoreLayer } from "../references.js";
import { confirmed } from "./dialog.js";
import { openPage, tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { addFile } from "./reference-add.js";
import { referenceItem, removedItem } from "./reference-item.js";
import { changeLook } from "./reference-look.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../references.js").ReferenceLayer} ReferenceLayer */

const reading = new Reading(byId("shown-list"), () => load());
/** @type {{layers: ReferenceLayer[], removed: ReferenceLayer[], most_mib: number} | null} */
let known = null;

useCatalogues("references");
const opened = await openPage({ title: "page.references", written: () => show() });
const keeps = opened?.account?.roles.some((role) => KEEPERS.includes(role)) ?? false;
if (opened) {
  if (keeps) takeFiles();
  load();
}

function takeFiles() {
  const zone = byId("drop");
  const file = /** @type {HTMLInputElement} */ (byId("file"));
  byId("adding").hidden = false;
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    file.value = ""; // the same file may be chosen again
    if (chosen) add(chosen, null);
  });
  const over = (/** @type {boolean} */ is) => (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    zone.classList.toggle("over", is);
  };
  // A file dropped beside the zone would take the place of the page.
  window.addEventListener("dragover", over(true));
  window.addEventListener("dragleave", over(false));
  window.addEventListener("drop", (event) => {
    over(false)(event);
    const dropped = event.dataTransfer?.files[0];
    if (dropped && !document.querySelector("dialog[open]")) add(dropped, null);
  });
}

/** @param {File} file @param {ReferenceLayer | null} former the layer that it takes the place of */
async function add(file, former) {
  if (known && file.size > known.most_mib * 2 ** 20) {
    // A browser that is refused while it still sends shows no reason.
    tell(say("references.too_large", { file: file.name, most: known.most_mib }));
    return;
  }
  const added = await addFile(file, { former, taken: known?.layers ?? [] });
  if (!added) return;
  const { name, features, findings } = added;
  await load();
  const title = known?.layers.find((layer) => layer.name === name)?.title ?? name;
  const contradicted = findings.find(({ code }) => code === "import.crs_contradicted");
  await after(
    [say("references.added", { title, n: features }), contradicted && say("references.contradicted", contradicted.evidence)].filter(Boolean).join(" "),
    name,
  );
}

async function load() {
  const answer = await reading.of(() => act(referenceLayers));
  if (answer === undefined) return;
  known = answer;
  show();
}

/** Says what was done, shows what holds now, and gives the focus to what it was about. @param {string} words @param {string | null} name */
async function after(words, name) {
  await load();
  tell(words);
  const item = name === null ? null : [...document.querySelectorAll("#shown-list > li")].find((each) => /** @type {HTMLElement} */ (each).dataset.name === name);
  if (item instanceof HTMLElement) item.focus();
  else byId("shown-title").focus();
}

/** Writes what is known in the language of the page. */
function show() {
  if (!known) return;
  const acts = {
    change: async (/** @type {ReferenceLayer} */ layer) => {
      if (await changeLook(layer)) await after(say("references.changed", { title: layer.title }), layer.name);
    },
    replace: (/** @type {ReferenceLayer} */ layer, /** @type {File} */ file) => add(file, layer),
    remove: async (/** @type {ReferenceLayer} */ layer) => {
      const words = { title: say("references.remove_title", { title: layer.title }), body: say("references.remove_body", { title: layer.title, name: layer.name, n: layer.features }), act: say("references.remove") };
      if (!(await confirmed(words))) return;
      if (await reading.of(() => act(() => removeLayer(layer.name)), { keep: true })) await after(say("references.gone", { title: layer.title }), null);
    },
    restore: async (/** @type {ReferenceLayer} */ layer) => {
      if (await reading.of(() => act(() => restoreLayer(layer.id)), { keep: true })) await after(say("references.restored", { title: layer.title }), layer.name);
    },
  };
  const { layers, removed } = known;
  const items = layers.map((layer) => referenceItem(layer, { keeps, ...acts }));
  put(byId("shown-list"), ...(items.length > 0 ? items : [make("li", { class: "nothing" }, say(keeps ? "references.none_keeper" : "references.none"))]));
  byId("removed").hidden = removed.length === 0;
  put(byId("removed-list"), ...removed.map((layer) => removedItem(layer, acts)));
}
