/**
 * Wires the office map: state, map, panels and address. Every part knows the state and what it is given here; none
 * knows another.
 */
import { anyUnits, publicSettings, unitDetails } from "./boundaries.js";
import { byId } from "./elements.js";
import { loadLegend } from "./legend.js";
import { editingAllowedOn } from "./map/basemap-layer.js";
import { MapCanvas } from "./map/canvas.js";
import { fill, language, say, useLanguage } from "./messages.js";
import { signsOf, useOfficeProfile } from "./markers.js";
import { AsOfControl } from "./panels/as-of-control.js";
import { BoardDoor } from "./panels/board-door.js";
import { CoordinatesPanel } from "./panels/coordinates-panel.js";
import { LanguageSwitch, firstLanguage } from "./panels/language-switch.js";
import { LayerSwitch } from "./panels/layer-switch.js";
import { Notices } from "./panels/notices.js";
import { PrintView } from "./panels/print-view.js";
import { SearchPanel } from "./panels/search-panel.js";
import { SidePanel } from "./panels/side-panel.js";
import { WhoPanel } from "./panels/who-panel.js";
import { whoAmI } from "./people.js";
import { linkOf, read } from "./permalink.js";
import { KEEPERS } from "./references.js";
import { State } from "./state.js";

/** @typedef {import("./boundaries.js").PublicSettings} PublicSettings */

const state = new State();
const notices = new Notices();
const reader = whoAmI().catch(() => null);

/** Opens the page; a service that does not answer is said in words and can be asked again. */
async function open() {
  const { language: asked, ...wanted } = read(window.location.hash);
  state.set(wanted);
  const early = useLanguage(firstLanguage(asked, undefined));
  const answers = await Promise.all([publicSettings(), loadLegend()]).catch(() => null);
  await early;
  const settings = answers?.[0] ?? null;
  const preferred = firstLanguage(asked, settings?.language);
  if (preferred !== language()) await useLanguage(preferred);
  write();
  // A click focuses the map too; its cross-hair is for those who work it by keys.
  window.addEventListener("keydown", () => document.documentElement.toggleAttribute("data-keys", true), true);
  window.addEventListener("pointerdown", () => document.documentElement.toggleAttribute("data-keys", false), true);
  for (const skip of document.querySelectorAll("[data-skip]")) skipTo(skip);
  if (settings) wire(settings, await home(settings));
  else notices.failed(say("failed.start"), () => window.location.reload());
}

/** The page's own words. */
function write() {
  fill();
  document.title = say("app.title");
}

/** The ground of the office's own unit, unless a link says where to look. @param {PublicSettings} settings */
async function home({ home_unit }) {
  if (state.now.view) return null;
  try {
    return (await unitDetails({ code: home_unit }, state.now.as_of)).geometry;
  } catch {
    return null; // a register without the home unit opens on the whole of Hainan
  }
}

/** @param {PublicSettings} settings @param {object | null} ground where to look when the state does not say */
function wire(settings, ground) {
  useOfficeProfile(settings.colour_profile);
  const map = new MapCanvas(byId("map"), state.now, ground);
  state.set({ view: map.view });
  const board = new BoardDoor(state, {
    choose: (code, geometry) => {
      state.set({ selected: { kind: "marker", code } });
      if (geometry) map.show(geometry, covered());
    },
    tell: (words) => notices.tell(words),
    reader,
  });
  const recoloured = () => {
    map.markersAnew();
    board.refresh();
  };
  const panel = new SidePanel(state, {
    select: (selected) => state.set({ selected }),
    show: (geometry) => map.show(geometry, covered()),
    seeThen: ({ code, level, valid_from }) => state.set({ as_of: valid_from, selected: { kind: "unit", code, level } }),
    tell: (words) => notices.tell(words),
    recoloured,
  });
  const coordinates = new CoordinatesPanel();
  const parts = [
    new LayerSwitch(state, settings.basemaps, {
      know: (layers) => map.know(layers, state.now),
      zoomTo: ([west, south, east, north]) => map.show({ type: "MultiPoint", coordinates: [[west, south], [east, north]] }, covered()),
      keeps: reader.then((found) => found?.signed_in === true && found.roles.some((role) => KEEPERS.includes(role))),
    }),
    new AsOfControl(state),
    new SearchPanel(state, (unit) => goTo(unit, map)),
    new PrintView(state, { title: printTitle, resized: () => map.resized() }),
    board,
    coordinates,
    who(),
  ];
  const inAnotherLanguage = () => {
    write();
    for (const part of parts) part.show();
    standing(settings);
    panel.refresh();
    map.draw(state.now);
    map.wordMarkers(signsOf(state.now.profile));
    address();
  };
  const refused = () => notices.failed(say("failed.language"), () => window.location.reload());
  new LanguageSwitch(inAnotherLanguage, refused).show();
  map.addEventListener("gathered", (event) => board.list(/** @type {CustomEvent} */ (event).detail.points));
  follow(map, coordinates);
  offerPlanning(map);
  onState(map, settings);
  address();
  if (state.now.selected) panel.refresh();
  lookForUnits();
}

/** Who reads the map, as soon as it is known; the map does not wait for it. */
function who() {
  const panel = new WhoPanel(undefined);
  reader.then((found) => panel.meet(found?.signed_in ? found : null));
  return panel;
}

