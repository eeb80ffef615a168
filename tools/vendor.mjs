/**
 * Copies the third-party builds that the pages load from node_modules to web_map/static/vendor, with their licences,
 * and writes vendor.json (name, version, licence, sha256 of every file). With --check it writes nothing and fails
 * when the tree differs from what the package manager installed. It never changes a build and never downloads one.
 */
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VENDOR = join(ROOT, "web_map", "static", "vendor");

/**
 * What each package gives, licence included. `pmtiles` and `@protomaps/basemaps` are missing on purpose: the map
 * draws its own tiles by its own rules, so index.html maps both to js/map/left-out.js.
 * @type {Record<string, string[]>}
 */
const TAKEN = {
  leaflet: ["dist/leaflet-src.esm.js", "dist/leaflet.css", "LICENSE"],
  "protomaps-leaflet": ["dist/esm/index.js", "LICENSE"],
  "@mapbox/point-geometry": ["index.js", "LICENSE"],
  "@mapbox/vector-tile": ["index.js", "LICENSE.txt"],
  pbf: ["index.js", "LICENSE"],
  rbush: ["index.js", "LICENSE"],
  quickselect: ["index.js", "LICENSE"],
  color2k: ["dist/index.exports.import.es.mjs", "LICENSE"],
  potpack: ["index.mjs", "LICENSE"],
  supercluster: ["index.js", "LICENSE"],
  kdbush: ["index.js", "LICENSE"],
  idb: ["build/index.js", "build/index.d.ts", "build/entry.d.ts", "build/database-extras.d.ts", "build/async-iterators.d.ts", "build/util.d.ts", "build/wrap-idb-value.d.ts", "LICENSE"],
};

/** `.mjs` becomes `.js`: not every web server in an office knows the media type of the former. */
function placed(/** @type {string} */ name, /** @type {string} */ path) {
  const file = path.slice(path.lastIndexOf("/") + 1).replace(/\.mjs$/, ".js");
  return join(name.replace("@", "").replace("/", "-"), file);
}

/** @param {string} path */
async function sha256(path) {
  return createHash("sha256").update(await readFile(path)).digest("hex");
}

async function inventory() {
  const packages = [];
  for (const [name, paths] of Object.entries(TAKEN)) {
    const source = join(ROOT, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(join(source, "package.json"), "utf8"));
    const files = [];
    for (const path of paths) {
      files.push({ from: join(source, path), to: placed(name, path), sha256: await sha256(join(source, path)) });
    }
    packages.push({ name, version, license, files });
  }
  return packages;
}

/** @param {Awaited<ReturnType<typeof inventory>>} packages */
function manifest(packages) {
  const listed = packages.map(({ files, ...about }) => ({
    ...about,
    files: Object.fromEntries(files.map((file) => [file.to, file.sha256])),
  }));
  return `${JSON.stringify(listed, null, 2)}\n`;
}

/** @param {Awaited<ReturnType<typeof inventory>>} packages */
async function differences(packages) {
  const wrong = [];
  for (const file of packages.flatMap((each) => each.files)) {
    const path = join(VENDOR, file.to);
    if (!existsSync(path) || (await sha256(path)) !== file.sha256) wrong.push(relative(ROOT, path));
  }
  const listing = join(VENDOR, "vendor.json");
  if (!existsSync(listing) || (await readFile(listing, "utf8")) !== manifest(packages)) {
    wrong.push(relative(ROOT, listing));
  }
  return wrong;
}

/** @param {Awaited<ReturnType<typeof inventory>>} packages */
async function copy(packages) {
  await rm(VENDOR, { recursive: true, force: true });
  for (const file of packages.flatMap((each) => each.files)) {
    await mkdir(dirname(join(VENDOR, file.to)), { recursive: true });
    await copyFile(file.from, join(VENDOR, file.to));
  }
  await writeFile(join(VENDOR, "vendor.json"), manifest(packages));
}

const packages = await inventory();
if (!process.argv.includes("--check")) await copy(packages);
const wrong = await differences(packages);
for (const path of wrong) console.error(`differs from node_modules: ${path}`);
process.exitCode = wrong.length === 0 ? 0 : 1;
