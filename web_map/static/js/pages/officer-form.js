/**
 * Makes or changes an officer in a window of its own. A change that met somebody else's is said in words, both side
 * by side, and what was typed stays until the administrator decides.
 */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { EVERYWHERE, ROLES, changeOfficer, createOfficer, officer } from "../people.js";
import { Dialog } from "./dialog.js";
import { field, value } from "./fields.js";
import { differences, languageInWords } from "./officer-differences.js";
import { refuse, sends } from "./sending.js";
import { act } from "./sign-in-again.js";
import { UnitPicker } from "./unit-picker.js";

/**
 * @typedef {import("../people.js").Officer} Officer
 * @typedef {import("../people.js").OfficerFields} OfficerFields
 */

export class OfficerForm {
  #conflict = make("div", { class: "conflict", role: "alert", hidden: true });
  /** @type {Officer | null} what is kept, null when it did not come to that */
  #kept = null;

  /**
   * @param {Officer | null} read the officer as he was read, null to make one
   * @param {{reader: import("../people.js").Account, single_sign_on: boolean}} circumstances
   */
  constructor(read, { reader, single_sign_on }) {
    this.read = read;
    this.own = read?.username === reader.username;
    this.dialog = new Dialog(read ? say("officer.change_title", { name: read.display_name }) : say("officer.new"), { wide: true });
    this.picker = new UnitPicker({ name: "jurisdictions", label: "officer.jurisdictions", everywhere: reader.jurisdictions.includes(EVERYWHERE) });
    this.form = this.#build(single_sign_on || Boolean(read?.oidc_username));
    this.#write(read ?? { display_name: "", roles: [], jurisdictions: [], language: reader.language, oidc_username: null });
    sends(this.form, () => this.#send(), (error) => error.status === 412 && this.#met());
    this.dialog.fill(this.form);
  }

  /** Shows the window; gives the officer as he now is, null when nothing was changed. */
  async open() {
    await this.dialog.open();
    return this.#kept;
  }

  /** @param {boolean} by_provider whether officers may come through the office's provider */
  #build(by_provider) {
    return make(
      "form",
      { class: "fields", autocomplete: "off" },
      !this.read && make("label", { for: "officer-username" }, say("account.username")),
      !this.read && make("input", { id: "officer-username", name: "username", required: true, maxlength: 64, spellcheck: "false" }),
      make("label", { for: "officer-display-name" }, say("account.name")),
      make("input", { id: "officer-display-name", name: "display_name", required: true, maxlength: 100 }),
      this.own ? make("p", { class: "hint" }, say("officer.own_rights")) : this.#rights(),
      make("label", { for: "officer-language" }, say("language.label")),
      make("select", { id: "officer-language", name: "language" }, option("zh-CN"), option("en")),
      by_provider && make("label", { for: "officer-oidc" }, say("officer.oidc")),
      by_provider && make("input", { id: "officer-oidc", name: "oidc_username", maxlength: 100, spellcheck: "false", disabled: this.own }),
      this.#conflict,
      make("p", { class: "refused", role: "alert", hidden: true }),
      make(
        "p",
        { class: "actions" },
        make("button", { type: "submit", class: "strong" }, say(this.read ? "action.save" : "officer.create")),
        make("button", { type: "button", class: "plain", onclick: () => this.dialog.close() }, say("action.cancel")),
      ),
    );
  }

  #rights() {
    return make(
      "div",
      { class: "rights" },
      make(
        "fieldset",
        { class: "roles" },
        make("legend", {}, say("officer.roles")),
        ...ROLES.map((role) =>
          make(
            "label",
            {},
            make("input", { type: "checkbox", name: "roles", value: role }),
            make("span", {}, say(`role.${role}`), make("span", { class: "hint" }, say(`may.${role}`))),
          ),
        ),
      ),
      this.picker.element,
    );
  }

  /** @returns {NodeListOf<HTMLInputElement>} */
  get #roles() {
    return this.form.querySelectorAll("[name=roles]");
  }

  /** @param {OfficerFields} fields */
  #write({ display_name, roles, jurisdictions, language, oidc_username }) {
    field(this.form, "display_name").value = display_name;
    field(this.form, "language").value = language;
    for (const box of this.#roles) box.checked = roles.includes(box.value);
    this.picker.codes = jurisdictions;
    const by_provider = this.form.elements.namedItem("oidc_username");
    if (by_provider instanceof HTMLInputElement) by_provider.value = oidc_username ?? "";
  }

  /** What stands in the form; nobody's own rights are in it. @returns {OfficerFields} */
  #wanted() {
    const plain = { display_name: value(this.form, "display_name"), language: value(this.form, "language") };
    const by_provider = this.form.elements.namedItem("oidc_username");
    const rights = {
      roles: [...this.#roles].filter((box) => box.checked).map((box) => box.value),
      jurisdictions: this.picker.codes,
      ...(by_provider instanceof HTMLInputElement && { oidc_username: by_provider.value.trim() || null }),
    };
    return /** @type {OfficerFields} */ (this.own ? plain : { ...plain, ...rights });
  }

  async #send() {
    const wanted = this.#wanted();
    if (wanted.roles?.length === 0) return refuse(this.form, say("officer.no_role"), ["roles"]);
    if (wanted.jurisdictions?.length === 0) return refuse(this.form, say("officer.no_jurisdiction"), ["jurisdictions"]);
    const { read } = this;
    this.#kept = await act(() =>
      read ? changeOfficer(read, changesOf(read, wanted)) : createOfficer({ username: value(this.form, "username"), ...wanted }),
    );
    return this.dialog.close();
  }

  /** Somebody else changed the officer meanwhile: shows both, and asks which holds. */
  #met() {
    this.#compare();
    return true;
  }

  async #compare() {
    const theirs = await act(() => officer(/** @type {Officer} */ (this.read).username));
    const rows = differences(theirs, { ...theirs, ...this.#wanted() });
    const take = () => {
      this.read = theirs;
      this.#write(theirs);
      this.#settled();
    };
    const keep = () => {
      this.read = { ...theirs };
      this.#settled();
      this.form.requestSubmit();
    };
    put(
      this.#conflict,
      make("p", {}, make("strong", {}, say("conflict.title")), " ", say(rows ? "conflict.body" : "conflict.same")),
      rows,
      make(
        "p",
        { class: "actions" },
        make("button", { type: "button", class: "plain", onclick: take }, say("conflict.take")),
        rows && make("button", { type: "button", class: "plain", onclick: keep }, say("conflict.keep")),
      ),
    );
    this.#conflict.hidden = false;
    this.#conflict.querySelector("button")?.focus();
  }

  #settled() {
    this.#conflict.hidden = true;
    field(this.form, "display_name").focus();
  }
}

/** Only what differs from what was read is sent. @param {Officer} read @param {OfficerFields} wanted */
function changesOf(read, wanted) {
  /** @type {Partial<OfficerFields>} */
  const changes = { ...wanted };
  for (const name of /** @type {(keyof OfficerFields)[]} */ (Object.keys(wanted))) {
    if (plainly(read[name]) === plainly(wanted[name])) delete changes[name];
  }
  return changes;
}

/** @param {unknown} content */
function plainly(content) {
  return JSON.stringify(Array.isArray(content) ? [...content].sort() : content);
}

/** @param {string} tag */
function option(tag) {
  return make("option", { value: tag, lang: tag }, languageInWords(tag));
}
