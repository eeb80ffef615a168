/** A name's public page: how it is read, what it means, whether it stands, what it was called, where it is. */
import { ApiError } from "../api.js";
import { byId, make, put } from "../elements.js";
import { loadLegend } from "../legend.js";
import { RoadMap } from "../map/road-map.js";
import { say, useCatalogues } from "../messages.js";
import { nameOf, streetsAround, unitName } from "../naming.js";
import { openPage } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { factsCard, heading, historyCard, linkCard, standing } from "./name-parts.js";

/** @typedef {import("../naming.js").Name} Name */

const place = byId("name");
const reading = new Reading(place, () => load());
/** @type {{name: Name, unit: {zh: string, en: string}, around: import("../map/road-map.js").Drawn[]} | null} */
let found = null;
let unknown = false;
/** @type {RoadMap | null} */
let map = null;

useCatalogues("naming");
if (await openPage({ title: "page.name", anyone: true, written: show })) load();

async function load() {
  const id = decodeURIComponent(window.location.pathname.split("/").at(-1) ?? "");
  const answer = await reading.of(async () => {
    try {
      const [name] = await Promise.all([nameOf(id), loadLegend()]);
      const [unit, around] = await Promise.all([unitName(name.properties.unit_code), streetsAround(name.geometry, [id])]);
      return { name, unit, around };
    } catch (error) {
      if (error instanceof ApiError && (error.status === 404 || error.status === 422)) return null;
      throw error;
    }
  });
  if (answer === undefined) return;
  found = answer;
  unknown = answer === null;
  show();
}

function show() {
  map?.remove();
  map = null;
  if (unknown) put(place, notFound());
  if (!found) return;
  const { name, unit, around } = found;
  const facts = name.properties;
  document.title = `${facts.name} ${facts.pinyin} · ${say("app.title")}`;
  const ground = make("div", { class: "road-map" });
  const at = (/** @type {string} */ other) => other;
  put(
    place,
    heading(name),
    standing(name, at),
    make("div", { class: "pair name-and-map" }, factsCard(name, unit), make("section", { class: "card map-card", "aria-label": say("name.where") }, name.geometry ? ground : make("p", { class: "hint" }, say("name.no_ground")))),
    historyCard(name, at),
    linkCard(name),
  );
  if (!name.geometry) return;
  map = new RoadMap(ground, say("name.map", { name: facts.name }));
  map.show([...around, { role: "own", name: facts.name, geometry: name.geometry }]);
}

function notFound() {
  return make(
    "section",
    { class: "card" },
    make("h1", {}, say("name.unknown_title")),
    make("p", {}, say("name.unknown")),
    make("p", { class: "actions" }, make("a", { class: "plain", href: "../naming/public" }, say("page.public_comment")), make("a", { class: "plain", href: "../" }, say("page.map"))),
  );
}
