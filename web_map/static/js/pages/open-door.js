/**
 * What the pages of the open door do beside being read: the language, a map of what they list, addresses to copy, and
 * a filter that is tried before the page is left. Without it they are tables that can be read and filtered all the same.
 */
import { ApiError, getJson } from "../api.js";
import { byId } from "../elements.js";
import { isLanguage, useLanguage } from "../messages.js";
import { remember } from "../panels/language-switch.js";
import { copied } from "./copying.js";

const page = document.documentElement;
const language = /** @type {HTMLSelectElement} */ (byId("language"));
language.addEventListener("change", () => {
  remember(language.value);
  window.location.reload();
});

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("ask"));
form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const asked = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (value !== "") asked.append(name, String(value));
  const refused = byId("refused");
  refused.textContent = "";
  try {
    await getJson(`${form.action}?${new URLSearchParams({ ...Object.fromEntries(asked), f: "json", limit: "1" })}`);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 400) throw error;
    refused.textContent = error.detail;
    return;
  }
  window.location.assign(`${form.action}?${asked}`);
});

await useLanguage(isLanguage(page.lang) ? page.lang : "zh-CN");
for (const [index, slot] of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-copied]")).entries()) {
  const { copied: label = "", value = "" } = slot.dataset;
  slot.replaceWith(copied({ id: `copied-${index}`, label, value }));
}

const map = document.getElementById("door-map");
if (map) {
  const { showDoorMap } = await import("../map/door-map.js");
  await showDoorMap(map);
}
