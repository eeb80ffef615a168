/**
 * What the pages beside the map share: the language, who reads, the bar, and what is said when a page cannot be shown.
 * A page that needs a signed-in officer leads to the sign-in page and back.
 */
import { publicSettings } from "../boundaries.js";
import { byId, make, put } from "../elements.js";
import { fill, language, say, useLanguage } from "../messages.js";
import { LanguageSwitch, firstLanguage } from "../panels/language-switch.js";
import { WhoPanel } from "../panels/who-panel.js";
import { whoAmI } from "../people.js";
import { signInAddress } from "../next-page.js";
import { readBy } from "./sign-in-again.js";

const TOLD_FOR_MS = 8000;
let fading = 0;

/**
 * @typedef {import("../people.js").Account} Account
 * @typedef {import("../boundaries.js").PublicSettings & {single_sign_on: boolean}} Settings
 * @typedef {{settings: Settings, account: Account | null, who: WhoPanel}} Opened
 */

/**
 * Opens a page. Gives null when it is not to be shown: the reader is on the way to the sign-in page, is not allowed,
 * or the service does not answer; all of it is said.
 * @param {{title: string, roles?: string[], anyone?: boolean, written: () => void}} page the key of its title, which
 *   roles may see it, and what to write anew in another language
 * @returns {Promise<Opened | null>}
 */
export async function openPage({ title, roles, anyone = false, written }) {
  const early = useLanguage(firstLanguage(undefined, undefined));
  const answers = await Promise.all([publicSettings(), whoAmI()]).catch(() => null);
  await early.catch(() => null);
  const preferred = firstLanguage(undefined, answers?.[0].language);
  if (preferred !== language()) await useLanguage(preferred);
  if (!answers) return instead(title, say("failed.title"), say("failed.service"), retry());
  const [settings, reader] = answers;
  const account = reader.signed_in ? reader : null;
  if (!account && !anyone) {
    window.location.replace(signInAddress());
    return null;
  }
  if (account) readBy(account.username);
  const panel = new WhoPanel(account);
  /** @type {() => void} */
  let rest = written;
  const allowed = !roles || account?.roles.some((role) => roles.includes(role));
  if (!allowed) rest = () => instead(title, say("page.not_allowed_title"), say("page.not_allowed"));
  const write = () => {
    writeFrame(title);
    panel.show();
    rest();
  };
  new LanguageSwitch(write, () => tell(say("failed.language"))).show();
  writeFrame(title);
  if (!allowed) rest();
  else byId("main").hidden = false;
  return allowed ? { settings: /** @type {Settings} */ (settings), account, who: panel } : null;
}

/** Says what happened, for eyes and ears alike. @param {string} words */
export function tell(words) {
  const told = byId("told");
  window.clearTimeout(fading);
  told.textContent = "";
  requestAnimationFrame(() => (told.textContent = words));
  fading = window.setTimeout(() => (told.textContent = ""), TOLD_FOR_MS);
}

/** @param {string} title */
function writeFrame(title) {
  fill();
  document.title = `${say(title)} · ${say("app.title")}`;
}

/** @param {string} title @param {string} heading @param {...import("../elements.js").Child} body */
function instead(title, heading, ...body) {
  writeFrame(title);
  const main = byId("main");
  put(main, make("section", { class: "card" }, make("h1", {}, heading), ...body.map((each) => make("p", {}, each))));
  main.hidden = false;
  return null;
}

function retry() {
  return make("button", { type: "button", class: "plain", onclick: () => window.location.reload() }, say("action.retry"));
}
