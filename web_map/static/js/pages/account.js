/** The account page: who one is here, name and language, password, sessions and tokens. */
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { changeAccount } from "../people.js";
import { revealed, field, value } from "./fields.js";
import { jurisdictions } from "./jurisdictions.js";
import { timeOf } from "./moments.js";
import { openPage, tell } from "./page-frame.js";
import { refuse, sends } from "./sending.js";
import { SessionList } from "./session-list.js";
import { act } from "./sign-in-again.js";
import { TokenList } from "./token-list.js";

/** @typedef {import("../people.js").Account} Account */

const profile = /** @type {HTMLFormElement} */ (byId("profile"));
const password = /** @type {HTMLFormElement} */ (byId("password"));
/** @type {Account} */
let account;
/** @type {SessionList} */
let sessions;
/** @type {TokenList} */
let tokens;

const opened = await openPage({ title: "page.account", written: () => write() });
if (opened?.account) begin(opened.account);

/** @param {Account} reader */
function begin(reader) {
  account = reader;
  sessions = new SessionList();
  tokens = new TokenList();
  field(profile, "display_name").value = account.display_name;
  field(profile, "language").value = account.language;
  sends(profile, changeProfile);
  sends(password, changePassword);
  revealed(password);
  write();
}

/** Everything in the language of the page. */
function write() {
  put(byId("about"), ...about(account));
  password.hidden = !account.has_password;
  byId("no-password").hidden = account.has_password;
  sessions.show();
  tokens.show();
}

/** @param {Account} account */
function about({ username, display_name, roles, jurisdictions: codes, demonstration, expires_at }) {
  return [
    ...fact("account.name", make("strong", {}, display_name), demonstration && badge("officer.demonstration")),
    ...fact("account.username", make("code", {}, username)),
    ...fact("account.roles", make("ul", { class: "plain-list" }, ...roles.map(roleInWords))),
    ...fact("account.jurisdictions", jurisdictions(codes), make("p", { class: "hint" }, say("account.reach"))),
    ...(expires_at ? fact("account.expires", timeOf(expires_at)) : []),
  ];
}

/** @param {string} role */
function roleInWords(role) {
  return make("li", {}, make("strong", {}, say(`role.${role}`)), " ", make("span", { class: "hint" }, say(`may.${role}`)));
}

/** @param {string} key @param {...import("../elements.js").Child} told */
function fact(key, ...told) {
  return [make("dt", {}, say(key)), make("dd", {}, ...told)];
}

/** @param {string} key */
function badge(key) {
  return make("span", { class: "badge" }, say(key));
}

async function changeProfile() {
  const wanted = { display_name: value(profile, "display_name"), language: value(profile, "language") };
  const changed = await act(() => changeAccount(wanted));
  account = { ...account, display_name: changed.display_name, language: changed.language };
  opened?.who.meet(account);
  write();
  speak(account.language);
  tell(say("account.saved"));
}

/** The page speaks the language of the account from now on. @param {string} language */
function speak(language) {
  const select = /** @type {HTMLSelectElement} */ (byId("language"));
  if (select.value === language) return;
  select.value = language;
  select.dispatchEvent(new Event("change"));
}

async function changePassword() {
  const [old_password, new_password] = [value(password, "old_password"), value(password, "new_password")];
  if (new_password !== value(password, "repeated")) {
    refuse(password, say("password.differ"), ["repeated"]);
    return;
  }
  await act(() => changeAccount({ old_password, new_password }));
  password.reset();
  tell(say("password.changed"));
  await sessions.load();
}
