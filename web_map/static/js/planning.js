/**
 * The plan being drawn: its hubs, radius and history, and the one question that is on its way to the service. While a
 * hub is dragged only the newest place is asked for; answers that are overtaken are not shown.
 */
import { ApiError } from "./api.js";
import { demandCells, livePlan, planAreas, radii, registeredHubs } from "./hubs.js";
import { CoverageCells } from "./map/coverage-cells.js";
import { HubLayer } from "./map/hub-layer.js";
import { roadTiles } from "./map/road-tiles.js";
import { say } from "./messages.js";
import { CoveragePanel } from "./panels/coverage-panel.js";
import { ScenarioPanel } from "./panels/scenario-panel.js";
import { SitingPanel } from "./panels/siting-panel.js";

/** @typedef {import("./hubs.js").PlacedHub} PlacedHub */
/** @typedef {import("./hubs.js").Plan} Plan */

const IN_PLAN = ["existing", "planned"];
const STEPS_KEPT = 200;

export class Planning {
  #cells = new CoverageCells();
  #hubs = new HubLayer();
  #roads = roadTiles();
  /** @type {Plan} */
  plan = { hubs: [], limit_m: 1000, metric: "walking" };
  /** @type {Plan[]} */
  #past = [];
  /** @type {string | null} */
  #chosen = null;
  #view = { shown: /** @type {import("./map/coverage-cells.js").Shown} */ ("gaps"), circles: false, areas: false, roads: false };
  #asking = false;
  #again = false;
  #opened = false;
  #number = 1;

  /** @param {{carry: (layer: any) => void, drop: (layer: any) => void}} map @param {{tell: (words: string) => void, mayChange: boolean}} page */
  constructor(map, { tell, mayChange }) {
    this.map = map;
    this.tell = tell;
    this.panel = new CoveragePanel(this, [
      new ScenarioPanel(this, { mayChange }),
      ...(mayChange ? [new SitingPanel(this)] : []),
    ]);
    const { events } = this.#hubs;
    const on = (/** @type {string} */ name, /** @type {(detail: any) => void} */ act) =>
      events.addEventListener(name, (event) => act(/** @type {CustomEvent} */ (event).detail));
    on("drag", (moved) => this.#dragged(moved));
    on("choose", ({ id }) => this.choose(id));
    on("put", ({ lon, lat }) => this.add(lon, lat));
  }

  /** Shows the plan; the first time with the hubs on record. */
  async open() {
    if (this.#view.roads) this.map.carry(this.#roads);
    this.map.carry(this.#cells);
    this.map.carry(this.#hubs);
    this.panel.open();
    if (this.#opened) return;
    this.#opened = true;
    try {
      const [hubs, cells, presets] = await Promise.all([registeredHubs(), demandCells(), radii()]);
      this.#cells.place(cells);
      this.panel.offer(presets);
      this.plan = { ...this.plan, hubs: hubs.filter(({ status }) => IN_PLAN.includes(status)) };
      this.#changed();
    } catch (error) {
      this.#opened = false;
      this.#failed(error);
    }
  }

  close() {
    this.map.drop(this.#roads);
    this.map.drop(this.#cells);
    this.map.drop(this.#hubs);
    this.panel.close();
  }

  /** Makes another plan of this one; the last one can be had back. @param {Partial<Plan>} change */
  change(change) {
    this.#past = [...this.#past, this.plan].slice(-STEPS_KEPT);
    this.plan = { ...this.plan, ...change };
    this.#changed();
  }

  /** Looks at another radius without a step of history: the slider moves through hundreds. @param {number} limit_m */
  slide(limit_m) {
    this.plan = { ...this.plan, limit_m };
    this.#changed();
  }

  undo() {
    const last = this.#past.pop();
    if (!last) return;
    this.plan = last;
    this.#changed();
  }

  get canUndo() {
    return this.#past.length > 0;
  }

  get chosen() {
    return this.#chosen;
  }

  /** @param {string | null} id */
  choose(id) {
    this.#chosen = id;
    this.#draw();
    this.panel.show();
  }

  /** The next click on the map puts a hub there. @param {boolean} putting */
  put(putting) {
    this.#hubs.put(putting);
  }

  /** @param {number} lon @param {number} lat */
  add(lon, lat) {
    this.put(false);
    const taken = new Set(this.plan.hubs.map(({ id }) => id));
    while (taken.has(`N-${this.#number}`)) this.#number += 1;
    const id = `N-${this.#number}`;
    this.#chosen = id;
    const hub = { id, name: say("plan.new_hub", { number: this.#number }), lon, lat, status: "planned" };
    this.change({ hubs: [...this.plan.hubs, hub] });
  }

  /** @param {string} id */
  remove(id) {
    if (this.#chosen === id) this.#chosen = null;
    this.change({ hubs: this.plan.hubs.filter((hub) => hub.id !== id) });
  }

  /** @param {Partial<{shown: import("./map/coverage-cells.js").Shown, circles: boolean, areas: boolean, roads: boolean}>} view */
  see(view) {
    this.#view = { ...this.#view, ...view };
    if (view.roads === true) this.map.carry(this.#roads);
    if (view.roads === false) this.map.drop(this.#roads);
    this.#cells.show(this.#view.shown);
    this.#draw();
    this.#drawAreas();
  }

  /** @param {{lon: number, lat: number}} at */
  look(at) {
    this.#hubs.look(at);
  }

  /** @param {{id: string, lon: number, lat: number, ended: boolean}} moved */
  #dragged({ id, lon, lat, ended }) {
    if (this.#before === null) this.#before = this.plan;
    this.plan = { ...this.plan, hubs: this.plan.hubs.map((hub) => (hub.id === id ? { ...hub, lon, lat } : hub)) };
    if (ended) {
      this.#past = [...this.#past, this.#before].slice(-STEPS_KEPT);
      this.#before = null;
      performance.mark("hub dropped");
    }
    this.#changed({ drawn: !ended });
  }

  /** @type {Plan | null} */
  #before = null;

  #changed({ drawn = false } = {}) {
    if (!drawn) this.#draw();
    this.panel.show();
    this.#ask();
  }

  #draw() {
    this.#hubs.show(this.plan.hubs, { chosen: this.#chosen, limit_m: this.plan.limit_m, circles: this.#view.circles });
  }

  /** One question at a time; what changed meanwhile is asked once it is answered. */
  async #ask() {
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    const asked = this.plan;
    try {
      const answer = await livePlan(asked);
      if (asked === this.plan || this.#before !== null) {
        this.#cells.answer(answer.cells, answer.limit_m);
        this.panel.answer(answer);
        performance.mark("plan redrawn");
      }
    } catch (error) {
      this.#failed(error);
    } finally {
      this.#asking = false;
    }
    if (this.#again) {
      this.#again = false;
      this.#ask();
    } else this.#drawAreas();
  }

  async #drawAreas() {
    if (!this.#view.areas || this.plan.metric !== "walking" || this.#before !== null) {
      this.#hubs.drawAreas(null);
      return;
    }
    const asked = this.plan;
    try {
      const areas = await planAreas(asked);
      if (asked === this.plan && this.#view.areas) this.#hubs.drawAreas(areas);
    } catch (error) {
      this.#failed(error);
    }
  }

  /** @param {unknown} error */
  #failed(error) {
    this.tell(error instanceof ApiError && error.detail ? error.detail : say("failed.service"));
  }
}
