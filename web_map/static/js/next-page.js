/** Where a page leads on to after sign-in: a page of this service; refuses to lead anywhere else. */

import { address, ROOT } from "./api.js";

/** Browsers read `//host`, `/\host` and a path with tabs in it as another host's address. */
const OWN_PATH = /^\/(?![/\\])[^\\\p{Cc}\s]*$/u;

/**
 * The path as it was asked for, null when it is not one of this service.
 * @param {string | null} wanted e.g. `/account?tab=tokens`
 */
export function ownPath(wanted) {
  if (wanted === null || !OWN_PATH.test(wanted)) return null;
  return new URL(`.${wanted}`, ROOT).origin === window.location.origin ? wanted : null;
}

/** The address of such a path, also when a proxy serves the service below another one. */
export function addressOf(/** @type {string} */ path) {
  return new URL(`.${path}`, ROOT).href;
}

/** The sign-in page that leads back to where the reader is now. */
export function signInAddress() {
  const here = `/${window.location.href.slice(ROOT.href.length)}`;
  const page = address("sign-in");
  if (here !== "/") page.searchParams.set("next", here);
  return page.href;
}
