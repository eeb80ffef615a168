/** The app on the device: kept by its service worker, installed, brought up to date when the surveyor says so. */

/** Tells `update` when a newer version is ready, `installable` when the browser offers to install the app. */
export class Shell extends EventTarget {
  /** @type {ServiceWorker | null} */
  #ready = null;
  /** @type {any} */
  #offer = null;
  #taken = false;

  async begin() {
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault();
      this.#offer = event;
      this.dispatchEvent(new Event("installable"));
    });
    if (!("serviceWorker" in navigator)) return false;
    navigator.serviceWorker.addEventListener("controllerchange", () => this.#taken && window.location.reload());
    try {
      const registration = await navigator.serviceWorker.register("sw.js", { type: "module", updateViaCache: "none" });
      this.#watch(registration);
      return true;
    } catch {
      return false; // no encryption, or storage is forbidden: the page says so
    }
  }

  /** @param {ServiceWorkerRegistration} registration */
  #watch(registration) {
    const waits = () => {
      if (!registration.waiting || !navigator.serviceWorker.controller) return;
      this.#ready = registration.waiting;
      this.dispatchEvent(new Event("update"));
    };
    registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", waits));
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") registration.update().catch(() => null);
    });
    waits();
  }

  /** The newer version takes over, and the page opens anew with it; drafts and outbox stay as they are. */
  takeUpdate() {
    this.#taken = true;
    this.#ready?.postMessage("take-over");
  }

  async install() {
    await this.#offer?.prompt();
    this.#offer = null;
  }
}
