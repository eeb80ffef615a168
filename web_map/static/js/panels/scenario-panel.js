/** Plans kept under a name: saves the one on the map and opens others. It works out nothing. */
import { ApiError, address } from "../api.js";
import { make, put } from "../elements.js";
import { saveScenario, scenarios } from "../hubs.js";
import { language, say } from "../messages.js";

export class ScenarioPanel {
  element = make("details", { id: "plan-scenarios" });
  #name = make("input", { type: "text", id: "plan-name", maxlength: 200, required: true });
  #list = make("ul", {});

  /** @param {import("../planning.js").Planning} planning @param {{mayChange: boolean}} rights */
  constructor(planning, { mayChange }) {
    this.planning = planning;
    this.mayChange = mayChange;
    this.element.addEventListener("toggle", () => this.element.open && this.#fetch());
    this.show();
  }

  show() {
    const saving = make(
      "form",
      { onsubmit: (/** @type {Event} */ event) => this.#save(event) },
      make("label", { for: "plan-name" }, say("plan.name")),
      this.#name,
      make("button", { type: "submit", class: "strong" }, say("plan.save")),
    );
    put(this.element, make("summary", {}, say("plan.scenarios")), this.mayChange && saving, this.#list);
  }

  /** @param {Event} event */
  async #save(event) {
    event.preventDefault();
    const name = this.#name.value.trim();
    if (!name) return;
    try {
      await saveScenario(name, this.planning.plan);
      this.planning.tell(say("plan.saved", { name }));
      await this.#fetch();
    } catch (error) {
      this.planning.tell(error instanceof ApiError && error.detail ? error.detail : say("failed.service"));
    }
  }

  async #fetch() {
    try {
      put(this.#list, ...(await scenarios()).map((scenario) => this.#item(scenario)));
    } catch (error) {
      this.planning.tell(error instanceof ApiError && error.detail ? error.detail : say("failed.service"));
    }
  }

  /** @param {import("../hubs.js").Scenario} scenario */
  #item({ id, name, hubs, limit_m, metric, changed_by }) {
    const open = () => this.planning.change({ hubs, limit_m, metric });
    const file = (/** @type {string} */ path, /** @type {string} */ words) =>
      make("a", { href: address(`api/hubs/scenarios/${id}/${path}`, { language: language() }).href, download: "" }, say(words));
    return make(
      "li",
      {},
      make("button", { type: "button", class: "link", onclick: open }, `${name} (${changed_by})`),
      " ",
      file("report.html", "plan.report"),
      " ",
      file("report.pdf", "plan.report_pdf"),
      " ",
      file("tables.xlsx", "plan.tables"),
      " ",
      make("a", { href: address("scenarios", { b: id }).href }, say("plan.compare")),
    );
  }
}
