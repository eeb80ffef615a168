/** Joint inspections: the plan of the round, or with `?id=` one inspection and what its sides have to do next. */
import { byId } from "../elements.js";
import { loadLegend } from "../legend.js";
import { namesOf } from "../markers.js";
import { useCatalogues } from "../messages.js";
import { JointOne } from "./joint-one.js";
import { JointPlan } from "./joint-plan.js";
import { openPage } from "./page-frame.js";

useCatalogues("joint");
/** @type {JointOne | JointPlan | undefined} */
let view;
/** @type {Map<string, string>} */
let names = new Map();

const opened = await openPage({ title: "page.joint", written: () => write() });
if (opened?.account) await begin(opened.account);

/** @param {import("../people.js").Account} account */
async function begin(account) {
  names = await ground();
  const asked = new URLSearchParams(window.location.search);
  const id = asked.get("id");
  const reader = { account, nameOf: (/** @type {string} */ code) => names.get(code) ?? code };
  view = id ? new JointOne(id, reader) : new JointPlan(asked, reader);
  byId(id ? "one" : "plan").hidden = false;
  await view.load();
}

/** The words of codes and names of units; where they do not come, codes say enough. */
async function ground() {
  const [units] = await Promise.all([namesOf("units", null).catch(() => new Map()), loadLegend().catch(() => null)]);
  return units;
}

/** Everything in the language of the page. */
async function write() {
  names = await ground();
  view?.show();
}
