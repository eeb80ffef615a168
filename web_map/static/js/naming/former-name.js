/** The name that a renaming would end: found on the register while it is typed, and the reason that the law knows for it. */
import { make, put } from "../elements.js";
import { say } from "../messages.js";
import { findNames } from "../naming.js";

/** @typedef {import("./proposal-draft.js").Draft} Draft */

const PAUSE_MS = 250;
/** Art. 10; the rule HIS-02 takes no others. */
const REASONS = ["division_change", "construction", "nature", "duplicate", "non_standard"];

/** @param {Draft} draft @param {{changed: () => void}} how */
export function formerName(draft, { changed }) {
  const { fields, reasons } = draft;
  const hits = make("select", { id: "former-name-id" });
  const input = make("input", { id: "former-name", name: "former_name", lang: "zh-CN", maxlength: 40, autocomplete: "off", value: fields.former_name });
  const reason = make("select", { id: "reason-rename", name: "reason.rename" }, make("option", { value: "" }, "–"), ...REASONS.map((code) => make("option", { value: code, selected: reasons.rename === code }, say(`rename.${code}`))));
  let waiting = 0;
  let asking = new AbortController();
  const choose = (/** @type {string} */ id) => {
    if (fields.former_name_id === id) return;
    fields.former_name_id = id;
    changed();
  };
  const find = async () => {
    asking.abort();
    asking = new AbortController();
    const q = input.value.trim();
    const found = q ? await findNames({ q, kind: "", status: "", unit: "" }, asking.signal).catch(() => null) : { names: [] };
    if (!found || input.value.trim() !== q) return;
    const same = found.names.filter(({ properties }) => properties.name === q);
    const kept = same.find(({ id }) => id === fields.former_name_id) ?? same[0];
    put(hits, make("option", { value: "" }, say(same.length > 0 ? "former.choose" : "former.none")), ...same.map(({ id, properties: { name, unit_code } }) => make("option", { value: id, selected: id === kept?.id }, `${name} · ${unit_code}`)));
    choose(kept?.id ?? "");
  };
  input.addEventListener("input", () => {
    window.clearTimeout(waiting);
    waiting = window.setTimeout(find, PAUSE_MS);
  });
  hits.addEventListener("change", () => choose(hits.value));
  put(hits, make("option", { value: "" }, say("former.none")));
  if (fields.former_name) find();
  return make("div", { class: "fields former" }, make("label", { for: "former-name" }, say("former.name")), input, make("label", { for: "former-name-id" }, say("former.on_register")), hits, make("label", { for: "reason-rename" }, say("former.reason")), reason);
}
