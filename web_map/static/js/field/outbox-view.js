/** What is on its way to the office: each record and photo waiting, sending, received, or in need of the surveyor. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { confirmed } from "../pages/dialog.js";
import { moment } from "../panels/marker-records.js";
import { showsWords } from "../panels/marker-timeline.js";
import { outboxFile, takeIn } from "./carry.js";
import { room } from "./device.js";
import { outcomeWords, outcomes } from "./outcomes.js";
import { again, drop, photoAgain, receipts, reopen, waiting, waitingPhotos } from "./outbox.js";
import { bytesWords, typeWords } from "./words.js";

/** @typedef {import("./main.js").App} App */
/** @typedef {import("./store.js").Waiting} Waiting */
/** @typedef {import("./store.js").HeldPhoto} HeldPhoto */

/** What codes of the office mean here, where the app has more to say than the office. @type {Record<string, string>} */
const REASONS = {
  "inspection.marker_retired": "field.reason.retired",
  "marker.edit_conflict": "field.reason.edit_conflict",
  "record.conflict": "field.reason.conflict",
  "auth.forbidden": "field.reason.outside",
};
/** A large file is written slowly to a card. */
const KEPT_FOR_MS = 300_000;

export class OutboxView {
  element = make("section", { class: "view", "aria-labelledby": "outbox-title" });
  #told = make("div", { role: "status", class: "form-told" });
  #lists = make("div", {});

  /** @param {App} app */
  constructor(app) {
    this.app = app;
  }

