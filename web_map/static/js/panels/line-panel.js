/** What the register knows of one boundary line, as nodes for the side panel; it fetches nothing. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { date, length } from "../measures.js";
import { say } from "../messages.js";
import { actions, fact, link } from "./unit-panel.js";

/**
 * @param {import("../boundaries.js").Feature<import("../boundaries.js").LineDetails>} feature
 * @param {import("./side-panel.js").Acts} acts
 * @returns {{title: string, body: Node[]}}
 */
export function linePanel({ geometry, properties: line }, acts) {
  const units = line.units ?? line.unit_codes.map((code) => ({ code, name: code, level: "" }));
  return {
    title: line.name ?? units.map((unit) => unit.name).join("–"),
    body: [
      make(
        "p",
        { class: "subtitle" },
        make("span", { class: "badge" }, label("levels", line.level)),
        make("span", { class: "code" }, line.line_code),
        line.disputed && make("span", { class: "badge disputed" }, say("line.disputed")),
      ),
      make(
        "dl",
        { class: "facts" },
        ...fact("line.length", length(line.length_m)),
        ...(line.stated_name ? fact("line.stated_name", line.stated_name) : []),
        ...(line.stated_length_m ? fact("line.stated_length", length(line.stated_length_m)) : []),
        ...fact("line.managing", line.managing ?? say("line.not_on_record")),
        ...fact("line.last_joint", date(line.last_joint_inspection_on) || say("line.not_on_record")),
        ...fact("line.next_due", date(line.next_due_on) || say("line.not_on_record")),
        ...fact("line.instrument", line.legal_instrument ?? say("line.not_on_record")),
      ),
      make("p", {}, make("a", { href: `joint?line=${line.line_code}` }, say("line.joint_page"))),
      ...(line.derived ? [make("p", { class: "hint" }, say("line.derived"))] : []),
      actions(geometry, acts),
      make(
        "section",
        {},
        make("h3", {}, say("line.units")),
        make(
          "ul",
          { class: "sides" },
          ...units.map((unit) => make("li", {}, link(unit, acts), " ", make("span", { class: "code" }, unit.code))),
        ),
      ),
    ],
  };
}
