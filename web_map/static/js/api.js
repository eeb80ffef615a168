/**
 * The only place that reaches the network. Gives JSON and bytes of this service or throws ApiError; it shows nothing
 * and refuses addresses of another origin.
 */

/** Where the service stands; a page in a folder of its own says how far up that is, a worker stands one folder down. */
export const ROOT =
  typeof document === "undefined"
    ? new URL("../", self.location.href)
    : new URL(document.documentElement.dataset.root ?? ".", document.baseURI);

/** A request that was refused or failed; `code` is the stable one of the problem document, or `network`. */
export class ApiError extends Error {
  /**
   * @param {{status: number, code: string, title: string, detail: string, facts?: Record<string, unknown>,
   *   errors?: {field: string, code: string, detail: string}[]}} problem
   */
  constructor({ status, code, title, detail, facts = {}, errors = [] }) {
    super(`${title} ${detail}`.trim());
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.title = title;
    this.detail = detail;
    this.facts = facts;
    this.errors = errors;
  }
}

/**
 * The address of a path of this service, also when a proxy serves it below another path.
 * @param {string} path e.g. `api/legend`
 * @param {Record<string, string | number | boolean | null | undefined>} [query] empty values are left out
 */
export function address(path, query = {}) {
  const url = new URL(path, ROOT);
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== "") url.searchParams.set(name, String(value));
  }
  if (url.origin !== ROOT.origin) throw new TypeError(`not of this service: ${url.origin}`);
  return url;
}

/**
 * @template T
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} [query]
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function getJson(path, query, signal) {
  const response = await answer(address(path, query), { signal, headers: spoken() });
  return response.json();
}

/**
 * Bytes of a tile; an empty buffer where the ground holds nothing.
 * @param {string} path
 * @param {Record<string, string | number | boolean | null | undefined>} query
 * @param {AbortSignal} signal
 */
export async function getBytes(path, query, signal) {
  const response = await answer(address(path, query), { signal });
  return response.status === 204 ? new ArrayBuffer(0) : response.arrayBuffer();
}

/**
 * Sends a record as JSON and gives the answer, null where there is none. The words of a refusal come in the language
 * of the page.
 * @template T
 * @param {"POST" | "PUT" | "PATCH" | "DELETE"} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {{etag?: string}} [read] the ETag of the record as it was read, where a change must name it
 * @returns {Promise<T>}
 */
export async function sendJson(method, path, body, { etag } = {}) {
  const response = await answer(address(path), {
    method,
    headers: { ...spoken(), "Content-Type": "application/json", ...(etag && { "If-Match": etag }) },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.status === 204 ? /** @type {T} */ (null) : response.json();
}

/**
 * Sends a form with a file in it and gives the answer.
 * @template T
 * @param {string} path
 * @param {FormData} form
 * @returns {Promise<T>}
 */
export async function sendForm(path, form) {
  return (await answer(address(path), { method: "POST", headers: spoken(), body: form })).json();
}

/**
 * Sends a form with a large file in it and tells how much of it is on its way, 0 to 1.
 * @template T
 * @param {string} path
 * @param {FormData} form
 * @param {{told: (fraction: number) => void, signal?: AbortSignal}} how
 * @returns {Promise<T>}
 */
export function sendLargeForm(path, form, { told, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest(); // fetch tells nothing of what it sends
    request.open("POST", address(path));
    for (const [name, value] of Object.entries(spoken())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", ({ loaded, total }) => told(total > 0 ? loaded / total : 0));
    request.addEventListener("load", async () => {
      const headers = { "Content-Type": request.getResponseHeader("Content-Type") ?? "" };
      const response = new Response(request.responseText, { status: request.status, headers });
      if (response.ok) resolve(await response.json());
      else reject(new ApiError(await problem(response)));
    });
    request.addEventListener("error", () => reject(new ApiError({ status: 0, code: "network", title: "", detail: "" })));
    request.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/**
 * Sends the bytes of a file to the address that is theirs.
 * @param {string} path
 * @param {Blob} bytes
 */
export async function putBytes(path, bytes) {
  await answer(address(path), {
    method: "PUT",
    headers: { ...spoken(), "Content-Type": bytes.type || "application/octet-stream" },
    body: bytes,
  });
}

/**
 * An answer as it comes, for keeping it whole.
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
export function getWhole(path, signal) {
  return answer(address(path), { signal });
}

/** The same as the office has it now, past what a service worker holds. @param {string} path @param {AbortSignal} [signal] */
export function getNewest(path, signal) {
  return answer(address(path), { signal, cache: "no-cache" });
}

/**
 * How many bytes of an upload are at the office, and whether that is all; null where it has none.
 * @param {string} path
 * @returns {Promise<{offset: number, complete: boolean} | null>}
 */
export async function arrivedOf(path) {
  try {
    return arrival(await answer(address(path), { method: "HEAD", cache: "no-store" }));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}

/**
 * Sends a piece of an upload that goes on where the last one ended.
 * @param {string} path
 * @param {Blob} piece
 * @param {{from: number, total: number}} range
 */
export async function putPiece(path, piece, { from, total }) {
  const range = `bytes ${from}-${from + piece.size - 1}/${total}`;
  const headers = { ...spoken(), "Content-Type": "application/octet-stream", "Content-Range": range };
  return arrival(await answer(address(path), { method: "PUT", headers, body: piece }));
}

/** @param {Response} response */
function arrival({ headers }) {
  return { offset: Number(headers.get("Upload-Offset")), complete: headers.get("Upload-Complete") === "?1" };
}

/** Asks for JSON in the language that the page speaks, whatever the browser prefers; a worker has no page. */
function spoken() {
  const language = typeof document === "undefined" ? navigator.language : document.documentElement.lang;
  return { Accept: "application/json", "Accept-Language": language };
}

/** Whether an error only says that nobody waits for the answer any more. */
export function isAbort(/** @type {unknown} */ error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/**
 * @param {URL} url
 * @param {RequestInit} options
 */
async function answer(url, options) {
  let response;
  try {
    response = await fetch(url, { credentials: "same-origin", ...options });
  } catch (error) {
    if (isAbort(error)) throw error;
    throw new ApiError({ status: 0, code: "network", title: "", detail: "" });
  }
  if (!response.ok) throw new ApiError(await problem(response));
  return response;
}

/** @param {Response} response */
async function problem(response) {
  const unknown = { status: response.status, code: `http.${response.status}`, title: "", detail: "" };
  if (!(response.headers.get("Content-Type") ?? "").includes("json")) return unknown;
  try {
    const { code, title, detail, facts, errors } = await response.json();
    return { ...unknown, ...(code && { code }), title: title ?? "", detail: detail ?? "", facts, errors };
  } catch {
    return unknown;
  }
}
