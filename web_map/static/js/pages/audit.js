/** The audit page: who did what to what, looked for and paged through; the state of the chain and its anchor. */
import { entries, exportAddress } from "../audit.js";
import { byId, make, put } from "../elements.js";
import { isAbort } from "../api.js";
import { say } from "../messages.js";
import { AuditFilter } from "./audit-filter.js";
import { entryRows } from "./audit-entry.js";
import { ChainCard } from "./chain-card.js";
import { openPage } from "./page-frame.js";
import { Reading } from "./reading.js";
import { act } from "./sign-in-again.js";

const PAGE = 50;

const list = byId("entries");
const newer = /** @type {HTMLButtonElement} */ (byId("newer"));
const older = /** @type {HTMLButtonElement} */ (byId("older"));
const reading = new Reading(list, () => load());
/** The cursors of the pages up to this one; the first has none. @type {(string | null)[]} */
let cursors = [null];
/** @type {Awaited<ReturnType<typeof entries>> | null} */
let page = null;
let request = new AbortController();
/** @type {AuditFilter} */
let filter;
/** @type {ChainCard} */
let chain;

const opened = await openPage({ title: "page.audit", roles: ["auditor", "administrator"], written: () => write() });
if (opened) begin();

function begin() {
  filter = new AuditFilter(() => {
    cursors = [null];
    load();
  });
  chain = new ChainCard();
  older.addEventListener("click", () => turn(() => cursors.push(page?.next ?? null)));
  newer.addEventListener("click", () => turn(() => cursors.pop()));
  load();
}

/** Everything in the language of the page. */
function write() {
  filter.show();
  chain.show();
  show();
}

async function load() {
  request.abort();
  request = new AbortController();
  const { signal } = request;
  const export_link = /** @type {HTMLAnchorElement} */ (byId("export"));
  export_link.href = exportAddress(filter.wanted);
  try {
    const answer = await reading.of(() => act(() => entries(filter.wanted, cursors.at(-1) ?? null, PAGE, signal)));
    if (answer === undefined) return;
    page = answer;
    show();
  } catch (error) {
    if (!isAbort(error)) throw error;
  }
}

/** @param {() => void} move */
async function turn(move) {
  move();
  await load();
  byId("entries-title").focus();
}

function show() {
  if (!page) return;
  const { entries: shown, next } = page;
  const head = ["audit.number", "audit.at", "audit.officer", "audit.act", "audit.subject", "audit.more"];
  put(
    list,
    shown.length === 0 && make("p", { class: "nothing" }, say("audit.none")),
    shown.length > 0 &&
      make(
        "table",
        { class: "rows audit", role: "table" },
        make("caption", { class: "unseen" }, say("audit.entries")),
        make("thead", { role: "rowgroup" }, make("tr", { role: "row" }, ...head.map((key) => make("th", { role: "columnheader", scope: "col" }, say(key))))),
        make("tbody", { role: "rowgroup" }, ...shown.flatMap((entry) => entryRows(entry))),
      ),
  );
  newer.disabled = cursors.length === 1;
  older.disabled = next === null;
  byId("pages").hidden = newer.disabled && older.disabled;
  const [first, last] = [shown[0], shown[shown.length - 1]];
  byId("range").textContent = first ? say("audit.range", { from: first.number, to: last.number }) : "";
}
