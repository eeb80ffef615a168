/** The list of proposals by stage, the most pressing first in each; it tells which one is chosen and asks nothing. */
import { make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { date } from "../measures.js";
import { say } from "../messages.js";

/** @typedef {import("../proposals.js").BoardEntry} BoardEntry */

/** Days before a deadline at which it is pressing. */
const PRESSING_DAYS = 3;

/**
 * @param {HTMLElement} place
 * @param {{proposals: BoardEntry[], chosen: string | null, typed: string}} shown
 */
export function showBoard(place, { proposals, chosen, typed }) {
  const found = proposals.filter(({ name, pinyin }) => name.includes(typed) || plain(pinyin).includes(plain(typed)));
  const stages = entries("naming_states").map(({ code }) => ({ code, here: found.filter(({ state }) => state === code) }));
  put(
    place,
    ...(found.length === 0
      ? [make("p", { class: "nothing" }, say("desk.none"))]
      : stages
          .filter(({ here }) => here.length > 0)
          .map(({ code, here }) =>
            make(
              "section",
              { "aria-label": label("naming_states", code) },
              make("h3", { class: "stage" }, label("naming_states", code), make("span", { class: "count" }, here.length)),
              make("ul", { class: "plain-list entries" }, ...here.map((entry) => make("li", {}, link(entry, chosen)))),
            ),
          )),
  );
}

/** @param {BoardEntry} entry @param {string | null} chosen */
function link(entry, chosen) {
  return make(
    "a",
    { class: "entry", href: `#${entry.id}`, "aria-current": entry.id === chosen ? "true" : null },
    make("span", { class: "entry-name", lang: "zh-CN" }, entry.name),
    make("span", { class: "pinyin-small", lang: "zh-Latn" }, entry.pinyin),
    make(
      "span",
      { class: "marks" },
      entry.blocks > 0 && make("span", { class: "badge grave" }, say("desk.blocks", { count: entry.blocks })),
      entry.warnings > 0 && make("span", { class: "badge warn" }, say("desk.warnings", { count: entry.warnings })),
      entry.open_opinions > 0 && make("span", { class: "badge" }, say("desk.opinions", { count: entry.open_opinions })),
      entry.deadline && deadlineBadge(entry.deadline),
    ),
  );
}

/** @param {{clock: string, due_on: string, days_left: number}} deadline */
export function deadlineBadge({ clock, due_on, days_left }) {
  const words = days_left < 0 ? say("desk.overdue", { days: -days_left }) : say("desk.days_left", { days: days_left });
  const weight = days_left < 0 ? " grave" : days_left <= PRESSING_DAYS ? " warn" : "";
  return make("span", { class: `badge${weight}`, title: date(due_on) }, `${label("naming_clocks", clock)}${say("list.colon")}${words}`);
}

/** Without tones, blanks and capitals. @param {string} words */
function plain(words) {
  return words.normalize("NFD").replace(/[\u0300-\u036f\s’']/g, "").toLowerCase();
}
