/**
 * What the page has to say beside its panels: that it works, that something failed, that the register is empty, that
 * outlines are not authoritative. It decides none of it.
 */
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";

export class Notices {
  #busy = byId("busy");
  #banner = byId("banner");
  #live = byId("live");
  #timer = 0;

  /** @param {boolean} busy shown only when it lasts, so that a fast answer does not flicker */
  busy(busy) {
    window.clearTimeout(this.#timer);
    if (busy) this.#timer = window.setTimeout(() => (this.#busy.hidden = false), 250);
    else this.#busy.hidden = true;
  }

  /** Says something to those who do not see the page change. @param {string} words */
  tell(words) {
    this.#live.textContent = "";
    requestAnimationFrame(() => (this.#live.textContent = words));
  }

  /**
   * A failure in words, with what can be done about it.
   * @param {string} words
   * @param {() => void} retry
   */
  failed(words, retry) {
    const again = () => {
      this.#banner.hidden = true;
      retry();
    };
    const close = () => (this.#banner.hidden = true);
    put(
      this.#banner,
      make("span", {}, words),
      make("button", { type: "button", class: "plain", onclick: again }, say("action.retry")),
      make("button", { type: "button", class: "plain", onclick: close }, say("action.close")),
    );
    this.#banner.hidden = false;
  }

  /** @param {boolean} empty whether the register holds no unit @param {string | null} as_of */
  empty(empty, as_of) {
    const box = byId("empty");
    box.hidden = !empty;
    if (!empty) return;
    put(
      box,
      make("h2", {}, say(as_of ? "empty.title_then" : "empty.title")),
      make("p", {}, say(as_of ? "empty.body_then" : "empty.body")),
      ...(as_of
        ? []
        : [
            make("pre", {}, make("code", {}, "geo-service demo")),
            make("p", {}, say("empty.or_import")),
            make("pre", {}, make("code", {}, say("empty.import_command"))),
          ]),
    );
  }

  /**
   * The standing notices at the foot of the map.
   * @param {{demo: boolean, authoritative: boolean, basemap: import("../boundaries.js").Basemap | undefined, editing_allowed: boolean}} facts
   */
  standing({ demo, authoritative, basemap, editing_allowed }) {
    put(
      byId("standing"),
      demo && make("span", {}, say("standing.demo"), " · ", make("a", { href: "sign-in" }, say("standing.demo_officers"))),
      !authoritative && make("strong", { id: "not-authoritative" }, say("standing.not_authoritative")),
      basemap && make("span", {}, say("standing.basemap", { label: basemap.label, attribution: basemap.attribution })),
      !editing_allowed && make("strong", { id: "editing-refused" }, say("standing.editing_refused")),
    );
  }
}
