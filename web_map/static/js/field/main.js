/**
 * Wires the field app: who works, what is kept, which view is shown. Opens without a network and says so; every view
 * knows the app through what stands here, none knows another.
 */
import { publicSettings } from "../boundaries.js";
import { byId, make, put } from "../elements.js";
import { loadLegend } from "../legend.js";
import { useOfficeProfile } from "../markers.js";
import { fill, say, useCatalogues, useLanguage } from "../messages.js";
import { signInAddress } from "../next-page.js";
import { LanguageSwitch, firstLanguage } from "../panels/language-switch.js";
import { askToLast, room } from "./device.js";
import { DayView, JointsView } from "./day-view.js";
import { EditView } from "./edit-view.js";
import { InspectView } from "./inspect-view.js";
import { ListView } from "./list-view.js";
import { MapView } from "./map-view.js";
import { MarkerView } from "./marker-view.js";
import { OutboxView } from "./outbox-view.js";
import { unsent } from "./outbox.js";
import { PacksView } from "./packs-view.js";
import { Positioning } from "./position.js";
import { ReportView } from "./report-view.js";
import { isShort } from "./reserve.js";
import { reader, Sending } from "./sending.js";
import { Shell } from "./shell.js";
import { SignView } from "./sign-view.js";
import { StopView } from "./stop-view.js";
import { CHANGES, isFull } from "./store.js";

/** @typedef {{element: HTMLElement, open: () => Promise<any>, close?: () => void, shown?: () => void, moved?: () => void, anew?: () => void | Promise<void>}} View */

const TABS = ["list", "map", "packs", "outbox"];
const TOLD_FOR_MS = 7000;
/** A walker is one metre on in a second; more often the list would jump under the thumb. */
const MOVED_EVERY_MS = 2000;

/** @type {Record<string, (app: App, code: string | null) => View>} */
const VIEWS = {
  list: (app) => new ListView(app),
  map: (app, code) => new MapView(app, code),
  packs: (app) => new PacksView(app),
  outbox: (app) => new OutboxView(app),
  marker: (app, code) => new MarkerView(app, code ?? ""),
  inspect: (app, code) => new InspectView(app, code ?? "", "inspect"),
  joint: (app, code) => new InspectView(app, code ?? "", "joint"),
  report: (app, code) => new ReportView(app, code ?? ""),
  edit: (app, code) => new EditView(app, code ?? ""),
  joints: () => new JointsView(),
  day: (app, id) => new DayView(app, id ?? ""),
  stop: (app, place) => new StopView(app, place ?? ""),
  sign: (app, id) => new SignView(app, id ?? ""),
};

/** Where one comes back to: from a form to its marker, from a stop to its walk, else to the list. @param {string} name @param {string | undefined} value of the address */
function above(name, value = "") {
  if (["inspect", "joint", "report", "edit"].includes(name)) return `#marker=${value}`;
  if (["stop", "sign"].includes(name)) return `#day=${decodeURIComponent(value).split(":")[0]}`;
  return name === "day" ? "#joints" : "#list";
}

export class App {
  positioning = new Positioning();
  sending = new Sending();
  shell = new Shell();
  username = "";
  home = "";
  /** @type {View | null} */
  #view = null;
  #turn = 0;
  #fading = 0;
  #moved = 0;

