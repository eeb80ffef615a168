/** The register of names: searched as one types, each hit with why it is one; one name in full; what the audit finds. */
import { byId, make, put } from "../elements.js";
import { entries, label, loadLegend } from "../legend.js";
import { RoadMap } from "../map/road-map.js";
import { say, useCatalogues } from "../messages.js";
import { findNames, nameOf, streetsAround, unitName } from "../naming.js";
import { openPage } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { auditCard } from "./audit-card.js";
import { actsCard } from "./name-acts.js";
import { factsCard, heading, historyCard, linkCard, sourcesCard, standing } from "./name-parts.js";
import { isAbort } from "../api.js";

const PAUSE_MS = 200;

const hits = byId("hits");
const place = byId("found-name");
const form = /** @type {HTMLFormElement} */ (byId("register-filter"));
const reading_hits = new Reading(hits, () => search());
const reading_one = new Reading(place, () => loadOne());
/** @type {{names: import("../naming.js").Name[], total: number} | null} */
let found = null;
/** @type {{name: import("../naming.js").Name, unit: {zh: string, en: string}, around: import("../map/road-map.js").Drawn[]} | null} */
let one = null;
/** @type {RoadMap | null} */
let map = null;
let waiting = 0;
let request = new AbortController();

useCatalogues("naming");
const opened = await openPage({ title: "page.register", anyone: true, written: write });
if (opened) begin();

async function begin() {
  await reading_hits.of(loadLegend);
  write();
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(search, PAUSE_MS);
  });
  window.addEventListener("hashchange", async () => {
    showHits();
    await loadOne();
    place.focus();
  });
  const typed = new URLSearchParams(window.location.search).get("q");
  if (typed) /** @type {HTMLInputElement} */ (byId("register-q")).value = typed;
  search();
  loadOne();
}

function wanted() {
  return window.location.hash.slice(1) || null;
}

async function search() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const asked = /** @type {Record<string, string>} */ (Object.fromEntries(new FormData(form).entries()));
  try {
    const answer = await reading_hits.of(() => findNames(asked, signal));
    if (answer) keepFound(answer);
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}

/** @param {{names: import("../naming.js").Name[], total: number}} answer */
function keepFound(answer) {
  found = answer;
  showHits();
}

function showHits() {
  if (!found) return;
  const { names, total } = found;
  byId("hit-count").textContent = say("register.count", { shown: names.length, total });
  put(hits, names.length === 0 ? make("p", { class: "nothing" }, say("register.none")) : make("ul", { class: "plain-list entries" }, ...names.map((name) => make("li", {}, hit(name)))));
}

/** @param {import("../naming.js").Name} name */
function hit({ id, properties: { name, pinyin, status, matched, heritage } }) {
  const why = matched?.why ?? "";
  return make(
    "a",
    { class: "entry", href: `#${id}`, "aria-current": id === wanted() ? "true" : null },
    make("span", { class: "entry-name", lang: "zh-CN" }, name),
    make("span", { class: "pinyin-small", lang: "zh-Latn" }, pinyin),
    make("span", { class: "marks" }, status !== "in_force" && make("span", { class: "badge grave" }, label("naming_states", status)), heritage && make("span", { class: "badge" }, heritage), why && make("span", { class: "badge why" }, say(`match.${why}`), matched?.with ? `${say("list.colon")}${matched.with}` : "")),
  );
}

async function loadOne() {
  const id = wanted();
  keepOne(null);
  if (!id) return;
  const answer = await reading_one.of(async () => {
    const name = await nameOf(id);
    const [unit, around] = await Promise.all([unitName(name.properties.unit_code), streetsAround(name.geometry, [id])]);
    return { name, unit, around };
  });
  if (answer && wanted() === id) keepOne(answer);
}

/** @param {typeof one} answer */
function keepOne(answer) {
  one = answer;
  showOne();
}

function showOne() {
  map?.remove();
  map = null;
  put(place);
  if (!one) return;
  const { name, unit, around } = one;
  const ground = make("div", { class: "road-map" });
  const at = (/** @type {string} */ id) => `#${id}`;
  put(place, heading(name), standing(name, at), make("section", { class: "card map-card", "aria-label": say("name.where") }, name.geometry ? ground : make("p", { class: "hint" }, say("name.no_ground"))), factsCard(name, unit), historyCard(name, at), sourcesCard(name), linkCard(name), mayAct() && actsCard(name, acted));
  if (!name.geometry) return;
  map = new RoadMap(ground, say("name.map", { name: name.properties.name }));
  map.show([...around, { role: "own", name: name.properties.name, geometry: name.geometry }]);
}

function mayAct() {
  return opened?.account?.roles.includes("naming");
}

async function acted() {
  byId("told").textContent = say("act.done");
  await loadOne();
  place.focus();
}

function write() {
  for (const [id, group, none] of [["register-kind", "naming_kinds", "register.any_kind"], ["register-status", "naming_states", "register.in_force"]]) {
    const select = /** @type {HTMLSelectElement} */ (byId(id));
    const kept = select.value;
    const codes = entries(group).filter(({ code }) => group !== "naming_states" || ["renamed", "retired", "historic"].includes(code));
    put(select, make("option", { value: "" }, say(none)), ...codes.map(({ code }) => make("option", { value: code }, label(group, code))));
    select.value = kept;
  }
  put(byId("audit"), mayAct() && auditCard());
  showHits();
  showOne();
}
