/** The parts of a name's page: how it is read, whether it stands, what is on record of it, what it was called. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { date, period } from "../measures.js";
import { knows, language, say } from "../messages.js";
import { addressesOf } from "../naming.js";
import { ruby } from "./reading-aloud.js";

/** @typedef {import("../naming.js").Name} Name */

/** @param {Name} name */
export function heading({ properties: facts }) {
  return make(
    "header",
    { class: "name-head" },
    make("h1", { lang: "zh-CN" }, ruby(facts.name, facts.reading)),
    make("p", { class: "pinyin", lang: "zh-Latn" }, facts.pinyin),
    make("p", { class: "marks" }, make("span", { class: `badge${facts.status === "in_force" ? "" : " grave"}` }, label("naming_states", facts.status)), facts.synthetic && make("span", { class: "badge warn" }, say("name.synthetic"))),
  );
}

/**
 * Says that a name no longer stands, since when and what came in its place.
 * @param {Name} name
 * @param {(id: string) => string} at where another name is found
 */
export function standing({ id, properties: { status, valid_to, history, events } }, at) {
  if (status === "in_force") return null;
  const into = events.find((event) => event.name_id === id && event.detail.merged_into)?.detail;
  const after = history.filter((each) => each.id !== id && each.valid_from >= (valid_to ?? ""));
  const successor = after.find((each) => each.status === "in_force") ?? after.at(-1);
  return make(
    "div",
    { class: "note warn not-in-force", role: "note" },
    make("p", {}, make("strong", {}, say("name.not_in_force", { day: date(valid_to) }))),
    into && make("p", {}, say("name.merged_into"), " ", make("a", { href: at(into.merged_into ?? ""), lang: "zh-CN" }, into.called ?? "")),
    !into && successor && make("p", {}, say("name.successor"), " ", make("a", { href: at(successor.id), lang: "zh-CN" }, successor.name), " ", make("span", { lang: "zh-Latn" }, successor.pinyin)),
  );
}

/** @param {Name} name @param {{zh: string, en: string}} unit */
export function factsCard({ properties: facts }, unit) {
  const rows = [
    [say("name.kind"), label("naming_kinds", facts.kind)],
    [say("name.unit"), language() === "en" ? unit.en : unit.zh],
    [say("name.reading"), facts.reading.length > 0 ? facts.reading.join(" ") : make("span", { class: "hint" }, say("name.reading_open"))],
    [say("name.meaning"), facts.meaning || unsaid()],
    [say("name.origin"), facts.origin || unsaid()],
    [say("name.period"), period(facts.valid_from, facts.valid_to)],
    facts.aliases.length > 0 && [say("name.aliases"), facts.aliases.join(say("list.comma"))],
    facts.heritage && [say("name.heritage"), facts.heritage],
    [say("name.source"), facts.source],
  ];
  return make(
    "section",
    { class: "card", "aria-labelledby": "facts-title" },
    make("h2", { id: "facts-title" }, say("name.facts")),
    make("dl", { class: "facts" }, ...rows.flatMap((row) => (row ? [make("dt", {}, row[0]), make("dd", {}, row[1])] : []))),
  );
}

function unsaid() {
  return make("span", { class: "hint" }, say("name.unsaid"));
}

/** @param {Name} name @param {(id: string) => string} at */
export function historyCard({ id, properties: { history, events } }, at) {
  const head = ["name.name", "name.period", "name.status", "name.instruments"];
  const rows = history.map((then) => {
    const papers = events.filter((event) => event.name_id === then.id).map(({ on, event, instrument, detail }) => [date(on), eventWords(event, detail), instrument].filter(Boolean).join(" · "));
    const title = then.id === id ? make("strong", { lang: "zh-CN" }, then.name) : make("a", { href: at(then.id), lang: "zh-CN" }, then.name);
    return make(
      "tr",
      {},
      make("th", { scope: "row" }, title, make("span", { class: "pinyin-small", lang: "zh-Latn" }, then.pinyin)),
      cell("name.period", period(then.valid_from, then.valid_to)),
      cell("name.status", label("naming_states", then.status)),
      cell("name.instruments", make("ul", { class: "plain-list" }, ...papers.map((paper) => make("li", {}, paper)))),
    );
  });
  return make(
    "section",
    { class: "card", "aria-labelledby": "history-title" },
    make("h2", { id: "history-title" }, say("name.history")),
    make("table", { class: "rows stacked" }, make("thead", {}, make("tr", {}, ...head.map((key) => make("th", { scope: "col" }, say(key))))), make("tbody", {}, ...rows)),
  );
}

/** @param {string} event @param {import("../naming.js").NameEvent["detail"]} detail */
function eventWords(event, { merged_into, took, called = "" }) {
  if (merged_into) return say("name.event.merged_into", { name: called });
  if (took) return say("name.event.took", { name: called });
  return say(`name.event.${event}`);
}

/** @param {string} key @param {import("../elements.js").Child} content */
function cell(key, content) {
  return make("td", { "data-head": say(key) }, content);
}

/** The address that stays, as text and as a code to scan. @param {Name} name */
export function linkCard({ id, properties: { name } }) {
  const { page, svg, png } = addressesOf(id);
  return make(
    "section",
    { class: "card link-card", "aria-labelledby": "link-title" },
    make("img", { src: svg, alt: say("name.qr", { name }), width: 160, height: 160 }),
    make(
      "div",
      {},
      make("h2", { id: "link-title" }, say("name.link")),
      make("p", {}, say("name.link_words")),
      make("p", {}, make("code", {}, page)),
      make(
        "p",
        { class: "actions" },
        make("button", { type: "button", class: "strong", onclick: () => window.print() }, say("name.print")),
        make("a", { class: "plain", href: svg, download: `${name}.svg` }, say("name.qr_svg")),
        make("a", { class: "plain", href: png, download: `${name}.png` }, say("name.qr_png")),
      ),
    ),
  );
}

/** Where each field comes from. @param {Name} name */
export function sourcesCard({ properties: { sources } }) {
  const fields = Object.entries(sources);
  return make(
    "section",
    { class: "card", "aria-labelledby": "sources-title" },
    make("h2", { id: "sources-title" }, say("name.sources")),
    make("dl", { class: "facts" }, ...fields.flatMap(([field, source]) => [make("dt", {}, knows(`name.field.${field}`) ? say(`name.field.${field}`) : field), make("dd", {}, source)])),
  );
}
