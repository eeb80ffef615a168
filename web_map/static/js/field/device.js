/** What the device can give: room, lasting storage, the turn to send when a signal comes. Shows nothing. */

/** Under this much room a day's photos may not fit. */
const LITTLE_BYTES = 300 * 1024 * 1024;
const NEARLY_FULL = 0.85;

/** @returns {Promise<{used: number, quota: number, free: number, little: boolean, lasting: boolean} | null>} */
export async function room() {
  if (!navigator.storage?.estimate) return null;
  const { usage: used = 0, quota = 0 } = await navigator.storage.estimate();
  const free = Math.max(0, quota - used);
  const lasting = (await navigator.storage.persisted?.()) ?? false;
  return { used, quota, free, little: quota > 0 && (free < LITTLE_BYTES || used / quota > NEARLY_FULL), lasting };
}

/** Asks the browser not to clear what is kept when the device runs short. */
export async function askToLast() {
  return (await navigator.storage?.persist?.()) ?? false;
}

/** Asks for a turn to send in the background, where the browser has that. @returns {Promise<boolean>} */
export async function askForTurn() {
  const registration = /** @type {any} */ (await navigator.serviceWorker?.ready.catch(() => null));
  if (!registration?.sync) return false;
  try {
    await registration.sync.register("outbox");
    return true;
  } catch {
    return false; // not allowed on this device: sending goes on while the app is open
  }
}
