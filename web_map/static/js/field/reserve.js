/**
 * Room set aside on the device. What a browser says of free room is a guess, and some always say the same: so a file is
 * written when a pack is taken along, and given up when something else finds no room. That is the early warning, and
 * the day's work still fits. A photo or draft is refused only when that room is gone too.
 */
import { changed, isFull, keep, kept } from "./store.js";

const BYTES = 32 * 1024 * 1024;
const FILE = "reserve";
const SPENT = "reserve_spent";
/** Browsers notice a moment later that there is room again. */
const TRIES = 5;
const PAUSE_MS = 400;

/** Sets the room aside, where it is not yet. @returns {Promise<boolean>} false where there is none, or no such files */
export async function setAside() {
  if (await isSetAside()) return true;
  try {
    const folder = await navigator.storage.getDirectory();
    const sink = await (await folder.getFileHandle(FILE, { create: true })).createWritable();
    await sink.write(new Uint8Array(BYTES));
    await sink.close();
    await keep(SPENT, false);
    return true;
  } catch (error) {
    if (isFull(error)) await keep(SPENT, true).catch(() => null);
    return false;
  }
}

async function isSetAside() {
  try {
    const folder = await navigator.storage.getDirectory();
    return (await (await folder.getFileHandle(FILE)).getFile()).size === BYTES;
  } catch {
    return false;
  }
}

/** Whether the device has run short since the room was last set aside. */
export async function isShort() {
  return Boolean(await kept(SPENT));
}

/**
 * Writes, with the room set aside where there is no other.
 * @template T
 * @param {() => Promise<T>} write
 * @returns {Promise<T>}
 */
export async function withRoom(write) {
  try {
    return await write();
  } catch (error) {
    if (!isFull(error) || !(await spend())) throw error;
    return again(write, TRIES);
  }
}

/** @template T @param {() => Promise<T>} write @param {number} tries @returns {Promise<T>} */
async function again(write, tries) {
  try {
    return await write();
  } catch (error) {
    if (!isFull(error) || tries === 1) throw error;
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
    return again(write, tries - 1);
  }
}

/** Gives the room up. @returns {Promise<boolean>} whether there was any */
async function spend() {
  const had = await isSetAside();
  if (had) {
    const folder = await navigator.storage.getDirectory();
    await folder.removeEntry(FILE);
    await keep(SPENT, true).catch(() => null);
  }
  changed("room");
  return had;
}
