/** Signing on one screen: each side in its own field, name typed, hand drawn; the drawing is a photo of the record. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { moment } from "../panels/marker-records.js";

const WIDTH = 640;
const HEIGHT = 200;
/** Height of the line under a drawing that says whose it is. */
const CAPTION = 44;
const INK = "#10202a";

/** @typedef {{unit: string, name: string, sha256: string | null, signed_at?: string | null}} Party */

export class SignPad {
  #canvas = make("canvas", { width: WIDTH, height: HEIGHT, class: "sign-pad" });
  #told = make("span", { role: "status" });
  #drawn = false;

  /**
   * @param {Party} party
   * @param {{title: string, named: (name: string) => void, signed: (drawing: Blob | null) => Promise<void>}} acts
   */
  constructor(party, { title, named, signed }) {
    this.party = party;
    this.title = title;
    this.signed = signed;
    const name = make("input", { type: "text", maxlength: 80, autocomplete: "off", value: party.name, oninput: () => named(name.value.trim()) });
    this.#canvas.setAttribute("aria-label", say("field.sign.pad", { side: title }));
    this.#canvas.setAttribute("role", "img");
    this.element = make(
      "fieldset",
      { class: "party" },
      make("legend", {}, title),
      make("label", { class: "field" }, say("field.sign.name"), name),
      this.#canvas,
      make("p", { class: "actions" }, make("button", { type: "button", class: "strong", onclick: () => this.#keep() }, say("field.sign.keep")), make("button", { type: "button", class: "plain", onclick: () => this.#clear() }, say("field.sign.clear")), this.#told),
    );
    this.#listen();
    this.#say();
  }

  #listen() {
    const context = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext("2d"));
    context.lineWidth = 4;
    context.lineCap = "round";
    context.strokeStyle = INK;
    let drawing = false;
    const at = (/** @type {PointerEvent} */ { clientX, clientY }) => {
      const box = this.#canvas.getBoundingClientRect();
      return /** @type {[number, number]} */ ([((clientX - box.left) / box.width) * WIDTH, ((clientY - box.top) / box.height) * HEIGHT]);
    };
    this.#canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      this.#canvas.setPointerCapture(event.pointerId);
      context.beginPath();
      context.moveTo(...at(event));
    });
    this.#canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      context.lineTo(...at(event));
      context.stroke();
      this.#drawn = true;
    });
    this.#canvas.addEventListener("pointerup", () => (drawing = false));
  }

  async #keep() {
    if (!this.#drawn) {
      put(this.#told, say("field.sign.empty"));
      return;
    }
    await this.signed(await this.#stamped());
    this.#say();
  }

  /** The drawing with whose it is and when: a picture of its own, that stands for nobody else. @returns {Promise<Blob | null>} */
  #stamped() {
    const whole = make("canvas", { width: WIDTH, height: HEIGHT + CAPTION });
    const context = /** @type {CanvasRenderingContext2D} */ (whole.getContext("2d"));
    context.fillStyle = "#fff";
    context.fillRect(0, 0, WIDTH, HEIGHT + CAPTION);
    context.drawImage(this.#canvas, 0, 0);
    context.fillStyle = INK;
    context.font = `${CAPTION / 2}px sans-serif`;
    context.fillText(`${this.title} ${this.party.name} ${moment(new Date().toISOString())}`, 8, HEIGHT + CAPTION / 2, WIDTH - 16);
    return new Promise((resolve) => whole.toBlob(resolve, "image/png"));
  }

  async #clear() {
    this.#canvas.getContext("2d")?.clearRect(0, 0, WIDTH, HEIGHT);
    this.#drawn = false;
    await this.signed(null);
    this.#say();
  }

  #say() {
    put(this.#told, this.party.sha256 ? make("b", { class: "good" }, say("field.sign.done")) : "");
  }
}
