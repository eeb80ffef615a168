/**
 * Work packs: the markers of an area with their forms, last visits, small pictures and the tiles about them, taken along
 * for a day without signal. Taken again, only what has changed is fetched.
 */
import { address, getJson, getNewest, getWhole } from "../api.js";
import { all, changed, one, store } from "./store.js";

/** @typedef {import("./store.js").Pack} Pack */
/** @typedef {import("./store.js").PackedMarker} PackedMarker */
/** @typedef {{step: "records" | "pictures" | "tiles", done: number, all: number}} Progress */

export const TILES = "geo-field-tiles";
const LAYERS = ["units", "lines"];
/** Tiles of the whole area from where Hainan fits a phone; the finest only where there are not too many. */
const ZOOMS = { from: 6, to: 14 };
const MOST_TILES = 400;
const AROUND_DEG = 0.02;
const AT_ONCE = 6;
/** What a part takes on average, by estimate: for the size that is said before. */
const BYTES = { marker: 5200, picture: 14_000, tile: 7000 };

/** How much an area would be. @param {string} area */
export async function sizeOf(area) {
  /** @type {{markers: number, photos: number, extent: number[] | null}} */
  const { markers, photos, extent } = await getJson("api/field/size", { area });
  const ground = tilesOf(extent).length * BYTES.tile;
  return { markers, photos, bytes: markers * BYTES.marker + photos * BYTES.picture + ground };
}

/**
 * Takes an area along, or what has changed of it. What was there before stays until the new is whole.
 * @param {{area: string, title: string}} wanted
 * @param {(progress: Progress) => void} tell
 * @param {AbortSignal} [signal]
 */
export async function takeAlong({ area, title }, tell, signal) {
  const before = /** @type {Pack | undefined} */ (await one("packs", area));
  tell({ step: "records", done: 0, all: 1 });
  const pulled = /** @type {any} */ (await getJson("api/field/pull", { area, since: before?.token }, signal));
  const { markers, codes, token, extent, joint_inspections, my_edits, policy, profile, units } = pulled;
  const bytes = JSON.stringify(pulled).length;
  const pack = { area, title, token, taken_at: new Date().toISOString(), codes, joint_inspections, my_edits, policy, profile, units, extent, bytes };
  const act = (await store()).transaction(["packs", "markers"], "readwrite");
  await Promise.all([
    act.objectStore("packs").put({ ...pack, bytes: Math.max(bytes, before?.bytes ?? 0) }),
    ...markers.map((/** @type {PackedMarker} */ marker) => act.objectStore("markers").put(marker)),
    act.done,
  ]);
  tell({ step: "records", done: 1, all: 1 });
  await dropStrays();
  await pictures(markers, tell, signal);
  await tiles(extent, { anew: before === undefined, tell, signal });
  changed("packs");
  return { markers: markers.length, total: codes.length };
}

/** Puts a pack away, and the markers that no other pack holds. Records in the outbox stay. @param {string} area */
export async function putAway(area) {
  await (await store()).delete("packs", area);
  await dropStrays();
  await dropTiles();
  changed("packs");
}

async function dropStrays() {
  const packs = /** @type {Pack[]} */ (await all("packs"));
  const held = new Set(packs.flatMap(({ codes }) => codes));
  const database = await store();
  const strays = (await database.getAllKeys("markers")).filter((code) => !held.has(String(code)));
  const act = database.transaction("markers", "readwrite");
  await Promise.all([...strays.map((code) => act.store.delete(code)), act.done]);
}

/** @param {PackedMarker[]} markers @param {(progress: Progress) => void} tell @param {AbortSignal} [signal] */
async function pictures(markers, tell, signal) {
  const database = await store();
  const wanted = markers.flatMap(({ inspections }) =>
    inspections.slice(0, 1).flatMap(({ photos }) => photos.filter((/** @type {any} */ { arrived }) => arrived)),
  );
  const known = new Set(await database.getAllKeys("pictures"));
  const missing = wanted.filter(({ sha256 }) => !known.has(sha256));
  await each(missing, async ({ sha256 }, done) => {
    tell({ step: "pictures", done, all: missing.length });
    try {
      const answer = await getWhole(`api/photos/${sha256}/thumbnail`, signal);
      await database.put("pictures", { sha256, bytes: await answer.blob() });
    } catch (error) {
      // a film has no small picture, and a day in the field does without
      if (/** @type {any} */ (error).status !== 404) throw error;
    }
  });
}

