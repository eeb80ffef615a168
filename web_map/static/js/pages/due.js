/** What is due: the board, its filter in the address, and the same as a calendar. */
import { loadLegend } from "../legend.js";
import { namesOf } from "../markers.js";
import { useCatalogues } from "../messages.js";
import { CalendarAddressCard } from "./calendar-address.js";
import { DueBoard } from "./due-board.js";
import { DueFilter } from "./due-filter.js";
import { openPage } from "./page-frame.js";

/** @typedef {import("./due-board.js").Names} Names */

useCatalogues("due");
/** @type {DueBoard} */
let board;
/** @type {DueFilter} */
let filter;
/** @type {CalendarAddressCard} */
let calendar;

const opened = await openPage({ title: "page.due", written: () => write() });
if (opened?.account) await begin(opened.account);

/** @param {import("../people.js").Account} account */
async function begin(account) {
  filter = new DueFilter(account, () => board.load(filter.wanted));
  board = new DueBoard({ clear: () => filter.clear(), farther: () => filter.farther() });
  await ground();
  calendar = new CalendarAddressCard(() => filter.wanted);
  await Promise.all([board.load(filter.wanted), calendar.load()]);
}

/** Names and words in the language of the page; where they do not come, codes say enough. */
async function ground() {
  const none = () => /** @type {Map<string, string>} */ (new Map());
  const [units, lines] = await Promise.all([
    namesOf("units", null).catch(none),
    namesOf("lines", null).catch(none),
    loadLegend().catch(() => null),
  ]);
  filter.show({ units, lines });
  board.names = { units, lines };
}

/** Everything in the language of the page. */
async function write() {
  if (!board) return;
  await ground();
  board.show();
  calendar?.show();
}
