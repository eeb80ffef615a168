/** What the office has received: when, under which id, what colour the marker has now, and what a reviewer will see. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { signsOf } from "../markers.js";
import { say } from "../messages.js";
import { moment } from "./marker-records.js";

/**
 * @param {any} answer
 * @param {{number: string}} marker
 * @param {() => void} done
 */
export function receipt(answer, marker, done) {
  const { colour, findings = [], inspection } = answer;
  const sign = signsOf(colour.profile ?? null).find((each) => each.colour === colour.code && each.shape === colour.shape);
  return make(
    "div",
    { class: "receipt" },
    make("h3", {}, say("receipt.title")),
    make("p", {}, say("receipt.at", { number: marker.number, at: moment(inspection?.received_at ?? new Date().toISOString()) })),
    make("p", { class: "code" }, answer.id),
    make("p", { class: "marker-colour" }, sign && signCanvas(sign, 22), make("strong", {}, sign?.label ?? label("colour", colour.code))),
    make("p", { class: "hint" }, say("receipt.review")),
    findings.length > 0 && make("h4", {}, say("receipt.findings")),
    findings.length > 0 && make("ul", {}, ...findings.map((/** @type {any} */ finding) => make("li", {}, label("finding", finding.code)))),
    make("button", { type: "button", class: "strong", onclick: done }, say("receipt.done")),
  );
}
