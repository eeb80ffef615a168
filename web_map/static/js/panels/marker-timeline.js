/**
 * Everything on record of a marker in time: inspections with their photos and reviews, steps of cases, other records,
 * changes of the form, and the colours it has had. Shows; the review beside a waiting inspection has its own file.
 */
import { address } from "../api.js";
import { make } from "../elements.js";
import { label } from "../legend.js";
import { signCanvas } from "../map/marker-signs.js";
import { photoPath, signsOf } from "../markers.js";
import { date, number } from "../measures.js";
import { knows, say } from "../messages.js";
import { fieldWords } from "./edit-review.js";
import { objectsTold } from "./inspection-objects.js";
import { reviewForm } from "./inspection-review.js";
import { because } from "./marker-reasons.js";
import { clocksTold, moment, recordWords, theDay } from "./marker-records.js";

/** @typedef {import("./marker-panel.js").MarkerPage} MarkerPage */
/** @typedef {import("./marker-panel.js").MarkerActs} MarkerActs */
/** @typedef {import("../markers.js").Inspection} Inspection */
/** @typedef {{at: string, mark: string, node: (Node | null | false)[]}} Moment */

const FIRST_SHOWN = 8;
const SPANS_SHOWN = 12;

/** @param {MarkerPage} page @param {MarkerActs} acts */
export function timeline(page, acts) {
  const { inspections, case_events = [], records = [], edits = [] } = page.history;
  /** @type {Moment[]} */
  const all = [
    ...inspections.map((each) => ({ at: each.happened_at, mark: "inspection", node: visit(each, page, acts) })),
    ...case_events.map((each) => ({ at: each.happened_at, mark: "case", node: step(each) })),
    ...records.map((each) => ({ at: each.happened_at, mark: "record", node: [what(recordWords(each), each.person)] })),
    ...edits.map((each) => ({ at: each.recorded_at, mark: "edit", node: edit(each) })),
  ];
  all.sort((a, b) => (a.at < b.at ? 1 : -1));
  const list = make("ol", { class: "history timeline" }, ...all.slice(0, FIRST_SHOWN).map(entryOf));
  const rest = all.slice(FIRST_SHOWN);
  const more = make(
    "button",
    {
      type: "button",
      class: "link",
      onclick: () => {
        list.append(...rest.map(entryOf));
        more.remove();
      },
    },
    say("timeline.more", { number: rest.length }),
  );
  return make(
    "section",
    {},
    make("h3", {}, say("timeline.title"), make("span", { class: "count" }, all.length)),
    all.length === 0 ? make("p", { class: "hint" }, say("timeline.none")) : list,
    rest.length > 0 && more,
  );
}

/** @param {Moment} moment */
function entryOf({ at, mark, node }) {
  return make("li", { class: mark }, make("span", { class: "when" }, moment(at)), ...node);
}

/** @param {string} words @param {string | null | undefined} who */
function what(words, who) {
  return make("span", { class: "what" }, words, who ? make("span", { class: "code" }, ` ${who}`) : null);
}

/** @param {Inspection} inspection @param {MarkerPage} page @param {MarkerActs} acts */
function visit(inspection, page, acts) {
  const { kind, person, condition, displacement, note, reviews, photos, remarks, components } = inspection;
  const last = reviews?.at(-1);
  const offset = displacement?.offset_m;
  const worse = Object.entries(components ?? {}).filter(([, seen]) => !["good", "not_seen"].includes(seen));
  return [
    what(`${label("inspection_kind", kind)}: ${label("condition", condition)}`, person),
    worse.length > 0 &&
      make("span", { class: "how" }, worse.map(([part, seen]) => `${label("component", part)} ${label("component_condition", seen)}`).join(" · ")),
    typeof offset === "number" &&
      make("span", { class: "how" }, say("timeline.offset", { offset: number(offset, 2), verdict: label("position_check", inspection.position_check) })),
    displacement?.reference ? make("span", { class: "how objects" }, objectsTold(displacement.reference)) : null,
    note ? make("span", { class: "how note", lang: "zh-CN" }, note) : null,
    clocks(inspection),
    pictures(photos ?? [], person),
    (remarks ?? []).length > 0 &&
      make("span", { class: "how" }, say("timeline.remarks"), (remarks ?? []).map(({ code }) => label("finding", code)).join(" · ")),
    last !== undefined &&
      make(
        "span",
        { class: last.accepted ? "how accepted" : "how refused" },
        say(last.accepted ? "timeline.accepted" : "timeline.refused", { person: last.person, at: moment(last.recorded_at) }),
        last.reason ? ` ${last.reason}` : "",
      ),
    reviews !== undefined && !last && kind !== "sensor" && person !== undefined && reviewForm(inspection, page, acts),
  ];
}