/** @param {number[] | null} extent @param {{anew: boolean, tell: (progress: Progress) => void, signal?: AbortSignal}} how */
async function tiles(extent, { anew, tell, signal }) {
  if (!("caches" in globalThis)) return;
  const cache = await caches.open(TILES);
  const wanted = tilesOf(extent);
  const known = anew ? new Set() : new Set((await cache.keys()).map(({ url }) => pathOf(url)));
  const held = wanted.filter((path) => known.has(path));
  const moved = await Promise.all(LAYERS.map(async (layer) => ((await hasMoved(cache, held.find((path) => layerOf(path) === layer), signal)) ? layer : null)));
  const missing = wanted.filter((path) => !known.has(path) || moved.includes(layerOf(path)));
  await each(missing, async (path, done) => {
    tell({ step: "tiles", done, all: missing.length });
    const answer = await getNewest(path, signal);
    await cache.put(answer.url, answer.status === 204 ? new Response(null, { status: 200, headers: answer.headers }) : answer);
  });
}

/**
 * Whether a layer's data are newer than a tile of it that is held: the office's ETag ends in the version of the layer.
 * @param {Cache} cache @param {string | undefined} path @param {AbortSignal} [signal]
 */
async function hasMoved(cache, path, signal) {
  if (!path) return false;
  const [now, held] = await Promise.all([getNewest(path, signal), cache.match(address(path).href)]);
  return versionOf(now) !== versionOf(held);
}

/** @param {Response | undefined} answer */
function versionOf(answer) {
  return /-(\d+)"$/.exec(answer?.headers.get("etag") ?? "")?.[1];
}

/** Lets go of tiles that no pack needs. */
async function dropTiles() {
  if (!("caches" in globalThis)) return;
  const packs = /** @type {Pack[]} */ (await all("packs"));
  const needed = new Set(packs.flatMap(({ extent }) => tilesOf(extent)));
  const cache = await caches.open(TILES);
  await Promise.all((await cache.keys()).filter(({ url }) => !needed.has(pathOf(url))).map((request) => cache.delete(request)));
}

/** The path of a tile below the service's root, such as `tiles/units/9/413/227.mvt`. @param {string} url */
function pathOf(url) {
  const { pathname } = new URL(url);
  return pathname.slice(pathname.indexOf("tiles/"));
}

/** @param {string} path of a tile */
function layerOf(path) {
  return path.split("/")[1];
}

/** @template T @param {T[]} things @param {(thing: T, done: number) => Promise<void>} act */
async function each(things, act) {
  const left = things.map((thing, place) => ({ thing, place }));
  const worker = async () => {
    const next = left.shift();
    if (!next) return;
    await act(next.thing, next.place);
    await worker();
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Paths of the tiles over an area, as the map asks for them: data tiles lie one zoom above the screen's. @param {number[] | null} extent */
export function tilesOf(extent) {
  if (!extent) return [];
  const [west, south, east, north] = [extent[0] - AROUND_DEG, extent[1] - AROUND_DEG, extent[2] + AROUND_DEG, extent[3] + AROUND_DEG];
  /** @type {string[]} */
  const found = [];
  for (let z = ZOOMS.from - 1; z <= ZOOMS.to - 1; z += 1) {
    const columns = between(column(west, z), column(east, z));
    const rows = between(row(north, z), row(south, z));
    const level = LAYERS.flatMap((layer) => columns.flatMap((x) => rows.map((y) => `tiles/${layer}/${z}/${x}/${y}.mvt`)));
    if (found.length + level.length > MOST_TILES) break;
    found.push(...level);
  }
  return found;
}

/** @param {number} first @param {number} last */
function between(first, last) {
  return Array.from({ length: last - first + 1 }, (_, n) => first + n);
}

/** @param {number} lon @param {number} z */
function column(lon, z) {
  return Math.floor(((lon + 180) / 360) * 2 ** z);
}

/** @param {number} lat @param {number} z */
function row(lat, z) {
  return Math.floor(((1 - Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI) / 2) * 2 ** z);
}
