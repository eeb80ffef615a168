/** One proposal as the office reviews it; draws and words what it is given, sends through the forms it holds. */
import { address } from "../api.js";
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { RoadMap } from "../map/road-map.js";
import { date, length } from "../measures.js";
import { language, say } from "../messages.js";
import { timeOf } from "../pages/moments.js";
import { paperAddress } from "../proposals.js";
import { deadlineBadge } from "./board-view.js";
import { commentList } from "./dispositions.js";
import { evidenceOf, findingsTable } from "./findings-view.js";
import { ruby } from "./reading-aloud.js";
import { recordShown, stepForm } from "./step-form.js";

/** @typedef {import("../proposals.js").Proposal} Proposal */
/** @typedef {{proposal: Proposal, scopes: import("../proposals.js").ScopeOutline[], comments: import("../proposals.js").Comment[], streets: import("../map/road-map.js").Drawn[]}} Shown */

const PAPERS = /** @type {const} */ (["application", "assessment", "expert", "consultation", "decision", "filing", "announcement"]);

export class ProposalView {
  /** @type {RoadMap | null} */
  #map = null;

  /** @param {HTMLElement} place @param {Shown} shown @param {{roles: string[], changed: (words: string) => void}} how */
  constructor(place, shown, { roles, changed }) {
    this.place = place;
    this.shown = shown;
    this.roles = roles;
    this.changed = changed;
  }

  show() {
    this.remove();
    const { proposal } = this.shown;
    const { findings, overrides, name } = proposal.properties;
    const ground = make("div", { class: "road-map" });
    const look = (/** @type {object} */ geometry) => {
      this.#map?.lookAt(geometry);
      ground.scrollIntoView({ block: "nearest" });
      ground.focus();
    };
    put(
      this.place,
      head(proposal),
      section("desk.evidence", ground, legendOf(this.shown)),
      section("finding.title", findingsTable(name, findings, { overrides, look })),
      section("desk.next", ...this.#steps()),
      section("desk.comments", commentList(proposal.id, this.shown.comments, { may: this.roles.includes("naming"), done: () => this.changed(say("disposition.done")) })),
      section("desk.facts", facts(proposal)),
      section("desk.history", history(proposal)),
      section("desk.papers", papers(proposal.id)),
    );
    this.#draw(ground);
  }

  remove() {
    this.#map?.remove();
    this.#map = null;
  }

  #steps() {
    const { proposal } = this.shown;
    const { steps } = proposal.properties;
    if (steps.length === 0) return [make("p", { class: "hint" }, say("step.none"))];
    const may = (/** @type {string[]} */ actors) => this.roles.includes("naming") || actors.some((actor) => this.roles.includes(actor));
    return steps.map((step) => stepForm(proposal, step, { may: may(step.actors), taken: ({ properties }) => this.changed(say("step.taken", { state: label("naming_states", properties.state) })) }));
  }

  /** @param {HTMLElement} ground */
  #draw(ground) {
    const { proposal, scopes, streets } = this.shown;
    const { name, findings } = proposal.properties;
    this.#map = new RoadMap(ground, say("desk.map", { name }));
    const against = evidenceOf(findings);
    const named = new Set(against.map((each) => each.name));
    this.#map.show([
      ...scopes.filter(({ properties }) => properties.counts).map(({ geometry }) => ({ role: /** @type {const} */ ("scope"), geometry })),
      ...streets.filter((street) => !named.has(street.name)),
      ...against,
      { role: "own", name, geometry: proposal.geometry },
    ]);
  }
}

let made = 0;

/** @param {string} key @param {...import("../elements.js").Child} body */
function section(key, ...body) {
  const id = `section-${++made}`;
  return make("section", { class: "card", "aria-labelledby": id }, make("h2", { id }, say(key)), ...body);
}

