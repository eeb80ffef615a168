/** One's secret calendar address: made, shown once, replaced, revoked; when a calendar last read it. */
import { calendarAddress, makeCalendarAddress, ownCalendarAddress, revokeCalendarAddress } from "../due.js";
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { copied } from "./copying.js";
import { confirmed } from "./dialog.js";
import { timeOf } from "./moments.js";
import { tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";

export class CalendarAddressCard {
  #place = byId("address");
  #made = byId("made-address");
  #reading = new Reading(this.#place, () => this.load());
  /** Undefined while it is not known. @type {import("../due.js").CalendarAddress | null | undefined} */
  #address = undefined;

  /** @param {() => import("../due.js").DueQuestion} asked what the board shows: the calendar is to hold the same */
  constructor(asked) {
    this.asked = asked;
  }

  async load() {
    const answer = await this.#reading.of(() => act(ownCalendarAddress));
    if (answer === undefined) return;
    this.#address = answer.address;
    this.show();
  }

  /** Writes what is known in the language of the page. */
  show() {
    if (this.#address === undefined) return;
    const button = (/** @type {string} */ key, /** @type {() => void} */ onclick) => make("button", { type: "button", class: "plain", onclick }, say(key));
    if (this.#address === null) {
      put(this.#place, make("p", {}, say("calendar.none")), make("p", { class: "actions" }, button("calendar.make", () => this.#make())));
      return;
    }
    const { hint, created_at, last_used_at, expires_at } = this.#address;
    put(
      this.#place,
      make(
        "div",
        { class: "items" },
        make("p", { class: "item-title" }, make("strong", {}, say("calendar.yours", { hint }))),
        make(
          "p",
          { class: "item-facts" },
          make("span", {}, say("calendar.made"), " ", timeOf(created_at)),
          make("span", {}, say("calendar.read"), " ", timeOf(last_used_at)),
          make("span", {}, say("calendar.ends"), " ", timeOf(expires_at)),
        ),
      ),
      make("p", { class: "actions" }, button("calendar.replace", () => this.#replace()), button("calendar.revoke", () => this.#revoke())),
    );
  }

  async #make() {
    const made = await this.#reading.of(() => act(makeCalendarAddress), { keep: true });
    if (made === undefined) return;
    this.#tell(calendarAddress(made.path, this.asked()));
    await this.load();
  }

  /** The address, for the only time. @param {string} address */
  #tell(address) {
    const shown = make(
      "div",
      { class: "once", tabindex: "-1" },
      make("p", {}, make("strong", {}, say("calendar.made_title")), " ", say("calendar.once")),
      copied({ id: "calendar-secret", label: say("calendar.secret"), value: address }),
      make("p", { class: "hint" }, say("calendar.how")),
      make(
        "p",
        { class: "actions" },
        make("a", { class: "plain", href: address.replace(/^https?:/, "webcal:") }, say("calendar.open")),
        make("button", { type: "button", class: "plain", onclick: () => this.#kept() }, say("calendar.kept")),
      ),
    );
    put(this.#made, shown);
    shown.focus();
  }

  #kept() {
    put(this.#made);
    byId("address-title").focus();
  }

  async #replace() {
    const words = { title: say("calendar.replace_title"), body: say("calendar.replace_body"), act: say("calendar.replace") };
    if (await confirmed(words)) await this.#make();
  }

  async #revoke() {
    const words = { title: say("calendar.revoke_title"), body: say("calendar.revoke_body"), act: say("calendar.revoke") };
    if (!(await confirmed(words))) return;
    const done = await this.#reading.of(() => act(revokeCalendarAddress), { keep: true });
    if (done === undefined) return;
    put(this.#made);
    await this.load();
    tell(say("calendar.revoked"));
    byId("address-title").focus();
  }
}
