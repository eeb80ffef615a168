/** Names records of a marker in one line, so that evidence can be followed to what was recorded, by whom and when. */
import { label } from "../legend.js";
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
