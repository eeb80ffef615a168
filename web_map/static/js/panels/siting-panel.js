/** Asks where more hubs should stand and shows the best answer so far with its proven bound; it chooses nothing. */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { cancelSiting, sitingJob, startSiting } from "../hubs.js";
import { number } from "../measures.js";
import { say } from "../messages.js";

const LOOK_EVERY_MS = 400;
const UNDER_WAY = ["waiting", "running"];

export class SitingPanel {
  element = make("details", { id: "plan-siting" });
  #count = make("input", { type: "number", id: "plan-more", min: 1, max: 100, value: 3 });
  #said = make("p", { role: "status" });
  /** @type {import("../hubs.js").SitingJob | null} */
  #job = null;

  /** @param {import("../planning.js").Planning} planning */
  constructor(planning) {
    this.planning = planning;
    this.show();
  }

  show() {
    const running = this.#job !== null && UNDER_WAY.includes(this.#job.state);
    const found = this.#job?.result;
    put(
      this.element,
      make("summary", {}, say("plan.siting")),
      make("label", { for: "plan-more" }, say("plan.more_hubs")),
      this.#count,
      make("button", { type: "button", class: "strong", disabled: running, onclick: () => this.#start() }, say("plan.site")),
      running && make("button", { type: "button", class: "plain", onclick: () => this.#stop() }, say("plan.stop")),
      running && make("progress", { max: 1, value: this.#job?.progress ?? 0 }),
      this.#said,
      !running && (found?.places.length ?? 0) > 0 && make("button", { type: "button", class: "plain", onclick: () => this.#take() }, say("plan.take")),
    );
    this.#say();
  }

  #say() {
    const found = this.#job?.result;
    const figures = { objective: number(found?.objective ?? 0, 0), bound: number(found?.bound ?? 0, 0), gap: `${number((found?.gap ?? 0) * 100, 2)} %` };
    if (!found) this.#said.textContent = "";
    else if (found.objective === null) this.#said.textContent = found.reason ?? say("plan.siting_failed");
    else this.#said.textContent = say(found.status === "running" ? "plan.siting_now" : "plan.siting_done", figures);
  }

  async #start() {
    const { plan } = this.planning;
    try {
      this.#job = await startSiting(plan, plan.hubs.length + Number(this.#count.value));
      this.#follow();
    } catch (error) {
      this.planning.tell(error instanceof ApiError && error.detail ? error.detail : say("failed.service"));
    }
    this.show();
  }

  /** Looks again until the job is over. */
  async #follow() {
    if (!this.#job) return;
    const now = await sitingJob(this.#job.id).catch(() => null);
    if (now) this.#job = now;
    this.show();
    if (now && UNDER_WAY.includes(now.state)) window.setTimeout(() => this.#follow(), LOOK_EVERY_MS);
  }

  async #stop() {
    if (this.#job) await cancelSiting(this.#job.id).catch(() => null);
  }

  #take() {
    const { plan } = this.planning;
    const there = new Set(plan.hubs.map(({ id }) => id));
    const fresh = (this.#job?.result?.places ?? []).filter(({ id }) => !there.has(id));
    this.planning.change({ hubs: [...plan.hubs, ...fresh.map((hub) => ({ ...hub, name: hub.name ?? hub.id, status: "planned" }))] });
  }
}
