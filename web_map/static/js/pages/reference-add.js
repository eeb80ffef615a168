/**
 * A file becomes a layer for reference, in a window: it is sent with progress, what it holds is shown, a person says
 * which of its layers, what CRS where it says none, and what the layer is called; then it is loaded, with progress.
 */
import { isAbort } from "../api.js";
import { make } from "../elements.js";
import { newId } from "../markers.js";
import { language, say } from "../messages.js";
import { loadLayer, loadState, lookAgain, sendFile, stopLoading } from "../references.js";
import { Dialog } from "./dialog.js";
import { value } from "./fields.js";
import { form, inputOf, labelled } from "./form-pieces.js";
import { contentFields, termsOf } from "./reference-content.js";
import { inWords, refuse, sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../references.js").ReferenceLayer} ReferenceLayer */
/** @typedef {import("../references.js").Upload} Upload */
/** @typedef {NonNullable<import("../references.js").LoadJob["result"]>} Loaded */

const LOOK_EVERY_MS = 400;

/**
 * Gives what was loaded, null when the window was left.
 * @param {File} file
 * @param {{former: ReferenceLayer | null, taken: ReferenceLayer[]}} about the layer that it takes the place of, and those there are
 * @returns {Promise<Loaded | null>}
 */
export async function addFile(file, { former, taken }) {
  const dialog = new Dialog(former ? say("references.replace_of", { title: former.title }) : say("references.add_title", { file: file.name }), { wide: true });
  const leaving = new AbortController();
  /** @type {Loaded | null} */
  let loaded = null;
  const left = dialog.open();
  left.then(() => leaving.abort());
  const upload = await sent(file, dialog, leaving.signal);
  if (upload) ask(upload, { dialog, former, taken, signal: leaving.signal, done: (result) => (loaded = result) });
  await left;
  return /** @type {Loaded | null} */ (loaded);
}

/** @param {File} file @param {Dialog} dialog @param {AbortSignal} signal @returns {Promise<Upload | null>} */
async function sent(file, dialog, signal) {
  const bar = progress("references.sending");
  const leave = make("button", { type: "button", class: "plain", autofocus: true, onclick: () => dialog.close() }, say("action.cancel"));
  dialog.fill(make("p", {}, `${file.name} · ${megabytes(file.size)}`), bar.element, make("p", { class: "actions" }, leave));
  leave.focus();
  const id = newId();
  try {
    return await act(() => sendFile(id, file, { signal, told: (fraction) => bar.set(fraction, fraction < 1 ? "references.sending" : "references.looking") }));
  } catch (error) {
    if (!isAbort(error)) dialog.fill(make("p", { class: "refused", role: "alert" }, ...inWords(/** @type {any} */ (error))), make("p", { class: "actions" }, leave));
    return null;
  }
}

/**
 * @param {Upload} upload
 * @param {{dialog: Dialog, former: ReferenceLayer | null, taken: ReferenceLayer[], signal: AbortSignal, done: (result: Loaded) => void}} how
 */
function ask(upload, { dialog, former, taken, signal, done }) {
  const holds = { content: upload.content };
  const { layers, layer: first } = upload.content;
  const suggested = layers.length > 1 ? first : upload.file_name.replace(/\.[^.]+$/, "");
  const pieces = make("div", { class: "fields" });
  const bar = progress("references.loading");
  const loading = bar.element;
  loading.hidden = true;
  const title = inputOf("title", { value: former?.title ?? suggested, maxlength: 200, required: true });
  const name = inputOf("name", { value: former?.name ?? freeName(suggested, taken), maxlength: 100, required: true, readonly: former !== null });
  const shown = form(
    say(former ? "references.replace" : "references.add"),
    () => dialog.close(),
    make("p", {}, `${upload.file_name} · ${megabytes(upload.size)}`),
    pieces,
    ...labelled("references.title", title),
    ...labelled("references.name", name),
    make("p", { class: "hint" }, say("references.name_why")),
    loading,
  );
  const button = /** @type {HTMLButtonElement} */ (shown.querySelector("[type=submit]"));
  const fill = (/** @type {import("../references.js").FileContent} */ content, /** @type {string | null} */ crs) => {
    holds.content = content;
    pieces.replaceChildren(...contentFields(content, { again, crs }));
    button.disabled = content.needs_places;
  };
  async function again() {
    const { layer, columns } = termsOf(shown, holds.content);
    try {
      fill((await act(() => lookAgain(upload.id, { layer, ...columns }))).content, value(shown, "crs"));
    } catch (error) {
      refuse(shown, /** @type {any} */ (error));
    }
  }
  sends(shown, async () => {
    const terms = termsOf(shown, holds.content);
    const asked = { id: newId(), upload: upload.id, name: value(shown, "name").trim(), title: value(shown, "title").trim(), ...terms, replace: former !== null };
    await act(() => loadLayer(asked));
    loading.hidden = false;
    button.disabled = true;
    const stop = () => stopLoading(asked.id).catch(() => null);
    signal.addEventListener("abort", stop);
    const job = await ended(asked.id, bar, signal).finally(() => {
      signal.removeEventListener("abort", stop);
      loading.hidden = true;
      button.disabled = false;
    });
    if (job?.state === "done" && job.result) {
      done(job.result);
      dialog.close();
    } else if (job?.problem) refuse(shown, `${job.problem.title}: ${job.problem.detail}`);
  });
  fill(upload.content, null);
  dialog.fill(shown);
  title.focus();
}

/**
 * Looks until the job is over; null when the window was left.
 * @param {string} id
 * @param {ReturnType<typeof progress>} bar
 * @param {AbortSignal} signal
 * @returns {Promise<import("../references.js").LoadJob | null>}
 */
async function ended(id, bar, signal) {
  if (signal.aborted) return null;
  const job = await act(() => loadState(id));
  if (job.state !== "waiting" && job.state !== "running") return job;
  bar.set(job.progress, "references.loading");
  await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  return ended(id, bar, signal);
}

/** @param {string} key */
function progress(key) {
  const bar = make("progress", { max: 1, value: 0, "aria-label": say(key) });
  const words = make("span", { role: "status" }, say(key));
  return {
    element: make("p", {}, words, bar),
    /** @param {number} fraction @param {string} now */
    set(fraction, now) {
      bar.value = fraction;
      words.textContent = say(now);
    },
  };
}

/** A name that can stand in an address: what cannot becomes `_`. @param {string} words @param {ReferenceLayer[]} taken */
export function freeName(words, taken) {
  const plain = words.normalize("NFC").replace(/[^\p{L}\p{N}_.-]+/gu, "_").replace(/^[_.-]+|[_.-]+$/g, "").slice(0, 90) || "layer";
  let name = plain;
  for (let number = 2; taken.some((layer) => layer.name === name); number += 1) name = `${plain}_${number}`;
  return name;
}

/** @param {number} bytes */
function megabytes(bytes) {
  return `${(bytes / 1e6).toLocaleString(language(), { maximumFractionDigits: 1, minimumFractionDigits: bytes < 1e6 ? 1 : 0 })} MB`;
}
