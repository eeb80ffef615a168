/**
 * The record of a day as the sides read and sign it: one picture, named by the hash of its bytes. What was signed can
 * be looked at for ever; a word changed makes another picture, under which nobody has signed.
 */
import { date } from "../measures.js";
import { say } from "../messages.js";
import { moment, theDay } from "../panels/marker-records.js";
import { standing } from "./joint-day.js";
import { apartWords, jointTitle, opinionWords, seenWords, sideName, stopTitle } from "./joint-words.js";

/** @typedef {import("./joint-day.js").Joint} Joint */
/** @typedef {{words: string, size: number, indent: number}} Line */

const WIDTH = 1080;
const MARGIN = 48;
const TITLE = 40;
const HEAD = 30;
const TEXT = 26;
const LEADING = 1.5;
/** A taller picture is more than a phone draws: the rest of a long day is signed as a second record. */
export const MOST_STOPS = 40;

/** @param {Joint} joint @param {import("./joint-day.js").Stop[]} stops @param {import("./joint-day.js").Book} book @returns {Line[]} */
export function sheetLines(joint, stops, book) {
  const records = stops.flatMap(({ order }) => book.stops[order].records);
  const instants = records.map(({ recorded_at }) => recorded_at).sort();
  const days = [...new Set([instants[0], instants[instants.length - 1]].map((at) => date(theDay(at))))];
  return [
    { words: say("field.joint.sheet_title", { line: joint.name ?? joint.line_code, year: joint.year }), size: TITLE, indent: 0 },
    { words: say("field.joint.sheet_about", { code: joint.line_code, days: days.join(" – "), lead: sideName(joint, joint.lead), n: stops.length }), size: TEXT, indent: 0 },
    ...stops.flatMap((stop) => {
      const { seen, apart, opinion } = standing(joint, stop, book);
      return [
        { words: stopTitle(stop), size: HEAD, indent: 0 },
        ...Object.values(seen).map((each) => ({ words: say("field.joint.sheet_seen", { side: sideName(joint, each.side), person: each.person, at: moment(each.recorded_at), seen: seenWords(each) }), size: TEXT, indent: 1 })),
        ...apart.map((each) => ({ words: say("field.joint.sheet_apart", { words: apartWords(joint, each) }), size: TEXT, indent: 1 })),
        ...(opinion ? [{ words: say("field.joint.sheet_opinion", { words: opinionWords(joint, opinion), sides: opinion.agreed_by.map((side) => sideName(joint, side)).join("、") }), size: TEXT, indent: 1 }] : []),
      ];
    }),
    { words: say("field.joint.sheet_end", { title: jointTitle(joint) }), size: TEXT, indent: 0 },
  ];
}

/** Draws the lines black on white. @param {Line[]} lines @returns {Promise<Blob>} */
export function drawn(lines) {
  const canvas = document.createElement("canvas");
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const rows = lines.flatMap((line) => broken(context, line));
  canvas.width = WIDTH;
  canvas.height = 2 * MARGIN + rows.reduce((sum, { size }) => sum + size * LEADING, 0);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, WIDTH, canvas.height);
  context.fillStyle = "#000";
  context.textBaseline = "top";
  let down = MARGIN;
  for (const { words, size, indent } of rows) {
    context.font = fontOf(size);
    context.fillText(words, MARGIN + indent * TEXT, down);
    down += size * LEADING;
  }
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("the record could not be drawn"))), "image/png");
  });
}

/** @param {number} size */
function fontOf(size) {
  return `${size === TEXT ? "" : "bold "}${size}px sans-serif`;
}

/** A line as it fits the width: Chinese breaks anywhere, so every line does. @param {CanvasRenderingContext2D} context @param {Line} line @returns {Line[]} */
function broken(context, { words, size, indent }) {
  context.font = fontOf(size);
  const most = WIDTH - 2 * MARGIN - indent * TEXT;
  /** @type {string[]} */
  const rows = [""];
  for (const letter of words.replaceAll("\n", " ")) {
    const row = rows[rows.length - 1] + letter;
    if (context.measureText(row).width > most) rows.push(letter);
    else rows[rows.length - 1] = row;
  }
  return rows.map((row) => ({ words: row, size, indent }));
}
