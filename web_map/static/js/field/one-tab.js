/** A form is open in one tab only: two that write the same draft would undo each other's words. */

/** @param {string} key @returns {Promise<(() => void) | null>} what ends it, null where another tab has the form */
export function onlyHere(key) {
  return new Promise((resolve) => {
    navigator.locks.request(`geo-field-form:${key}`, { ifAvailable: true }, (lock) => {
      if (!lock) {
        resolve(null);
        return undefined;
      }
      return new Promise((release) => resolve(() => release(undefined)));
    });
  });
}