/** @param {Parameters<typeof clocksTold>[0]} record */
function clocks(record) {
  const told = clocksTold(record);
  return told ? make("span", { class: "how" }, told) : null;
}

/** Photos that have arrived as small pictures; the others by what they will show. @param {import("../markers.js").Photo[]} photos @param {string} person */
function pictures(photos, person) {
  if (photos.length === 0) return null;
  return make(
    "span",
    { class: "photos" },
    ...photos.map(({ sha256, shows, arrived }) => {
      const words = showsWords(shows);
      if (!arrived) return make("span", { class: "photo pending" }, say("timeline.photo_pending", { shows: words }));
      const link = String(address(photoPath(sha256)));
      return make(
        "a",
        { href: link, target: "_blank", rel: "noopener", class: "photo" },
        make("img", { src: link, alt: say("timeline.photo_of", { shows: words, person }), loading: "lazy", width: 84, height: 63 }),
      );
    }),
  );
}

/** An item of the photo checklist in words. @param {string} shows such as `face_1`, `overview`, `object:榕树` */
export function showsWords(shows) {
  const [, face] = /^face_(\d)$/.exec(shows) ?? [];
  if (face) return say("photo.face", { face });
  if (shows.startsWith("object:")) return shows.slice("object:".length);
  return knows(`photo.${shows}`) ? say(`photo.${shows}`) : shows || say("photo.other");
}

/** @param {import("../markers.js").CaseEvent} act_on_case */
function step(act_on_case) {
  const { event, person, unit, capacity } = act_on_case;
  return [
    what(say("timeline.case", { event: label("case_event", event) }), person),
    make("span", { class: "how" }, [label("capacity", capacity), unit].filter(Boolean).join(" · ")),
    clocks(act_on_case),
  ];
}

/** @param {import("../markers.js").FormEdit} change */
function edit(change) {
  const { changes, reason, recorded_by, applied, version, decision } = change;
  const words = version === 1 ? "timeline.registered" : applied ? "timeline.edited" : decision ? "timeline.edit_decided" : "timeline.edit_waits";
  return [
    what(say(words), recorded_by),
    clocks(change),
    version !== 1 && make("span", { class: "how" }, [...Object.keys(changes).map(fieldWords), reason].filter(Boolean).join(" · ")),
    decision ? make("span", { class: "how accepted" }, say("timeline.decided", { person: decision.recorded_by, at: moment(decision.recorded_at) }), ` ${decision.reason}`) : null,
  ];
}

/** The colours that the marker has had: a strip to scale, and the same in words. @param {MarkerPage} page */
export function colourHistory({ history, now }) {
  const signs = signsOf(now.profile);
  const spans = [...history.spans].reverse();
  const named = spans.slice(0, SPANS_SHOWN).map((span) => {
    const sign = signs.find((each) => each.colour === span.colour && each.shape === span.shape);
    return make(
      "li",
      {},
      sign && signCanvas(sign, 18),
      make("span", {}, make("b", {}, sign?.label ?? label("colour", span.colour)), make("span", { class: "rule" }, ` ${span.rule}`)),
      make("span", { class: "when" }, span.until ? `${date(theDay(span.since))} – ${date(theDay(span.until))}` : say("time.since", { from: date(theDay(span.since)) })),
      span.because.length > 0 && make("ul", { class: "because" }, ...span.because.map((reason) => because(reason, history))),
    );
  });
  return make(
    "details",
    { class: "colour-history" },
    make("summary", {}, say("marker.colours"), make("span", { class: "count" }, spans.length)),
    strip(history.spans, signs),
    make("ol", { class: "spans" }, ...named),
    spans.length > SPANS_SHOWN && make("p", { class: "hint" }, say("marker.colours_more", { number: spans.length - SPANS_SHOWN })),
  );
}

/** @param {import("../markers.js").ColourSpan[]} spans oldest first @param {import("../map/marker-layer.js").NamedSign[]} signs */
function strip(spans, signs) {
  const canvas = make("canvas", { class: "strip", width: 660, height: 36, "aria-hidden": "true" });
  const context = canvas.getContext("2d");
  if (!context || spans.length === 0) return canvas;
  const from = Date.parse(spans[0].since);
  const to = Date.now();
  for (const { since, until, colour, shape } of spans) {
    const sign = signs.find((each) => each.colour === colour && each.shape === shape);
    const [left, right] = [Date.parse(since), until ? Date.parse(until) : to].map((at) => ((at - from) / Math.max(1, to - from)) * canvas.width);
    context.fillStyle = sign?.ink ?? "transparent";
    context.fillRect(left, 0, Math.max(1, right - left - 1), canvas.height);
  }
  return canvas;
}
