/** The page of requests for controlled data: what waits for the reader's decision, what he asked for, and what became of it. */
import { byId, make, put } from "../elements.js";
import { say, useCatalogues } from "../messages.js";
import { DECIDERS, releases } from "../releases.js";
import { openPage, tell } from "./page-frame.js";
import { Reading } from "./reading.js";
import { applyFor, decide, fetchFile } from "./release-acts.js";
import { releaseItem } from "./release-item.js";
import { act } from "./sign-in-again.js";

/** @typedef {import("../releases.js").Release} Release */

const reading = new Reading(byId("own-list"), () => load());
/** @type {Release[] | null} */
let known = null;

useCatalogues("releases");
const opened = await openPage({ title: "page.releases", written: () => show() });
if (opened?.account) begin(opened.account);

/** @param {import("../people.js").Account} account */
function begin(account) {
  byId("apply").addEventListener("click", async () => {
    const made = await applyFor(account);
    if (made) await after(say("release.applied"), made.id);
  });
  load();
}

async function load() {
  const answer = await reading.of(() => act(releases));
  if (answer === undefined) return;
  known = answer.releases;
  show();
}

/** Says what was done, shows what holds now, and gives the focus to the request that it was about. @param {string} words @param {string} id */
async function after(words, id) {
  await load();
  tell(words);
  document.getElementById(`release-${id}`)?.focus();
}

/** Writes what is known in the language of the page. */
function show() {
  if (!known || !opened?.account) return;
  const { username, roles } = opened.account;
  const decides = roles.some((role) => DECIDERS.includes(role));
  const own = known.filter((release) => release.requested_by === username);
  const others = known.filter((release) => release.requested_by !== username);
  const waiting = decides ? others.filter(({ state }) => state === "requested") : [];
  const rest = others.filter((release) => !waiting.includes(release));
  byId("waiting").hidden = !decides;
  byId("others").hidden = rest.length === 0;
  byId("waiting-count").textContent = waiting.length > 0 ? say("release.waiting_count", { n: waiting.length }) : "";
  fill("waiting-list", "release.none_waiting", waiting, username);
  fill("own-list", "release.none_own", own, username);
  fill("others-list", "release.none_own", rest, username);
}

/** @param {string} list @param {string} none @param {Release[]} shown @param {string} username */
function fill(list, none, shown, username) {
  const acts = {
    decide: async (/** @type {Release} */ release) => {
      const words = await decide(release);
      await after(words ?? "", release.id); // also where nothing was decided: somebody else may have done it
    },
    fetch: async (/** @type {Release} */ release) => {
      if (await reading.of(() => fetchFile(release), { keep: true })) await after(say("release.fetched"), release.id);
    },
  };
  const items = shown.map((release) => releaseItem(release, { own: release.requested_by === username, waiting: list === "waiting-list", ...acts }));
  put(byId(list), ...(items.length > 0 ? items : [make("li", { class: "nothing" }, say(none))]));
}
