/** Two plans side by side: figures, map of the difference, units, and what was changed by whom. */
import { ApiError } from "../api.js";
import { byId, make, put } from "../elements.js";
import { comparison, registeredHubs, scenario, scenarioCells, scenarios } from "../hubs.js";
import { DifferenceMap, FATES, REACHES, reachSample } from "../map/difference-map.js";
import { label, loadLegend } from "../legend.js";
import { date, number } from "../measures.js";
import { knows, say, useCatalogues } from "../messages.js";
import { moment } from "./moments.js";
import { openPage } from "./page-frame.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../hubs.js").Comparison} Comparison */
/** @typedef {import("../hubs.js").Scenario} Scenario */
/** @typedef {import("../hubs.js").PlacedHub} PlacedHub */

const LEVELS = ["prefecture", "county", "township", "village"];
/** Stands for the hubs that exist now. */
const NOW = "";

const choose = /** @type {HTMLFormElement} */ (byId("choose"));
const [first, second, by] = ["plan-a", "plan-b", "by"].map((id) => /** @type {HTMLSelectElement} */ (byId(id)));
/** Null until they are known. @type {Scenario[] | null} */
let saved = null;
/** @type {{compared: Comparison, hubs: PlacedHub[][], reached: import("../hubs.js").Reached} | null} */
let shown = null;
/** @type {DifferenceMap | null} */
let map = null;
let asked = 0;

useCatalogues("plans");
if (await openPage({ title: "page.scenarios", written: () => write() })) begin();

async function begin() {
  try {
    [saved] = await Promise.all([act(() => scenarios()), loadLegend()]);
  } catch (error) {
    failed(error);
    return;
  }
  const wanted = new URLSearchParams(window.location.search);
  write();
  first.value = known(wanted.get("a")) ?? NOW;
  second.value = known(wanted.get("b")) ?? saved[0]?.id ?? NOW;
  by.value = LEVELS.find((level) => level === wanted.get("by")) ?? "county";
  choose.addEventListener("change", () => load());
  choose.addEventListener("submit", (event) => event.preventDefault());
  byId("swap").addEventListener("click", () => {
    [first.value, second.value] = [second.value, first.value || second.value];
    load();
  });
  byId("print").addEventListener("click", () => window.print());
  load();
}

/** @param {string | null} id */
function known(id) {
  return saved?.find((each) => each.id === id)?.id;
}

/** Everything in the language of the page. */
function write() {
  if (saved === null) return;
  const [a, b, level] = [first.value, second.value, by.value];
  const plans = saved.map(({ id, name, changed_by }) => make("option", { value: id }, `${name} (${changed_by})`));
  put(first, make("option", { value: NOW }, say("compare.now")), ...plans);
  put(second, ...plans.map((option) => option.cloneNode(true)));
  put(by, ...LEVELS.map((each) => make("option", { value: each }, label("levels", each))));
  if (saved.length > 0) [first.value, second.value] = [a, b];
  if (level) by.value = level;
  byId("choose-title").parentElement?.toggleAttribute("hidden", saved.length === 0);
  if (saved.length === 0) instead(say("compare.none"), make("a", { href: "./" }, say("compare.to_map")));
  show();
}

async function load() {
  if (!second.value) return;
  const turn = (asked += 1);
  const [a, b] = [first.value || null, second.value];
  const query = new URLSearchParams({ ...(a && { a }), b, by: by.value });
  window.history.replaceState(null, "", `?${query}`);
  byId("main").setAttribute("aria-busy", "true");
  try {
    const [compared, before, after, reached] = await act(() =>
      Promise.all([
        comparison(a, b, by.value),
        a ? scenario(a).then(({ hubs }) => hubs) : registeredHubs().then((hubs) => hubs.filter(({ status }) => status === "existing")),
        scenario(b).then(({ hubs }) => hubs),
        scenarioCells(b),
      ]),
    );
    if (turn !== asked) return;
    shown = { compared, hubs: [before, after], reached };
    instead();
    show();
  } catch (error) {
    if (turn === asked) failed(error);
  } finally {
    if (turn === asked) byId("main").removeAttribute("aria-busy");
  }
}

