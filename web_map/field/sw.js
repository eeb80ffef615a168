/**
 * The service worker of the field app: keeps the app whole for a day without signal and sends the outbox when the
 * browser finds a signal (Background Sync). A new version waits until the surveyor takes it; data is not its business.
 */
import { sendAll } from "../static/js/field/sender.js";

const worker = /** @type {any} */ (self);
const VERSION = "SHELL_VERSION";
const SHELL = `geo-field-shell-${VERSION}`;
const KEPT = "geo-field-kept";
const TILES = "geo-field-tiles";
const ROOT = new URL("../", worker.location.href);
/** Answers that the app needs to open; the kept one is given at once and made new behind it. */
const OPENING = ["api/legend", "api/settings/public"];

worker.addEventListener("install", (/** @type {any} */ event) => event.waitUntil(keepShell()));
worker.addEventListener("activate", (/** @type {any} */ event) => event.waitUntil(tidy()));
worker.addEventListener("message", (/** @type {any} */ { data }) => data === "take-over" && worker.skipWaiting());
worker.addEventListener("sync", (/** @type {any} */ event) => {
  if (event.tag === "outbox") event.waitUntil(bringHome());
});
worker.addEventListener("fetch", (/** @type {any} */ event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== ROOT.origin) return;
  const path = url.pathname.slice(ROOT.pathname.length);
  if (OPENING.includes(path)) event.respondWith(keptFirst(event, path));
  else if (path.startsWith("tiles/") && request.cache !== "no-cache") event.respondWith(tile(request, path));
  else if (path.startsWith("static/") || path.startsWith("field/")) event.respondWith(ofShell(request, path));
});

/** Takes every file of the app in, or none: a shell with holes would open to a white page in the field. */
async function keepShell() {
  const answer = await fetch(new URL("field/shell.json", ROOT), { cache: "no-cache" });
  const { version, files } = await answer.json();
  if (version !== VERSION) throw new Error("the app has changed meanwhile");
  const [shell, kept] = await Promise.all([caches.open(SHELL), caches.open(KEPT)]);
  await Promise.all([
    shell.addAll(Object.keys(files).map((path) => new Request(new URL(path, ROOT), { cache: "no-cache" }))),
    kept.addAll(OPENING.map((path) => new URL(path, ROOT).href)),
  ]);
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith("geo-field-shell-") && name !== SHELL).map((name) => caches.delete(name)));
  await worker.clients.claim();
}

/** @param {any} event @param {string} path */
async function keptFirst(event, path) {
  const kept = await caches.open(KEPT);
  const found = await kept.match(new URL(path, ROOT).href);
  const fresh = fetch(event.request.url, { headers: event.request.headers }).then(async (answer) => {
    if (answer.ok) await kept.put(new URL(path, ROOT).href, answer.clone());
    return answer;
  });
  if (!found) return fresh;
  event.waitUntil(fresh.catch(() => null));
  return found;
}

/** A tile that was taken along, else the network's; without either the ground stays empty. @param {Request} request @param {string} path */
async function tile(request, path) {
  const found = await (await caches.open(TILES)).match(new URL(path, ROOT).href);
  if (found) return found;
  return fetch(request).catch(() => new Response(null, { status: 204 }));
}

/** @param {Request} request @param {string} path */
async function ofShell(request, path) {
  const name = path === "field" || path === "field/index.html" ? "field/" : path;
  const found = await (await caches.open(SHELL)).match(new URL(name, ROOT).href);
  return found ?? fetch(request);
}

/** Sends, and asks for another turn where something still waits. */
async function bringHome() {
  const { ended } = await sendAll();
  if (ended === "offline" || ended === "later") throw new Error(ended);
}
