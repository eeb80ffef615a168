/**
 * The page on which a naming officer writes a proposal: the road on the map, the names with what the rules find while
 * they are typed, what the name means. Written text is kept on this device at every change and sent when it is asked for.
 */
import { unitDetails, unitsBelow } from "../boundaries.js";
import { byId, make, put } from "../elements.js";
import { label, loadLegend } from "../legend.js";
import { say, useCatalogues } from "../messages.js";
import { confirmed } from "../pages/dialog.js";
import { moment } from "../pages/moments.js";
import { openPage, tell } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { refuse, sends } from "../pages/sending.js";
import { act } from "../pages/sign-in-again.js";
import { proposalAsRead, saveProposal } from "../proposals.js";
import { evidenceOf } from "./findings-view.js";
import { GroundCard } from "./ground-card.js";
import { bodyOf, draftOf, emptyDraft, forgetDraft, keepDraft, keptDraft } from "./proposal-draft.js";
import { ProposalForm } from "./proposal-form.js";

/** @typedef {import("./proposal-draft.js").Draft} Draft */

/** The states in which a proposal may still be written on; the service refuses the others. */
const AMENDABLE = ["draft", "precheck", "returned", "reservation_expired"];

const place = byId("writing");
const notice = byId("notice");
const reading = new Reading(notice, () => begin());
/** @type {Draft | null} */
let draft = null;
/** @type {ProposalForm | null} */
let form = null;
/** @type {GroundCard | null} */
let ground = null;
/** @type {{home: object | null, units: {code: string, name: string}[]}} */
let around = { home: null, units: [] };
/** @type {import("../proposals.js").ScopeOfName[]} */
let scopes = [];
const end = { kept: make("p", { class: "hint" }), lacking: make("div", {}), conflict: make("div", { class: "conflict", role: "alert", hidden: true }) };

useCatalogues("naming", "propose");
const opened = await openPage({ title: "page.propose", roles: ["naming"], written: () => show() });
const officer = opened?.account?.username ?? "";
if (opened) await begin();

/** Which proposal on record the address names. */
function wanted() {
  return new URLSearchParams(window.location.search).get("id");
}

async function begin() {
  const id = wanted();
  const answer = await reading.of(() =>
    act(async () => {
      const [read, home, units] = await Promise.all([id ? proposalAsRead(id) : null, homeUnit(), districts(), loadLegend()]);
      return { read, home, units };
    }),
  );
  if (!answer) return;
  around = { home: answer.home, units: answer.units };
  put(notice);
  const { read } = answer;
  if (read && !AMENDABLE.includes(read.proposal.properties.state)) {
    tooLate(read.proposal);
    return;
  }
  const kept = keptDraft(officer, id);
  draft = kept ?? (read ? draftOf(read) : emptyDraft());
  show();
  if (kept) tell(say("propose.restored", { at: moment(kept.kept_at ?? new Date().toISOString()) }));
  if (kept && read && kept.etag !== read.etag) metAnother(read);
}

/** The ground that the map looks at while no road is drawn; the page goes without where it is not to be had. */
async function homeUnit() {
  const code = opened?.settings.home_unit ?? "";
  return unitDetails({ code }, null).then(({ geometry }) => geometry, () => null);
}

function districts() {
  return unitsBelow(opened?.settings.home_unit ?? "").catch(() => []);
}

/** @param {import("../proposals.js").Proposal} proposal */
function tooLate({ id, properties: { name, state } }) {
  put(notice, make("section", { class: "card" }, make("h2", { lang: "zh-CN" }, name), make("p", {}, say("propose.too_late", { state: label("naming_states", state) })), make("p", { class: "actions" }, make("a", { class: "strong", href: `./#${id}` }, say("propose.to_desk")))));
}

/** The whole page in the language of the reader. */
function show() {
  if (!draft) return;
  ground?.remove();
  form?.stop();
  const writing = draft;
  const card = make("section", { class: "card ground", "aria-labelledby": "ground-title" });
  form = new ProposalForm(writing, { units: around.units, changed: keep, read: keepReading, found: drawFound, look: (geometry) => ground?.lookAt(geometry) });
  form.element.append(closing());
  put(place, card, form.element);
  ground = new GroundCard(card, { geometry: writing.geometry, name: () => writing.names[0].name, home: around.home, changed: groundChanged });
  sends(form.element, save, (error) => error.status === 412 && changedMeanwhile());
  form.look(0);
  showEnd();
}

function closing() {
  return make(
    "section",
    { class: "card closing", "aria-label": say("propose.save") },
    end.lacking,
    end.conflict,
    make("p", { class: "refused", role: "alert", hidden: true }),
    end.kept,
    make("p", { class: "actions" }, make("button", { type: "submit", class: "strong" }, say("propose.save")), make("button", { type: "button", class: "plain", onclick: discard }, say("propose.discard"))),
  );
}

