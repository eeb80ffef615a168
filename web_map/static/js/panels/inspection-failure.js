/** Why a record was not taken, in words and with what to do about it; it retries nothing. */
import { ApiError } from "../api.js";
import { make } from "../elements.js";
import { knows, say } from "../messages.js";

/**
 * @param {unknown} error
 * @param {{recorded?: boolean}} [state] whether the record itself had already been taken when a photo failed
 * @returns {Node[]}
 */
export function failureWords(error, { recorded = false } = {}) {
  const head = recorded ? [make("p", { class: "warned" }, say("failure.photos_missing"))] : [];
  if (!(error instanceof ApiError) || error.code === "network") return [...head, said("failure.network")];
  if (error.status === 401) {
    const next = encodeURIComponent(`${window.location.pathname}${window.location.hash}`);
    return [...head, said("failure.signed_out"), make("a", { href: `sign-in?next=${next}` }, say("marker.sign_in"))];
  }
  const fields = error.errors.map(({ field, detail }) =>
    make("li", {}, make("b", {}, fieldWords(field)), ` ${detail}`),
  );
  return [
    ...head,
    make("p", { class: "failed" }, make("b", {}, error.title || say("failure.refused")), error.detail ? ` ${error.detail}` : ""),
    ...(fields.length > 0 ? [make("ul", {}, ...fields)] : []),
  ];
}

/** @param {string} key */
function said(key) {
  return make("p", { class: "failed" }, say(key));
}

/** The name of a field as the form has it. @param {string} field such as `body.observed_position.lon` */
function fieldWords(field) {
  const last = field.split(".").at(-1) ?? field;
  const key = [`fix.${last}`, `inspection.${last}`].find((each) => knows(each));
  return key ? say(key) : field;
}