  async begin() {
    useCatalogues("field");
    await useLanguage(firstLanguage(undefined, undefined));
    new LanguageSwitch(() => this.#write(), () => this.tell(say("failed.language")));
    await Promise.all([this.#settings(), this.#who()]);
    await this.shell.begin();
    this.#listen();
    await this.positioning.beginIfAllowed();
    await this.#write();
    await this.packsChanged();
    this.sending.begin();
    document.documentElement.dataset.ready = "";
  }

  async #settings() {
    try {
      const [settings] = await Promise.all([publicSettings(), loadLegend()]);
      useOfficeProfile(settings.colour_profile);
      this.home = settings.home_unit;
    } catch {
      this.tell(say("field.first_online"));
    }
  }

  async #who() {
    const account = await reader();
    this.username = account?.username ?? "";
    const allowed = account?.roles.some((role) => ["surveyor", "boundary"].includes(role));
    put(byId("person"), account ? account.display_name : make("a", { class: "button", href: this.signInAddress() }, say("field.sign_in")));
    this.#notice("not-allowed", Boolean(account) && !allowed, say("field.not_allowed"));
  }

  #listen() {
    window.addEventListener("hashchange", () => this.show());
    this.positioning.addEventListener("fix", () => this.#hasMoved());
    this.positioning.addEventListener("standing", () => this.#stands());
    this.sending.addEventListener("state", () => this.#badge());
    this.shell.addEventListener("update", () => this.#notice("update", true, say("field.update.ready"), [say("field.update.take"), () => this.shell.takeUpdate()]));
    this.shell.addEventListener("installable", () => this.#notice("install", true, say("field.install.words"), [say("field.install.act"), () => this.#install()]));
    const changes = new BroadcastChannel(CHANGES);
    changes.addEventListener("message", () => this.#badge());
    window.addEventListener(CHANGES, (event) => {
      this.#badge();
      if (/** @type {CustomEvent} */ (event).detail === "room") this.packsChanged();
    });
    for (const event of ["online", "offline"]) window.addEventListener(event, () => this.#badge());
    byId("main").addEventListener("focusin", () => askToLast(), { once: true });
    if (!window.isSecureContext) this.#notice("insecure", true, say("field.insecure"));
  }

  async #install() {
    await this.shell.install();
    this.#notice("install", false, "");
  }

  #hasMoved() {
    if (Date.now() - this.#moved < MOVED_EVERY_MS) return;
    this.#moved = Date.now();
    this.#view?.moved?.();
  }

  #stands() {
    const { standing } = this.positioning;
    const act = say(standing === "denied" ? "field.position.again" : "field.position.allow");
    const words = standing === "prompt" ? "prompt" : "denied";
    this.#notice("position", ["denied", "prompt"].includes(standing), say(`field.position.${words}`), [act, () => this.positioning.again()]);
    this.#view?.moved?.();
  }

  /** Opens what the address names. */
  async show() {
    const [name, value] = window.location.hash.slice(1).split("=");
    const known = VIEWS[name] ? name : "list";
    this.#turn += 1;
    const turn = this.#turn;
    this.#view?.close?.();
    const view = VIEWS[known](this, value ? decodeURIComponent(value) : null);
    this.#view = view;
    await view.open().catch((error) => this.storageFailed(error));
    if (turn !== this.#turn) {
      view.close?.();
      return;
    }
    put(byId("main"), view.element);
    window.scrollTo(0, 0);
    for (const tab of TABS) byId(`tab-${tab}`).toggleAttribute("aria-current", tab === known);
    byId("back").hidden = TABS.includes(known);
    byId("back").setAttribute("href", above(known, value));
    byId("main").dataset.view = known;
    view.shown?.();
  }

  /** @param {string} place */
  go(place) {
    window.location.hash = place;
  }

  async #write() {
    fill();
    document.title = say("field.title");
    await this.#badge();
    await this.show();
  }

  /** How much waits, and whether the way to the office is open. */
  async #badge() {
    const { records, photos, needs } = await unsent();
    const number = records + photos;
    const badge = byId("outbox-number");
    badge.textContent = number ? String(number) : "";
    badge.hidden = number === 0;
    badge.classList.toggle("needs", needs > 0);
    const state = this.sending.state === "idle" && !navigator.onLine ? "offline" : this.sending.state;
    put(byId("way"), say(`field.way.${state}`));
    byId("way").dataset.state = state;
    await this.#view?.anew?.();
  }

  /** Says early when the device is running full; a pack is the moment to set room aside. */
  async packsChanged() {
    const [found, short] = await Promise.all([room(), isShort()]);
    this.#notice("full", short || Boolean(found?.little), say("field.full.early"));
  }

  /** @param {string} id @param {boolean} shown @param {string} words @param {[string, () => void]} [act] */
  #notice(id, shown, words, act) {
    const notices = byId("notices");
    notices.querySelector(`[data-notice="${id}"]`)?.remove();
    if (shown) notices.append(make("div", { class: "notice", "data-notice": id, role: "status" }, make("span", {}, words), act && make("button", { type: "button", class: "plain", onclick: act[1] }, act[0])));
  }

  /** @param {string} words */
  tell(words) {
    const told = byId("told");
    window.clearTimeout(this.#fading);
    told.textContent = words;
    this.#fading = window.setTimeout(() => (told.textContent = ""), TOLD_FOR_MS);
  }

  /** @param {unknown} error */
  whyNotKept(error) {
    return say(isFull(error) ? "field.full.now" : "field.storage_failed");
  }

  /** Something could not be kept on the device: said at once, as the next crash would lose it. @param {unknown} error */
  storageFailed(error) {
    this.#notice("storage", true, this.whyNotKept(error), [say("field.carry.out"), () => this.go("outbox")]);
    reportError(error);
  }

  signInAddress() {
    return signInAddress();
  }
}

await new App().begin();
