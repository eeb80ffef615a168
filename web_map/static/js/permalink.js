/**
 * The page state in the address, so that a colleague opens the same map:
 * `#map=10/20.0200/110.3500&as_of=2012-01-01&selected=unit:460105:county&layers=units,lines&lang=en`, and for markers
 * `&profile=inspection_progress&filter=colour:red,unit:460107`.
 * Anything unreadable in it is left out, never guessed.
 */
import { isLanguage, language } from "./messages.js";

const LAYERS = ["units", "lines", "labels", "markers"];
const REFERENCE_LAYER = /^reference:[^,/]{1,100}$/;
/** What a filter may name, and what its values look like. @type {Record<string, RegExp>} */
const FILTERS = {
  colour: /^[a-z]{2,12}$/,
  line: /^[\w.-]{2,40}$/,
  unit: /^\d{6,12}$/,
  due_before: /^\d{4}-\d{2}-\d{2}$/,
  case_stage: /^[a-z_]{2,40}$/,
};

/** @typedef {import("./state.js").PageState} PageState */

/**
 * @param {string} hash
 * @returns {Partial<PageState> & {language?: import("./messages.js").Language}}
 */
export function read(hash) {
  const parts = new URLSearchParams(hash.replace(/^#/, ""));
  const lang = parts.get("lang");
  const basemap = /^\d+$/.test(parts.get("basemap") ?? "") ? Number(parts.get("basemap")) : undefined;
  const found = {
    view: view(parts.get("map")),
    as_of: day(parts.get("as_of")),
    selected: selection(parts.get("selected")),
    layers: parts.has("layers") ? layers(parts.get("layers") ?? "") : undefined,
    basemap,
    profile: /^[a-z_]{2,40}$/.test(parts.get("profile") ?? "") ? (parts.get("profile") ?? undefined) : undefined,
    filter: parts.has("filter") ? filter(parts.get("filter") ?? "") : undefined,
    language: isLanguage(lang) ? lang : undefined,
  };
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
}

/** @param {PageState} state */
export function linkOf(state) {
  const parts = [];
  if (state.view) parts.push(`map=${state.view.zoom}/${state.view.lat.toFixed(5)}/${state.view.lon.toFixed(5)}`);
  if (state.as_of) parts.push(`as_of=${state.as_of}`);
  if (state.selected) {
    const { kind, code, level } = state.selected;
    parts.push(`selected=${[kind, code, level].filter(Boolean).join(":")}`);
  }
  const shown = state.layers.map((name) => encodeURIComponent(name).replace("%3A", ":")).join(",");
  if (shown !== LAYERS.join(",")) parts.push(`layers=${shown}`);
  if (state.basemap !== null) parts.push(`basemap=${state.basemap}`);
  if (state.profile) parts.push(`profile=${state.profile}`);
  const filters = Object.entries(state.filter).map(([name, value]) => `${name}:${value}`);
  if (filters.length > 0) parts.push(`filter=${filters.join(",")}`);
  parts.push(`lang=${language()}`);
  return `#${parts.join("&")}`;
}

/** Names of layers, those for reference after the page's own. @param {string} text */
function layers(text) {
  const named = text.split(",");
  const others = named.filter((name) => REFERENCE_LAYER.test(name));
  return [...LAYERS.filter((name) => named.includes(name)), ...others];
}

/** @param {string | null} text */
function view(text) {
  const [zoom, lat, lon] = (text ?? "").split("/").map(Number);
  const sane = zoom >= 0 && zoom <= 20 && Math.abs(lat) <= 85 && Math.abs(lon) <= 180;
  return sane ? { zoom, lat, lon } : undefined;
}

/** @param {string | null} text */
export function day(text) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text ?? "")) return undefined;
  const date = new Date(`${text}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text ?? "") ? (text ?? undefined) : undefined;
}

/** @param {string} text @returns {PageState["filter"]} */
function filter(text) {
  const pairs = text.split(",").map((part) => /** @type {[string, string]} */ (part.split(":", 2)));
  return Object.fromEntries(pairs.filter(([name, value]) => FILTERS[name]?.test(value ?? "")));
}

/** @param {string | null} text @returns {PageState["selected"] | undefined} */
function selection(text) {
  const [, kind, code, level] = /^(unit|line|marker):([\w.-]{2,40})(?::([a-z]+))?$/.exec(text ?? "") ?? [];
  return kind === "unit" || kind === "line" || kind === "marker" ? { kind, code, ...(level && { level }) } : undefined;
}
