/**
 * What stands open of a marker: alarms of its device with the message under them and the answer that ends them, what
 * the device complains of, clocks that have run out; and, for the board, what devices say across the office.
 */
import { ApiError } from "../api.js";
import { make, put } from "../elements.js";
import { label } from "../legend.js";
import { acknowledgeAlarm, newId, openAlerts } from "../markers.js";
import { date, number } from "../measures.js";
import { knows, say } from "../messages.js";
import { clocksTold, moment, theDay } from "./marker-records.js";

/** @typedef {import("../markers.js").Alert} Alert */
/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("./marker-panel.js").MarkerActs} MarkerActs */

const ANSWERERS = ["surveyor", "boundary"];

/** Nothing where nothing stands open. @param {MarkerPage} page @param {MarkerActs} acts */
export function markerAlerts(page, acts) {
  const alerts = page.feature.properties.alerts ?? [];
  if (alerts.length === 0) return make("div", {});
  return make(
    "section",
    { class: "marker-alerts", "aria-labelledby": "marker-alerts-title" },
    make("h3", { id: "marker-alerts-title" }, say("alerts.title"), make("span", { class: "count" }, alerts.length)),
    make("ul", {}, ...alerts.map((alert) => make("li", { class: alert.weight }, ...one(alert, page, acts)))),
  );
}

/** @param {Alert} alert @param {MarkerPage} page @param {MarkerActs} acts */
function one(alert, page, acts) {
  return [
    make(
      "p",
      { class: "alert-head" },
      make("span", { class: alert.weight === "alarm" ? "badge alarm-badge" : "badge" }, say(`alerts.${alert.weight}`)),
      make("strong", {}, label("finding", alert.code)),
      make("span", { class: "hint" }, say("time.since", { from: date(theDay(alert.since)) })),
    ),
    ...evidence(alert).map((words) => make("p", { class: "evidence" }, words)),
    alert.id !== null && answer(alert.id, page, acts),
  ];
}

/** The measured value beside its limit, the device, both clocks. @param {Alert} alert @returns {string[]} */
function evidence({ evidence: { measure, value, limit, device, due_on, due_at, last_message_at, silent_hours, captured_at, received_at, happened_at, clock_skew_s } }) {
  const lines = [];
  if (measure !== undefined && knows(`alerts.measure.${measure}`)) {
    const words = say(`alerts.measure.${measure}`);
    lines.push(typeof value === "number" && typeof limit === "number" ? say("alerts.measured", { measure: words, value: figure(value), limit: figure(limit) }) : words);
  }
  if (due_on) lines.push(say("marker.due_on", { date: date(due_on) }));
  if (due_at) lines.push(say("alerts.report_due", { at: moment(due_at) }));
  if (last_message_at) lines.push(say("alerts.last_message", { at: moment(last_message_at), hours: number(silent_hours ?? 0, 0) }));
  if (device) lines.push([say("alerts.device", { device }), !captured_at && happened_at && moment(happened_at)].filter(Boolean).join(" · "));
  lines.push(clocksTold({ captured_at, received_at, clock_skew_s }));
  return lines.filter(Boolean);
}

/** @param {number} value */
function figure(value) {
  return number(value, Number.isInteger(value) ? 0 : 2);
}

/** The answer that ends an alarm, for those who may give it. @param {string} alarm @param {MarkerPage} page @param {MarkerActs} acts */
function answer(alarm, { reader, now }, acts) {
  const may = reader.signed_in && reader.roles.some((role) => ANSWERERS.includes(role)) && !now.as_of;
  if (!may) return make("p", { class: "hint" }, say("alerts.by_officer"));
  const id = newId();
  const told = make("p", { role: "status" });
  const found = make("textarea", { name: "found", rows: 2, maxlength: 1000, required: true });
  const send = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (found.value.trim() === "") {
      put(told, say("alerts.found_needed"));
      told.className = "warned";
      found.focus();
      return;
    }
    try {
      await acknowledgeAlarm(alarm, { id, found: found.value.trim() });
      acts.tell(say("alerts.answered"));
      acts.changed();
    } catch (error) {
      put(told, error instanceof ApiError && error.detail ? error.detail : say("marker_form.not_sent"));
      told.className = "failed";
    }
  };
  return make(
    "form",
    { class: "alert-answer", novalidate: true, onsubmit: send },
    make("label", { class: "field" }, say("alerts.found"), found),
    told,
    make("button", { type: "submit", class: "strong" }, say("alerts.answer")),
  );
}

/**
 * What devices say across the office, alarms first, for officers; nothing where all is quiet.
 * @param {{as_of?: string | null, unit?: string, line?: string}} question
 * @param {(code: string) => void} choose @param {AbortSignal} signal
 */
export async function alertList(question, choose, signal) {
  const { alerts } = await openAlerts({ ...question, kind: "sensor" }, signal);
  if (alerts.length === 0) return null;
  return make(
    "section",
    { class: "board-alerts" },
    make("h3", {}, say("alerts.list"), make("span", { class: "count" }, alerts.length)),
    make("ul", { class: "marker-list" }, ...alerts.map((alert) => make("li", {}, row(alert, choose)))),
  );
}

/** @param {Alert} alert @param {(code: string) => void} choose */
function row({ code, weight, marker_code, since, subject }, choose) {
  const parts = [
    make("span", {}),
    make("span", { class: "code" }, marker_code ?? subject[0]),
    make("span", { class: "word" }, label("finding", code)),
    make("span", { class: "about" }, make("b", {}, weight === "alarm" && say("alerts.alarm")), " ", say("time.since", { from: date(theDay(since)) })),
  ];
  if (marker_code === null) return make("span", { class: "marker-row" }, ...parts);
  return make("button", { type: "button", class: "marker-row", onclick: () => choose(marker_code) }, ...parts);
}