/** Those who are signed in may plan hubs; what that takes is loaded when the first of them does. @param {MapCanvas} map */
async function offerPlanning(map) {
  const found = await reader;
  if (!found?.signed_in) return;
  const button = byId("plan-button");
  /** @type {Promise<import("./planning.js").Planning> | null} */
  let planning = null;
  button.hidden = false;
  button.addEventListener("click", async () => {
    planning ??= import("./planning.js").then(
      ({ Planning }) =>
        new Planning(map, { tell: (words) => notices.tell(words), mayChange: found.roles.includes("planner") }),
    );
    const opening = button.getAttribute("aria-expanded") !== "true";
    button.setAttribute("aria-expanded", String(opening));
    const plan = await planning;
    if (opening) await plan.open();
    else plan.close();
  });
}

/** The map's events become state. @param {MapCanvas} map @param {CoordinatesPanel} coordinates */
function follow(map, coordinates) {
  /** @param {string} name @param {(detail: any) => void} act */
  const on = (name, act) => map.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
  on("moved", (view) => state.set({ view }));
  on("point", (at) => coordinates.show(at));
  on("busy", ({ busy, ground, markers }) => {
    notices.busy(busy);
    byId("map").toggleAttribute("data-drawn", !ground);
    byId("map").toggleAttribute("data-marked", !markers);
    if (!ground) performance.mark("map drawn");
  });
  on("problem", ({ basemap }) =>
    notices.failed(say(basemap ? "failed.basemap" : "failed.tiles"), () => map.retry()),
  );
  on("pick", ({ kind, code, level, ...at }) => {
    coordinates.show(at);
    state.set({ selected: kind ? { kind, code, ...(level && { level }) } : null });
    if (kind) map.uncover(at, covered());
  });
  const foot = byId("foot");
  const root = document.documentElement.style;
  new ResizeObserver(() => root.setProperty("--foot", `${foot.offsetHeight}px`)).observe(foot);
  byId("zoom-in").addEventListener("click", () => map.zoomBy(1));
  byId("zoom-out").addEventListener("click", () => map.zoomBy(-1));
}

/** The state becomes what is drawn and what stands in the address. @param {MapCanvas} map @param {PublicSettings} settings */
function onState(map, settings) {
  state.on(["as_of"], (now) => {
    map.date(now);
    lookForUnits();
  });
  state.on(["selected"], (now) => map.select(now));
  state.on(["layers", "basemap"], (now) => map.draw(now));
  state.on(["basemap"], () => background(map, settings));
  const marked = () => map.markers(state.now, signsOf(state.now.profile));
  state.on(["layers", "as_of", "profile", "filter"], marked);
  state.on(["view", "as_of", "selected", "layers", "basemap", "profile", "filter"], () => address());
  window.addEventListener("hashchange", () => {
    const asked = read(window.location.hash);
    const { view, as_of = null, selected = null, layers = state.now.layers, profile = null, filter = {} } = asked;
    state.set({ as_of, selected, layers, profile, filter });
    if (view) map.look(view);
  });
  background(map, settings);
  // The ground first: it is what the reader looks for, and markers stand on it.
  const onceDrawn = (/** @type {Event} */ event) => {
    if (/** @type {CustomEvent} */ (event).detail.ground) return;
    map.removeEventListener("busy", onceDrawn);
    marked();
  };
  map.addEventListener("busy", onceDrawn);
}

/** @param {MapCanvas} map @param {PublicSettings} settings */
function background(map, settings) {
  const basemap = settings.basemaps[state.now.basemap ?? -1];
  map.background(basemap);
  state.set({ editing_allowed: editingAllowedOn(basemap) });
  standing(settings);
}

/** @param {PublicSettings} settings */
function standing({ demo, authoritative, basemaps }) {
  const { basemap, editing_allowed } = state.now;
  notices.standing({ demo, authoritative, basemap: basemaps[basemap ?? -1], editing_allowed });
  document.documentElement.dataset.editing = editing_allowed ? "allowed" : "refused";
}

/** Writes the state into the address without a step in the browser's history. */
function address() {
  window.history.replaceState(null, "", linkOf(state.now));
}

/** @param {import("./boundaries.js").UnitProperties} unit @param {MapCanvas} map */
async function goTo({ code, level }, map) {
  state.set({ selected: { kind: "unit", code, level } });
  try {
    const { geometry } = await unitDetails({ code, level }, state.now.as_of);
    map.show(geometry, covered());
  } catch {
    // the side panel asks for the same unit and says what failed
  }
}

async function lookForUnits() {
  const { as_of } = state.now;
  try {
    notices.empty(!(await anyUnits(as_of)), as_of);
  } catch {
    notices.failed(say("failed.service"), () => lookForUnits());
  }
}

/** Skip links move the focus only: the part after # in the address is the map's. @param {Element} skip */
function skipTo(skip) {
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    byId((skip.getAttribute("href") ?? "").slice(1)).focus();
  });
}

/** What the side panel covers of the map: its right side, or its lower part on a phone. */
function covered() {
  const [panel, map] = [byId("panel"), byId("map")].map((element) => element.getBoundingClientRect());
  const foot_px = byId("foot").offsetHeight;
  if (panel.width === 0) return { right_px: 0, bottom_px: foot_px };
  if (panel.width === map.width) return { right_px: 0, bottom_px: panel.height };
  return { right_px: map.right - panel.left, bottom_px: foot_px };
}

function printTitle() {
  const chosen = state.now.selected ? byId("panel-title").textContent : "";
  return chosen ? say("print.title_of", { name: chosen }) : say("print.title");
}

await open();
