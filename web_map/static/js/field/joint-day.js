/**
 * A day of joint inspection as the device knows it: the walk of the work pack, what was recorded here since, where the
 * sides disagree and what is not settled. The office judges the same again; nothing is sent from here.
 */
import { all, kept } from "./store.js";

/**
 * @typedef {{order: number, kind: string, subjects: string[], sides: string[], checklist: string[], along_m: number, length_m: number}} Stop
 * @typedef {{task: number, side: string, person: string, condition: string | null, answers: Record<string, string>,
 *   note: string, recorded_at: string, captured_at?: string | null}} Seen what a side saw at a stop, and when by the device and by the office
 * @typedef {{task: number, text: string, agreed_by: string[], condition: string | null, responsible: string | null,
 *   measure: string | null, deadline: string | null}} Opinion
 * @typedef {{id: string, line_code: string, name: string | null, year: number, stage: string, sides: string[], lead: string,
 *   own_sides: string[], task_list: Stop[], records: Seen[], opinions: Opinion[], units: Record<string, string>}} Joint
 * @typedef {{records: Seen[], opinion: Opinion | null, document: string | null}} Written of a stop; `document` is the
 *   hash of the record that it was signed in
 * @typedef {{people: Record<string, string>, stops: Record<string, Written>, posts: Record<string, {condition: string, components: Record<string, string>}>}} Book
 * @typedef {{item: string, answers: Record<string, string | null>}} Apart an item that the sides answer differently
 */

/** A condition that needs no opinion. */
const IN_ORDER = ["intact", "retired"];

/** The joint inspections of the packs on the device, each as the latest pack has it. @returns {Promise<Joint[]>} */
export async function jointsHere() {
  const packs = /** @type {import("./store.js").Pack[]} */ (await all("packs")).sort((a, b) => b.taken_at.localeCompare(a.taken_at));
  /** @type {Map<string, Joint>} */
  const found = new Map();
  for (const { joint_inspections, units } of packs) {
    for (const joint of joint_inspections) if (!found.has(joint.id)) found.set(joint.id, { ...joint, units });
  }
  return [...found.values()];
}

/** @param {string} id @returns {Promise<Joint | undefined>} */
export async function jointHere(id) {
  return (await jointsHere()).find((joint) => joint.id === id);
}

/** Whether the pack was taken by an app that knew what a day needs; an older one has to be refreshed. @param {Joint} joint */
export function isWhole({ records, own_sides, task_list }) {
  return Array.isArray(records) && Array.isArray(own_sides) && task_list.every(({ checklist }) => Array.isArray(checklist));
}

/** Whether a stop visits posts; a segment bears the codes of those at its ends. @param {Stop} stop */
export function isOfPosts({ kind }) {
  return kind === "marker" || kind === "tripoint";
}

/** The stop at which a marker is visited, where a joint inspection of its line is under way. @param {Joint[]} joints @param {string} code */
export function stopOf(joints, code) {
  for (const joint of joints.filter((each) => isWhole(each) && each.own_sides.length > 0)) {
    const stop = joint.task_list.find((each) => isOfPosts(each) && each.subjects.includes(code));
    if (stop) return { joint, stop };
  }
  return null;
}

/** The name under which a day is kept on the device. @param {string} id of the joint inspection */
export function bookName(id) {
  return `joint-day:${id}`;
}

/** @param {string} id @returns {Promise<Book>} */
export async function bookOf(id) {
  return bookFrom(await kept(bookName(id)));
}

/** @param {unknown} found @returns {Book} */
export function bookFrom(found) {
  return { people: {}, stops: {}, posts: {}, .../** @type {Partial<Book> | undefined} */ (found) };
}

/** What is known of a stop: each side's last word, from here or from the office, and the joint opinion. @param {Joint} joint @param {Stop} stop @param {Book} book */
export function standing({ records, opinions }, stop, book) {
  const here = book.stops[stop.order];
  const said = [...records.filter(({ task }) => task === stop.order), ...(here?.records ?? [])].sort((a, b) => saidAt(a) - saidAt(b));
  const seen = Object.fromEntries(said.map((record) => [record.side, record]));
  const opinion = here?.opinion ?? opinions.find(({ task }) => task === stop.order) ?? null;
  const apart = apartOf(stop, seen);
  return { seen, opinion, apart, settled: !needsOpinion(apart, seen) || (opinion !== null && stop.sides.every((side) => opinion.agreed_by.includes(side))), recorded: stop.sides.every((side) => seen[side]), signed: here ? here.document : undefined };
}

/** What a device wrote is put in order by its own clock, the rest by the office's. @param {Seen} seen */
function saidAt({ captured_at, recorded_at }) {
  return Date.parse(captured_at ?? recorded_at);
}

/** Where the sides saw a stop differently, item by item. @param {Stop} stop @param {Record<string, Pick<Seen, "condition" | "answers">>} seen @returns {Apart[]} */
export function apartOf({ checklist, sides }, seen) {
  const there = sides.filter((side) => seen[side]);
  const answers = (/** @type {(record: Pick<Seen, "condition" | "answers">) => string | null} */ of) => Object.fromEntries(there.map((side) => [side, of(seen[side])]));
  const items = checklist.map((item) => ({ item, answers: answers((record) => record.answers[item] ?? null) }));
  return [...items, { item: "condition_seen", answers: answers(({ condition }) => condition) }].filter(({ answers: given }) => new Set(Object.values(given)).size > 1);
}

/** A disagreement or a defect is settled by a joint opinion alone. @param {Apart[]} apart @param {Record<string, Pick<Seen, "condition">>} seen */
export function needsOpinion(apart, seen) {
  return apart.length > 0 || Object.values(seen).some(({ condition }) => condition !== null && !IN_ORDER.includes(condition));
}

/** The stops that were recorded here and stand under no signed record yet, in walking order. @param {Joint} joint @param {Book} book */
export function unsignedStops({ task_list }, book) {
  return task_list.filter(({ order }) => book.stops[order]?.document === null);
}