  async open() {
    const send = make("button", { type: "button", class: "strong wide", onclick: () => this.app.sending.now({ asked: true }) }, say("field.outbox.send"));
    const file = make("input", { type: "file", id: "take-in", class: "camera", accept: ".zip,application/zip", onchange: () => this.#takeIn(file) });
    put(
      this.element,
      make("h1", { id: "outbox-title" }, say("field.tab.outbox")),
      send,
      this.#told,
      this.#lists,
      await this.#room(),
      make("h2", {}, say("field.carry.title")),
      make("p", { class: "hint" }, say("field.carry.why")),
      make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: () => this.#carry() }, say("field.carry.out")), make("label", { class: "button", for: "take-in" }, say("field.carry.in")), file),
    );
    await this.anew();
    return this;
  }

  /** Something in the outbox has changed. */
  async anew() {
    const [records, photos, received, decided] = await Promise.all([waiting(), waitingPhotos(), receipts(), outcomes()]);
    const { state } = this.app.sending;
    const empty = records.length + photos.length === 0;
    put(
      this.#lists,
      make("p", { class: "way", role: "status" }, say(`field.way.${state}`)),
      state === "sign_in" && make("a", { class: "button strong wide", href: this.app.signInAddress() }, say("field.sign_in")),
      empty && make("p", { class: "empty-state" }, say("field.outbox.empty")),
      make("ul", { class: "outbox" }, ...records.map((record) => this.#record(record)), ...photos.map((photo) => this.#photo(photo))),
      received.length > 0 && make("details", { open: empty }, make("summary", {}, say("field.outbox.received", { n: received.length })), make("ul", { class: "outbox" }, ...received.slice(0, 100).map((receipt) => this.#received(receipt, decided.get(receipt.id))))),
    );
  }

  /** @param {Waiting} record */
  #record(record) {
    const { id, type, marker_code, made_at, stage, code, detail, person } = record;
    const other = person !== this.app.username && make("span", { class: "warned" }, say("field.outbox.of_another", { person }));
    return make(
      "li",
      { class: `stage-${stage}`, "data-id": id },
      make("b", {}, `${marker_code} · ${typeWords(type)}`),
      make("span", { class: "stage" }, say(`field.stage.${stage}`)),
      make("span", { class: "hint" }, moment(made_at)),
      other,
      stage === "needs" && make("p", { class: "warned" }, reason(code, detail)),
      stage === "needs" && record.written && person === this.app.username && make("button", { type: "button", class: "strong wide", onclick: () => this.#correct(record) }, say("field.correct.open")),
      stage === "needs" && this.#choices(() => again(record), () => drop("outbox", id)),
    );
  }

  /** @param {Waiting} refused */
  async #correct(refused) {
    try {
      const place = await reopen(refused, [reason(refused.code, refused.detail)].flat().join(" "));
      if (place) this.app.go(place);
      else put(this.#told, make("p", { class: "warned" }, say("field.correct.other")));
    } catch (error) {
      this.app.storageFailed(error);
    }
  }

  /** @param {HeldPhoto} photo */
  #photo({ sha256, marker_code, shows, size, offset, stage, code, detail }) {
    return make(
      "li",
      { class: `stage-${stage}`, "data-id": sha256 },
      make("b", {}, `${marker_code} · ${say("field.type.photo", { shows: wordsOf(shows) })}`),
      make("span", { class: "stage" }, say(`field.stage.${stage}`)),
      make("span", { class: "hint" }, offset > 0 ? say("field.outbox.part", { done: bytesWords(offset), all: bytesWords(size) }) : bytesWords(size)),
      offset > 0 && make("progress", { max: size, value: offset, "aria-label": wordsOf(shows) }),
      stage === "needs" && make("p", { class: "warned" }, reason(code, detail)),
      stage === "needs" && this.#choices(() => photoAgain(sha256), () => drop("photos", sha256)),
    );
  }

  /** @param {import("./store.js").Receipt} receipt @param {import("../markers.js").WaitingEdit} [edit] what became of a change with a reviewer */
  #received({ kind, type, marker_code, received_at, code }, edit) {
    const what = kind === "photo" ? say("field.type.photo", { shows: wordsOf(type) }) : typeWords(type);
    return make("li", { class: "stage-received" }, make("b", {}, `${marker_code} · ${what}`), make("span", { class: "stage" }, say("field.stage.received")), make("span", { class: "hint" }, moment(received_at)), ...(edit ? outcomeWords(edit) : [code && make("p", { class: "warned" }, reason(code, null))]));
  }

  /** @param {() => Promise<void>} retry @param {() => Promise<void>} away */
  #choices(retry, away) {
    const sure = async () => {
      if (await confirmed({ title: say("field.outbox.drop"), body: say("field.outbox.drop_sure"), act: say("field.outbox.drop") })) await away();
    };
    const once_more = async () => {
      await retry();
      await this.app.sending.now({ asked: true });
    };
    return make("p", { class: "actions" }, make("button", { type: "button", class: "plain", onclick: once_more }, say("field.outbox.again")), make("button", { type: "button", class: "link", onclick: sure }, say("field.outbox.drop")));
  }

  async #room() {
    const found = await room();
    if (!found) return null;
    const { used, free, lasting, little } = found;
    return make("p", { class: little ? "warned" : "hint" }, say(little ? "field.full.little" : "field.full.room", { used: bytesWords(used), free: bytesWords(free) }), " ", !lasting && say("field.full.not_lasting"));
  }

  async #carry() {
    const file = await outboxFile();
    const place = URL.createObjectURL(file);
    make("a", { href: place, download: file.name }).click();
    window.setTimeout(() => URL.revokeObjectURL(place), KEPT_FOR_MS);
    put(this.#told, make("p", {}, say("field.carry.done", { name: file.name })));
  }

  /** @param {HTMLInputElement} input */
  async #takeIn(input) {
    const file = input.files?.[0];
    if (!file) return;
    const sure = await confirmed({ title: say("field.carry.in"), body: say("field.carry.sure", { name: file.name }), act: say("field.carry.in") });
    if (!sure) return;
    try {
      const { records, photos } = await takeIn(file, this.app.username);
      put(this.#told, make("p", { class: "good" }, say("field.carry.taken", { records, photos })));
      await this.app.sending.now({ asked: true });
    } catch (error) {
      put(this.#told, make("p", { class: "warned" }, error instanceof TypeError || error instanceof SyntaxError ? say("field.carry.wrong") : this.app.whyNotKept(error)));
    }
  }
}

/** @param {string} shows */
function wordsOf(shows) {
  return shows.startsWith("signature:") ? say("field.sign.of", { side: shows.slice("signature:".length) }) : showsWords(shows);
}

/** The office's reason in plain words: its own sentence, or the page's for the codes that come with a receipt. @param {string | null | undefined} code @param {string | null | undefined} detail */
function reason(code, detail) {
  const key = REASONS[code ?? ""];
  if (key) return [say(key), detail].filter(Boolean).join(" ");
  return detail || code || say("failed.service");
}