/** @param {unknown} error */
function failed(error) {
  shown = null;
  show();
  const words = error instanceof ApiError && error.detail ? error.detail : say("failed.service");
  instead(words, make("button", { type: "button", class: "plain", onclick: () => window.location.reload() }, say("action.retry")));
}

/** @param {...import("../elements.js").Child} words */
function instead(...words) {
  put(byId("instead"), words.length > 0 && make("section", { class: "card" }, ...words.map((each) => make("p", {}, each))));
}

function show() {
  byId("answer").hidden = shown === null;
  if (!shown) return;
  const { compared } = shown;
  byId("difference").textContent = verdict(compared);
  put(byId("sources"), ...sources(shown.reached));
  put(byId("figures"), figures(compared));
  put(byId("units"), units(compared));
  put(byId("changes"), ...changes(compared, shown.hubs));
  drawMap();
}

/** @param {Comparison} compared */
function verdict({ difference }) {
  const { covered_weight, gained_weight, lost_weight, nearer_weight } = difference;
  const sense = covered_weight > 0 ? "compare.more" : covered_weight < 0 ? "compare.fewer" : "compare.as_many";
  return say(sense, {
    people: number(Math.abs(covered_weight), 0),
    gained: number(gained_weight, 0),
    lost: number(lost_weight, 0),
    nearer: number(nearer_weight, 0),
  });
}

/** What the figures rest on, with source and day. @param {import("../hubs.js").Reached} reached */
function sources({ demand, network }) {
  return [demand, network].flatMap((each) => each ?? []).map(({ name, source, counted_on, dated_on }) =>
    make("span", {}, [name, source, date(counted_on ?? dated_on)].filter(Boolean).join(" · ")),
  );
}

/** @param {Comparison} compared */
function figures({ a, b }) {
  const worst = (/** @type {Comparison["a"]} */ { equity }) => equity.worst_unit && `${equity.worst_unit.name} ${share(equity.worst_unit.covered_share)}`;
  /** @type {[string, (side: Comparison["a"]) => number | null, (value: number | null) => string][]} */
  const measured = [
    [say("compare.hubs"), (side) => side.hubs, whole],
    [say("compare.limit"), (side) => side.limit_m, whole],
    [say("compare.covered"), (side) => side.covered_weight, whole],
    [say("compare.share"), (side) => side.covered_share, share],
  ];
  for (const group of Object.keys(b.equity.share_beyond_limit)) {
    measured.push([say("compare.beyond", { group: groupName(group) }), (side) => side.equity.share_beyond_limit[group] ?? null, share]);
  }
  measured.push([say("compare.gini"), (side) => side.equity.gini_of_walk, index], [say("compare.palma"), (side) => side.equity.palma_of_walk, index]);
  const rows = measured.map(([name, read, words]) => {
    const [before, after] = [read(a), read(b)];
    const between = before === null || after === null ? "–" : signed(after - before, words);
    return make("tr", {}, make("th", { scope: "row" }, name), ...[words(before), words(after), between].map((each) => make("td", {}, each)));
  });
  const worsts = make("tr", {}, make("th", { scope: "row" }, say("compare.worst")), make("td", {}, worst(a) ?? "–"), make("td", {}, worst(b) ?? "–"), make("td", {}, ""));
  const heads = [say("compare.figure"), a.name ?? say("compare.now"), b.name ?? say("compare.now"), say("compare.difference")];
  return make(
    "table",
    { class: "rows figures" },
    make("caption", { class: "unseen" }, say("compare.figures")),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows, worsts),
  );
}

/** A group that only the office knows is called by its own name. @param {string} group */
function groupName(group) {
  return knows(`compare.${group}`) ? say(`compare.${group}`) : group;
}

