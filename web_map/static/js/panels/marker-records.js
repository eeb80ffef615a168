/** Names records of a marker in one line, so that evidence can be followed to what was recorded, by whom and when. */
import { label } from "../legend.js";
import { number } from "../measures.js";
import { language, say } from "../messages.js";

/** @typedef {import("../markers.js").MarkerHistory} MarkerHistory */

/** The calendar day of an instant, where the reader is. @param {string} instant */
export function theDay(instant) {
  const at = new Date(instant);
  return [at.getFullYear(), at.getMonth() + 1, at.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
}

/** An instant to the minute, in the reader's language. @param {string} instant */
export function moment(instant) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(new Date(instant));
}

/**
 * Both clocks of what a device wrote: its own time, when the office received it, and how wrong its clock was when it sent.
 * Empty for what the office wrote itself.
 * @param {{captured_at?: string | null, received_at?: string | null, recorded_at?: string | null, clock_skew_s?: number}} record
 */
export function clocksTold({ captured_at, received_at, recorded_at, clock_skew_s = 0 }) {
  const received = received_at ?? recorded_at;
  if (!captured_at || !received) return "";
  const told = say("clocks.both", { captured: moment(captured_at), received: moment(received) });
  return clock_skew_s === 0 ? told : `${told} · ${say(clock_skew_s > 0 ? "clocks.slow" : "clocks.fast", { time: stretch(Math.abs(clock_skew_s)) })}`;
}

/** @param {number} seconds */
function stretch(seconds) {
  if (seconds < 120) return say("clocks.s", { n: number(seconds, 0) });
  return seconds < 7200 ? say("clocks.min", { n: number(seconds / 60, 0) }) : say("clocks.h", { n: number(seconds / 3600, 1) });
}

/** What a record is, when and by whom; empty for one that is not told to the reader. @param {string} id @param {MarkerHistory} history */
export function recordName(id, history) {
  const inspection = history.inspections.find((each) => each.id === id);
  if (inspection) return line(label("inspection_kind", inspection.kind), inspection.happened_at, inspection.person);
  const events = (history.case_events ?? []).filter((each) => each.case_id === id || each.id === id);
  const event = events.at(-1);
  if (event) return line(label("case_event", event.event), event.happened_at, event.person);
  const record = history.records?.find((each) => each.id === id);
  if (record) return line(recordWords(record), record.happened_at, record.person);
  return "";
}

/** The kinds of the rarer records. @param {string} kind */
export function kindWords(kind) {
  return say(`record.${kind}`);
}

/** What a rarer record says, an alarm by what its device showed. @param {import("../markers.js").OtherRecord} record */
export function recordWords({ kind, content }) {
  const { code, found } = content ?? {};
  if (typeof code !== "string") return kindWords(kind);
  if (kind === "settled") return [say("alerts.record_answered", { alarm: label("finding", code) }), found].filter(Boolean).join(" ");
  return kind === "flagged" ? say("alerts.record", { alarm: label("finding", code) }) : kindWords(kind);
}

/** @param {string} what @param {string} when @param {string | undefined} who */
function line(what, when, who) {
  return [what, moment(when), who].filter(Boolean).join(" · ");
}
