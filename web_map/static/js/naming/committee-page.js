/** The committee's page: sittings called, and one worked through item by item, from the keyboard if one likes. */
import { byId, make, put } from "../elements.js";
import { loadLegend } from "../legend.js";
import { callMeeting, meeting, meetings } from "../meetings.js";
import { date } from "../measures.js";
import { say, useCatalogues } from "../messages.js";
import { field, value } from "../pages/fields.js";
import { openPage } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { sends } from "../pages/sending.js";
import { act } from "../pages/sign-in-again.js";
import { SittingView } from "./sitting-view.js";

/** @typedef {import("../meetings.js").Meeting} Meeting */

const place = byId("sitting");
const reading = new Reading(place, () => load());
/** @type {{meetings: Meeting[], ready: string[]} | null} */
let listed = null;
/** @type {SittingView | null} */
let view = null;

useCatalogues("naming");
const opened = await openPage({ title: "page.committee", roles: ["naming", "committee"], written: show });
if (opened) {
  window.addEventListener("hashchange", load);
  document.addEventListener("keydown", (event) => view?.key(event));
  await reading.of(loadLegend);
  load();
}

async function load() {
  view?.leave();
  view = null;
  const id = window.location.hash.slice(1);
  const answer = await reading.of(() => act(async () => (id ? { one: await meeting(id), all: null } : { one: null, all: await meetings() })));
  if (!answer) return;
  listed = answer.all;
  const { username = "", roles = [] } = opened?.account ?? {};
  if (answer.one) keep(new SittingView(place, answer.one, { username, roles }));
  show();
}

/** @param {SittingView} sitting */
function keep(sitting) {
  view = sitting;
}

function show() {
  if (view) view.show();
  else if (listed) put(place, callCard(listed.ready.length), listCard(listed.meetings));
}

/** @param {Meeting[]} held */
function listCard(held) {
  return make(
    "section",
    { class: "card", "aria-labelledby": "meetings-title" },
    make("h2", { id: "meetings-title" }, say("meeting.list")),
    held.length === 0
      ? make("p", { class: "nothing" }, say("meeting.none"))
      : make("ul", { class: "plain-list entries" }, ...held.map((each) => make("li", {}, make("a", { class: "entry", href: `#${each.id}` }, make("span", { class: "entry-name" }, each.title), make("span", { class: "hint" }, ` ${date(each.held_on)} · ${progressOf(each)}`))))),
  );
}

/** @param {Meeting} held */
function progressOf({ items }) {
  return say("meeting.decided", { done: items.filter(({ outcome }) => outcome !== null).length, total: items.length });
}

/** @param {number} ready */
function callCard(ready) {
  if (!opened?.account?.roles.includes("naming")) return null;
  const id = crypto.randomUUID();
  const form = make(
    "form",
    { class: "fields" },
    make("p", { class: "hint" }, say("meeting.ready", { count: ready })),
    make("label", { for: "meeting-title" }, say("meeting.title")),
    make("input", { id: "meeting-title", name: "title", required: true, maxlength: 200, autocomplete: "off" }),
    make("label", { for: "meeting-day" }, say("meeting.held_on")),
    make("input", { id: "meeting-day", name: "held_on", type: "date", required: true }),
    make("label", { for: "meeting-members" }, say("meeting.members")),
    make("textarea", { id: "meeting-members", name: "members", rows: 3, required: true, "aria-describedby": "members-hint", spellcheck: "false" }),
    make("p", { class: "hint", id: "members-hint" }, say("meeting.members_hint")),
    make("label", { for: "meeting-chair" }, say("meeting.chair")),
    make("input", { id: "meeting-chair", name: "chair", required: true, maxlength: 60, autocomplete: "off", spellcheck: "false" }),
    make("p", { class: "refused", role: "alert", hidden: true }),
    make("p", { class: "actions" }, make("button", { type: "submit", class: "strong", disabled: ready === 0 }, say("meeting.call"))),
  );
  sends(form, async () => {
    const members = field(form, "members").value.split(/[\s,;\u3001\uff0c\uff1b]+/).filter(Boolean);
    const [title, held_on, chair] = ["title", "held_on", "chair"].map((name) => value(form, name).trim());
    await act(() => callMeeting({ id, title, held_on, chair, members }));
    window.location.hash = id;
  });
  return make("section", { class: "card", "aria-labelledby": "call-title" }, make("details", { open: ready > 0 }, make("summary", { id: "call-title" }, say("meeting.new")), form));
}