/** @param {any} geometry */
function groundChanged(geometry) {
  if (!draft) return;
  draft.geometry = geometry;
  form?.showLength();
  keep();
  form?.look();
}

function keep() {
  if (!draft) return;
  draft.kept_at = new Date().toISOString();
  const safe = keepDraft(officer, draft);
  showEnd(safe);
}

/** How the service read a name goes with what is kept, and is no change by itself. */
function keepReading() {
  if (draft?.kept_at) keepDraft(officer, draft);
}

/** What was found of all names, on the map: roads they collide with, and the area that the proposed one must be unique in. */
function drawFound() {
  const found = form?.checked ?? [];
  if (found[0]?.scopes.some(({ geometry }) => geometry)) ({ scopes } = found[0]);
  const areas = draft?.geometry ? scopes.filter(({ counts }) => counts) : [];
  ground?.show(evidenceOf(found.flatMap((each) => each?.findings ?? [])), areas);
  showEnd();
}

/** What is still lacking, and where it is kept. @param {boolean} [safe] */
function showEnd(safe = true) {
  if (!draft || !form) return;
  const lacking = form.lacking();
  put(end.lacking, make("h2", {}, say(lacking.length > 0 ? "propose.lacking" : "propose.complete")), lacking.length > 0 && make("ul", { class: "plain-list papers-needed" }, ...lacking.map((words) => make("li", { class: "missing" }, words))));
  const { kept_at, etag } = draft;
  const on_record = etag === null ? "" : `${say("propose.on_record")} `;
  end.kept.textContent = safe ? on_record + (kept_at ? say("propose.kept", { at: moment(kept_at, true) }) : "") : say("propose.not_kept");
}

async function save() {
  if (!draft || !form) return;
  const writing = draft;
  const names = writing.names.map(({ name }) => name.trim()).filter(Boolean);
  const repeated = names.find((name, index) => names.indexOf(name) !== index);
  if (repeated) {
    refuse(form.element, say("propose.repeated", { name: repeated }), ["alternatives"]);
    return;
  }
  const read = await act(() => saveProposal(bodyOf(writing), writing.etag));
  forgetDraft(officer, null);
  forgetDraft(officer, writing.id);
  writing.etag = read.etag;
  writing.kept_at = null;
  window.history.replaceState(null, "", `?id=${encodeURIComponent(writing.id)}`);
  end.conflict.hidden = true;
  showEnd();
  saved(read.proposal);
}

/** @param {import("../proposals.js").Proposal} proposal */
function saved({ id, properties: { name, pinyin, state } }) {
  const words = make("p", {}, make("strong", { lang: "zh-CN" }, name), " ", make("span", { lang: "zh-Latn" }, pinyin), ` ${say("propose.saved", { state: label("naming_states", state) })}`);
  put(notice, make("div", { class: "note saved", role: "status" }, words, make("p", { class: "actions" }, make("a", { class: "strong", href: `./#${id}` }, say("propose.to_desk")), make("a", { class: "plain", href: "propose" }, say("propose.another")))));
  notice.scrollIntoView({ block: "nearest" });
  notice.querySelector("a")?.focus();
}

/** Somebody changed the proposal at the office while it was written on here. */
function changedMeanwhile() {
  if (!draft) return false;
  proposalAsRead(draft.id).then(metAnother, () => tell(say("failed.service")));
  return true;
}

/** @param {{proposal: import("../proposals.js").Proposal, etag: string}} read */
function metAnother(read) {
  const mine = () => {
    if (draft) draft.etag = read.etag;
    end.conflict.hidden = true;
    keep();
  };
  const theirs = () => {
    forgetDraft(officer, read.proposal.id);
    draft = draftOf(read);
    end.conflict.hidden = true;
    show();
  };
  const button = (/** @type {string} */ key, /** @type {() => void} */ choose) => make("button", { type: "button", class: "plain", onclick: choose }, say(key));
  put(end.conflict, make("p", {}, say("propose.conflict", { name: read.proposal.properties.name })), make("p", { class: "actions" }, button("propose.take_theirs", theirs), button("propose.keep_mine", mine)));
  end.conflict.hidden = false;
  end.conflict.scrollIntoView({ block: "nearest" });
}

async function discard() {
  if (!draft || !(await confirmed({ title: say("propose.discard_title"), body: say(draft.etag === null ? "propose.discard_new" : "propose.discard_changes"), act: say("propose.discard") }))) return;
  forgetDraft(officer, draft.etag === null ? null : draft.id);
  scopes = [];
  await begin();
  tell(say("propose.discarded"));
}
