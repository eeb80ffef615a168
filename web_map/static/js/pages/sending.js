/** Sends what a form holds, once at a time, and says in words beside it what was refused; what was typed stays. */
import { ApiError } from "../api.js";
import { put, make } from "../elements.js";
import { say } from "../messages.js";

/**
 * @param {HTMLFormElement} form holds an element `.refused` for what went wrong
 * @param {() => Promise<void>} send
 * @param {(error: ApiError) => boolean} [refused] whether it dealt with a refusal itself
 */
export function sends(form, send, refused = () => false) {
  form.noValidate = true; // what is missing is said in the reader's language, not in the browser's
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.dataset.sending !== undefined || !complete(form)) return;
    form.dataset.sending = "";
    try {
      await send();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!refused(error)) refuse(form, error);
    } finally {
      delete form.dataset.sending;
    }
  });
}

/** Takes back what was said of the last try. @param {HTMLFormElement} form */
export function clear(form) {
  const told = form.querySelector(".refused");
  if (told instanceof HTMLElement) told.hidden = true;
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
}

/**
 * Says what is wrong, marks the fields that it is about and goes to the first.
 * @param {HTMLFormElement} form
 * @param {string | ApiError} problem in words, or as the service refused
 * @param {readonly string[]} [names] of the fields
 */
export function refuse(form, problem, names = fieldsOf(problem)) {
  clear(form);
  const told = form.querySelector(".refused");
  if (!(told instanceof HTMLElement)) throw new Error("the form has no place for refusals");
  put(told, ...(typeof problem === "string" ? [problem] : inWords(problem)));
  told.hidden = false;
  const fields = names.flatMap((name) => [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)]);
  for (const field of fields) field.setAttribute("aria-invalid", "true");
  const first = fields[0];
  if (first instanceof HTMLElement) first.focus();
  else told.scrollIntoView({ block: "nearest" });
}

/** A refusal as the service words it. @param {ApiError} error @returns {(Node | string)[]} */
export function inWords({ code, title, detail }) {
  if (code === "input.invalid") return [say("form.invalid")];
  return title ? [make("strong", {}, title), " ", detail] : [say("failed.service")];
}

/** @param {string | ApiError} problem */
function fieldsOf(problem) {
  return typeof problem === "string" ? [] : problem.errors.map(({ field }) => field.split(".").at(-1) ?? "");
}

/** @param {HTMLFormElement} form */
function complete(form) {
  clear(form);
  const wrong = [...form.elements].filter(
    (field) => "validity" in field && !(/** @type {HTMLInputElement} */ (field).validity.valid),
  );
  if (wrong.length === 0) return true;
  const names = wrong.map((field) => field.getAttribute("name") ?? "");
  refuse(form, say("form.incomplete"), names);
  return false;
}
