/** The review desk: the board of proposals, and one with its evidence, its rules, its comments, its path and next steps. */
import { byId, put } from "../elements.js";
import { loadLegend } from "../legend.js";
import { say, useCatalogues } from "../messages.js";
import { streetsAround } from "../naming.js";
import { openPage, tell } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { act } from "../pages/sign-in-again.js";
import { board, commentsOn, proposal, scopesOf } from "../proposals.js";
import { showBoard } from "./board-view.js";
import { ProposalView } from "./proposal-view.js";

const list = byId("board");
const place = byId("proposal");
const find = /** @type {HTMLInputElement} */ (byId("board-find"));
const ended = /** @type {HTMLInputElement} */ (byId("board-ended"));
const reading_list = new Reading(list, () => loadBoard());
const reading_one = new Reading(place, () => loadOne());
/** @type {import("../proposals.js").BoardEntry[]} */
let entries = [];
/** @type {ProposalView | null} */
let view = null;
let asked = 0;

useCatalogues("naming");
const opened = await openPage({ title: "page.naming", roles: ["naming", "committee"], written: write });
if (opened) {
  byId("to-propose").hidden = !opened.account?.roles.includes("naming");
  find.addEventListener("input", showList);
  ended.addEventListener("change", loadBoard);
  window.addEventListener("hashchange", chosen);
  await loadLegend();
  await loadBoard();
  loadOne();
}

function wanted() {
  return window.location.hash.slice(1) || null;
}

async function chosen() {
  showList();
  await loadOne();
  place.focus();
}

async function loadBoard() {
  const answer = await reading_list.of(() => act(() => board(ended.checked)));
  if (!answer) return;
  entries = answer.proposals;
  showList();
}

function showList() {
  showBoard(list, { proposals: entries, chosen: wanted(), typed: find.value.trim() });
}

async function loadOne() {
  const id = wanted();
  const mine = ++asked;
  view?.remove();
  view = null;
  put(place);
  if (!id) return;
  const answer = await reading_one.of(() =>
    act(async () => {
      const found = await proposal(id);
      const [scopes, comments, streets] = await Promise.all([scopesOf(id), commentsOn(id), streetsAround(found.geometry, [found.properties.name_id ?? ""])]);
      return { proposal: found, scopes, comments: comments.comments, streets };
    }),
  );
  if (!answer || mine !== asked) return;
  showOne(answer);
}

/** @param {import("./proposal-view.js").Shown} shown */
function showOne(shown) {
  view = new ProposalView(place, shown, { roles: opened?.account?.roles ?? [], changed });
  view.show();
}

/** @param {string} words */
async function changed(words) {
  tell(words);
  await Promise.all([loadBoard(), loadOne()]);
  place.focus();
}

function write() {
  showList();
  view?.show();
  if (!view && !wanted()) put(place);
  document.title = `${say("page.naming")} · ${say("app.title")}`;
}
