/** The button of the board of markers; the board itself is loaded when it is first asked for. */
import { byId } from "../elements.js";

/** @typedef {import("./board-panel.js").BoardPanel} BoardPanel */

export class BoardDoor {
  #button = byId("board-button");
  /** @type {Promise<BoardPanel> | null} */
  #loading = null;
  /** @type {BoardPanel | null} */
  #board = null;

  /** @param {import("../state.js").State} state @param {import("./board-panel.js").BoardActs} acts */
  constructor(state, acts) {
    this.state = state;
    this.acts = acts;
    this.#button.addEventListener("click", async () => {
      const opening = this.#button.getAttribute("aria-expanded") !== "true";
      (await this.#loaded()).open(opening);
    });
  }

  /** Writes the board anew, e.g. in another language. */
  show() {
    this.#board?.show();
  }

  /** A record has changed what it counts. */
  refresh() {
    this.#board?.refresh();
  }

  /** Lists markers that the map cannot part. @param {import("../map/marker-source.js").MarkerPoint[]} points */
  async list(points) {
    (await this.#loaded()).list(points);
  }

  #loaded() {
    this.#loading ??= import("./board-panel.js").then(({ BoardPanel }) => {
      this.#board = new BoardPanel(this.state, this.acts);
      return this.#board;
    });
    return this.#loading;
  }
}
