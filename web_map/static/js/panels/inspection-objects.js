/** Reference objects measured again from where the marker stands: the check that needs no satellite fix. */
import { make } from "../elements.js";
import { number } from "../measures.js";
import { say } from "../messages.js";

/** @typedef {{instrument: string, declination_deg: string, objects: Record<string, {distance_m?: string, azimuth_deg?: string}>}} Typed what was typed, field by field */

const INSTRUMENTS = ["total_station", "tape_and_compass", "tape"];

export class InspectionObjects {
  /**
   * @param {Typed | undefined} typed
   * @param {import("../markers.js").ReferenceObject[]} objects of the form
   * @param {() => void} changed
   */
  constructor(typed, objects, changed) {
    this.typed = typed ?? { instrument: "tape_and_compass", declination_deg: "", objects: {} };
    this.changed = changed;
    this.kinds = new Map(objects.map(({ name, azimuth_kind }) => [name, azimuth_kind]));
    const magnetic = objects.some(({ azimuth_kind }) => azimuth_kind === "magnetic");
    this.element = make(
      "details",
      { class: "objects-again" },
      make("summary", {}, say("objects.again")),
      make("p", { class: "hint" }, say("objects.why")),
      make("label", { class: "field" }, say("objects.instrument"), this.#instrument()),
      magnetic && this.#field(say("objects.declination"), { name: "declination_deg", value: this.typed.declination_deg, set: (value) => Object.assign(this.typed, { declination_deg: value }) }),
      ...objects.map((object) => this.#object(object)),
    );
    this.element.open = this.sighted !== null;
  }

  #instrument() {
    const chosen = make(
      "select",
      { name: "instrument", onchange: () => this.#set(() => Object.assign(this.typed, { instrument: chosen.value })) },
      ...INSTRUMENTS.map((code) => make("option", { value: code, selected: code === this.typed.instrument }, say(`objects.instrument.${code}`))),
    );
    return chosen;
  }

  /** @param {import("../markers.js").ReferenceObject} object */
  #object({ name, distance_m, azimuth_deg, azimuth_kind }) {
    const own = () => (this.typed.objects[name] ??= {});
    const { distance_m: far = "", azimuth_deg: turned = "" } = this.typed.objects[name] ?? {};
    return make(
      "fieldset",
      { class: "of-each", "data-object": name },
      make("legend", {}, name),
      make("p", { class: "hint" }, say("objects.on_form", { distance: number(distance_m, 2), azimuth: number(azimuth_deg, 2), kind: say(`azimuth.${azimuth_kind}`) })),
      this.#field(say("objects.distance"), { name: "distance_m", value: far, set: (value) => Object.assign(own(), { distance_m: value }) }),
      this.#field(say("objects.azimuth"), { name: "azimuth_deg", value: turned, set: (value) => Object.assign(own(), { azimuth_deg: value }) }),
    );
  }

  /** @param {string} words @param {{name: string, value: string, set: (value: string) => void}} of */
  #field(words, { name, value, set }) {
    const input = make("input", { type: "number", step: "any", name, value, oninput: () => this.#set(() => set(input.value)) });
    return make("label", { class: "field" }, words, input);
  }

  /** @param {() => void} change */
  #set(change) {
    change();
    this.changed();
  }

  /** What is sent: objects with a distance; null where there are none. An azimuth counts from the north of the form. */
  get sighted() {
    const { instrument, declination_deg: declination, objects } = this.typed;
    const seen = Object.entries(objects)
      .filter(([name, { distance_m }]) => this.kinds.has(name) && Number(distance_m) > 0)
      .map(([name, { distance_m, azimuth_deg }]) => ({
        name,
        distance_m: Number(distance_m),
        azimuth_deg: azimuth_deg ? Number(azimuth_deg) : null,
        azimuth_kind: this.kinds.get(name),
      }));
    if (seen.length === 0) return null;
    return { instrument, declination_deg: declination ? Number(declination) : null, objects: seen };
  }
}

/** What the objects said of a visit, in one line. @param {NonNullable<import("../markers.js").Displacement["reference"]>} reference */
export function objectsTold({ verdict, shift_m, limit_m, disagreeing, left_out }) {
  const told = [
    shift_m === null || limit_m === null
      ? say(`objects.verdict.${verdict}`)
      : say("objects.shift", { shift: number(shift_m, 2), limit: number(limit_m, 2), verdict: say(`objects.verdict.${verdict}`) }),
    disagreeing.length > 0 && say("objects.disagreeing", { names: disagreeing.join(", ") }),
    left_out.length > 0 && say("objects.left_out", { names: left_out.join(", ") }),
  ];
  return told.filter(Boolean).join(" ");
}
