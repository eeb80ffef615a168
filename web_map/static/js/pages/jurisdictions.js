/** The names of the units that jurisdictions are; asked for once each, the code itself where none is on record. */
import { findUnits } from "../boundaries.js";
import { make } from "../elements.js";
import { say } from "../messages.js";
import { EVERYWHERE } from "../people.js";

/** @type {Map<string, Promise<string | null>>} */
const names = new Map();

/** @param {string} code @returns {Promise<string | null>} */
export function nameOf(code) {
  if (code === EVERYWHERE) return Promise.resolve(say("jurisdiction.everywhere"));
  const known = names.get(code) ?? asked(code);
  names.set(code, known);
  return known;
}

/** @param {string} code */
async function asked(code) {
  try {
    const page = await findUnits(code, null, new AbortController().signal);
    return page.features.find(({ properties }) => properties.code === code)?.properties.name ?? null;
  } catch {
    return null; // the code says enough
  }
}

/** A jurisdiction in words; its name follows when it is known. @param {string} code */
export function jurisdiction(code) {
  const name = make("span", { lang: code === EVERYWHERE ? null : "zh-CN" });
  nameOf(code).then((found) => (name.textContent = found ?? ""));
  return make("span", { class: "jurisdiction" }, name, code !== EVERYWHERE && make("span", { class: "code" }, ` ${code}`));
}

/** @param {string[]} codes */
export function jurisdictions(codes) {
  return make("ul", { class: "plain-list" }, ...codes.map((code) => make("li", {}, jurisdiction(code))));
}