/** The units that lose most come first. @param {Comparison} compared */
function units({ difference, a, b }) {
  const order = [...difference.units].sort((one, other) => one.gained_weight - other.gained_weight);
  const rows = order.map(({ name, total_weight, a: before, b: after, gained_weight }) =>
    make(
      "tr",
      { class: gained_weight < 0 ? "worse" : null },
      make("th", { scope: "row" }, name ?? say("plan.no_unit")),
      ...[whole(total_weight), share(before), share(after), signed(gained_weight, whole)].map((each) => make("td", {}, each)),
    ),
  );
  const heads = [say("plan.unit"), say("plan.total"), a.name ?? say("compare.now"), b.name ?? say("compare.now"), say("compare.people_difference")];
  return make(
    "table",
    { class: "rows figures" },
    make("caption", { class: "unseen" }, say("compare.units")),
    make("thead", {}, make("tr", {}, ...heads.map((head) => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows),
  );
}

/** @param {Comparison} compared @param {PlacedHub[][]} hubs */
function changes({ hubs: changed, steps }, [before, after]) {
  const names = new Map([...before, ...after].map(({ id, name }) => [id, name]));
  const kinds = /** @type {const} */ (["added", "removed", "moved", "altered"]).filter((kind) => changed[kind].length > 0);
  const lists = kinds.map((kind) =>
    make("p", {}, make("strong", {}, say(`compare.hub_${kind}`)), `: ${changed[kind].map((id) => names.get(id) || id).join(say("compare.and"))}`),
  );
  const saves = steps.map(({ recorded_at, recorded_by, change }) => {
    const told = /** @type {const} */ (["added", "removed", "moved", "altered"])
      .filter((kind) => (change[kind]?.length ?? 0) > 0)
      .map((kind) => say("compare.count", { kind: say(`compare.hub_${kind}`), count: change[kind].length }));
    return make("li", {}, make("time", { datetime: recorded_at }, moment(recorded_at)), ` · ${recorded_by} · ${told.join(say("compare.and")) || say("compare.other_fields")}`);
  });
  return [
    ...(lists.length > 0 ? lists : [make("p", {}, say("compare.same_hubs"))]),
    make("h3", {}, say("compare.saves")),
    saves.length > 0 ? make("ol", { class: "saves" }, ...saves) : make("p", {}, say("compare.no_saves")),
  ];
}

function drawMap() {
  const { compared, hubs, reached } = /** @type {NonNullable<typeof shown>} */ (shown);
  const { cells } = reached;
  const element = byId("difference-map");
  element.hidden = !cells;
  put(byId("map-key"), ...(cells ? signs() : [make("li", {}, say("compare.too_many"))]));
  if (!cells) return;
  map ??= new DifferenceMap(element);
  const [gained, lost] = [new Set(compared.difference.gained), new Set(compared.difference.lost)];
  const reach = cells.ids.map((id, row) =>
    gained.has(id) ? "gained" : lost.has(id) ? "lost" : cells.times_served[row] > 0 ? "both" : "neither",
  );
  const [before, after] = hubs;
  const { added, moved, removed } = compared.hubs;
  const drawn = [
    ...after.map((hub) => ({ ...hub, fate: added.includes(hub.id) ? "added" : moved.includes(hub.id) ? "moved" : "kept" })),
    ...before.filter(({ id }) => removed.includes(id)).map((hub) => ({ ...hub, fate: "removed" })),
  ];
  const words = say("compare.map_words", { gained: number(gained.size, 0), lost: number(lost.size, 0) });
  map.show({ lon: cells.lon, lat: cells.lat, reach: /** @type {any} */ (reach) }, /** @type {any} */ (drawn), words);
}

function signs() {
  return [
    ...[...REACHES].reverse().map((kind) => make("li", {}, reachSample(kind), say(`compare.${kind}`))),
    ...FATES.map((fate) => make("li", {}, make("span", { class: `difference-hub hub-${fate}`, "aria-hidden": "true" }, make("span", {})), say(`compare.hub_${fate}`))),
  ];
}

/** @param {number | null} value */
function share(value) {
  return value === null ? "–" : `${number(value * 100, 1)} %`;
}

/** @param {number | null} value */
function whole(value) {
  return value === null ? "–" : number(value, 0);
}

/** @param {number | null} value */
function index(value) {
  return value === null ? "–" : number(value, 3);
}

/** @param {number} value @param {(value: number) => string} words */
function signed(value, words) {
  if (words(value) === words(0)) return words(0);
  return `${value > 0 ? "+" : "−"}${words(Math.abs(value))}`;
}
