/** Changes the language of the page in place and remembers it; it translates nothing itself. */
import { ROOT } from "../api.js";
import { byId } from "../elements.js";
import { LANGUAGES, isLanguage, language, useLanguage } from "../messages.js";

const REMEMBERED = "language";

export class LanguageSwitch {
  #select = /** @type {HTMLSelectElement} */ (byId("language"));

  /** @param {() => void} changed writes the page anew @param {(error: unknown) => void} failed */
  constructor(changed, failed) {
    this.#select.addEventListener("change", async () => {
      const wanted = this.#select.value;
      if (!isLanguage(wanted)) return;
      try {
        await useLanguage(wanted);
        remember(wanted);
        changed();
      } catch (error) {
        this.show();
        failed(error);
      }
    });
    this.show();
  }

  show() {
    this.#select.value = language();
  }
}

/**
 * The language to begin with: the address, then the last choice, then the office's setting.
 * @param {string | undefined} asked
 * @param {string | undefined} setting
 */
export function firstLanguage(asked, setting) {
  return [asked, remembered(), setting].find(isLanguage) ?? LANGUAGES[0];
}

/** Begins with a language from the next page on; the cookie tells the pages that the service writes. @param {string} tag */
export function remember(tag) {
  document.cookie = `language=${tag}; Path=${ROOT.pathname}; Max-Age=31536000; SameSite=Lax`;
  try {
    localStorage.setItem(REMEMBERED, tag);
  } catch {
    // storage is forbidden: the choice then lasts as long as the page
  }
}

function remembered() {
  try {
    return localStorage.getItem(REMEMBERED) ?? undefined;
  } catch {
    return undefined;
  }
}
