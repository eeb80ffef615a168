/**
 * The words of the page in the reader's language, from static/messages. Refuses to guess: a missing key is shown as
 * the key, so that it is noticed.
 */
import { getJson } from "./api.js";

export const LANGUAGES = /** @type {const} */ (["zh-CN", "en"]);

/** @typedef {(typeof LANGUAGES)[number]} Language */

/** @type {Record<string, string>} */
let words = {};
/** @type {Language} */
let current = "zh-CN";

/** @param {string | null | undefined} tag @returns {tag is Language} */
export function isLanguage(tag) {
  return LANGUAGES.some((each) => each === tag);
}

export function language() {
  return current;
}

/** Catalogues that a page needs beside the common one, such as `field`. @type {string[]} */
let further = [];

/** @param {...string} names */
export function useCatalogues(...names) {
  further = names;
}

/** @param {Language} tag */
export async function useLanguage(tag) {
  const files = [tag, ...further.map((name) => `${name}.${tag}`)];
  const catalogues = await Promise.all(files.map((file) => getJson(`static/messages/${file}.json`)));
  words = Object.assign({}, ...catalogues);
  current = tag;
  document.documentElement.lang = tag;
}

/**
 * The message of a key, with its {places} filled.
 * @param {string} key e.g. `search.found`
 * @param {Record<string, string | number>} [values]
 */
export function say(key, values = {}) {
  const text = words[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Whether the catalogue knows a key, e.g. one made of a code that the service sent. */
export function knows(/** @type {string} */ key) {
  return key in words;
}

/**
 * Fills every element that names its message: `data-say` for its text, `data-say-label` and the like for attributes.
 * @param {ParentNode} root
 */
export function fill(root = document) {
  for (const element of root.querySelectorAll("[data-say]")) {
    element.textContent = say(element.getAttribute("data-say") ?? "");
  }
  for (const [data, attribute] of [
    ["data-say-label", "aria-label"],
    ["data-say-placeholder", "placeholder"],
    ["data-say-title", "title"],
  ]) {
    for (const element of root.querySelectorAll(`[${data}]`)) {
      element.setAttribute(attribute, say(element.getAttribute(data) ?? ""));
    }
  }
}