/** @param {Proposal} proposal */
function head({ properties: facts_ }) {
  return make(
    "header",
    { class: "name-head" },
    make("h2", { lang: "zh-CN", class: "proposed" }, ruby(facts_.name, facts_.reading)),
    make("p", { class: "pinyin", lang: "zh-Latn" }, facts_.pinyin),
    make("p", { class: "marks" }, make("span", { class: "badge" }, label("naming_states", facts_.state)), ...facts_.deadlines.map(deadlineBadge), facts_.synthetic && make("span", { class: "badge warn" }, say("name.synthetic"))),
  );
}

/** What the strokes of the map mean. @param {Shown} shown */
function legendOf({ scopes }) {
  const areas = scopes.filter(({ properties }) => properties.counts).map(({ properties: { kind, name } }) => `${say(`scope.${kind}`)}${say("list.colon")}${name}`);
  return make(
    "ul",
    { class: "plain-list map-legend" },
    ...["own", "against", "near", "street"].map((role) => make("li", { class: role }, say(`map.role.${role}`))),
    make("li", { class: "scope" }, areas.join(say("list.comma")) || say("map.role.scope")),
  );
}

/** @param {Proposal} proposal */
function facts({ properties: told }) {
  const { action } = told;
  const rows = [
    [say("name.kind"), label("naming_kinds", told.kind)],
    [say("desk.action"), say(`desk.action.${action}`)],
    told.former_name && [say("public.instead_of"), make("span", { lang: "zh-CN" }, told.former_name)],
    [say("name.unit"), told.unit_code],
    told.length_m !== null && [say("desk.length"), length(told.length_m)],
    told.width_m !== null && [say("desk.width"), length(told.width_m)],
    [say("name.meaning"), told.meaning || say("name.unsaid")],
    [say("name.origin"), told.origin || say("name.unsaid")],
    told.alternatives.length > 0 && [say("desk.alternatives"), make("span", { lang: "zh-CN" }, ...told.alternatives.flatMap((name, place) => [place > 0 && say("list.comma"), ruby(name, told.alternative_readings[name] ?? [])]))],
    [say("desk.applicant"), [told.applicant.name, told.applicant.contact].filter(Boolean).join(" · ") || say("name.unsaid")],
    [say("desk.profile"), told.profile],
    [say("desk.checked"), timeOf(told.checked_at)],
    told.name_id && [say("page.name"), make("a", { href: address(`n/${told.name_id}`).href }, say("desk.open_page"))],
  ];
  return make("dl", { class: "facts" }, ...rows.flatMap((row) => (row ? [make("dt", {}, row[0]), make("dd", {}, row[1])] : [])));
}

/** What was decided, by whom, with which reasons, the newest first. @param {Proposal} proposal */
function history({ properties: { events } }) {
  if (events.length === 0) return make("p", { class: "hint" }, say("desk.no_history"));
  return make(
    "ol",
    { class: "plain-list history", reversed: true },
    ...[...events].reverse().map(({ event, state, on, recorded_by, data }) =>
      make(
        "li",
        {},
        make("p", {}, make("strong", {}, label("naming_events", event)), ` → ${label("naming_states", state)}`, make("span", { class: "hint" }, ` ${date(on)} · ${recorded_by}`)),
        ...Object.entries(data.overrides ?? {}).map(([code, reason]) => make("p", { class: "hint" }, say("desk.passed", { code, reason: String(reason) }))),
        ...Object.entries(data.records ?? {}).map(([code, record]) => make("p", { class: "hint" }, `${label("naming_records", code)}${say("list.colon")}`, recordShown(record))),
        data.note && make("p", { class: "hint" }, data.note),
      ),
    ),
  );
}

/** @param {string} id */
function papers(id) {
  return make(
    "ul",
    { class: "plain-list papers-list" },
    ...PAPERS.map((kind) =>
      make("li", {}, say(`desk.paper.${kind}`), " ", ...(/** @type {const} */ (["docx", "pdf"])).flatMap((form) => [make("a", { href: paperAddress(id, kind, form, language()), "aria-label": `${say(`desk.paper.${kind}`)} ${form.toUpperCase()}` }, form.toUpperCase()), " "])),
    ),
  );
}
