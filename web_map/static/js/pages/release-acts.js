/** What is done about requests for data, each in a window: apply, decide on another officer's, fetch the file once. */
import { filePaper, newestPapers } from "../documents.js";
import { make } from "../elements.js";
import { newId } from "../markers.js";
import { say } from "../messages.js";
import { addressOf } from "../next-page.js";
import { FORMS, LAYERS, applyForRelease, decideRelease, fetchRelease } from "../releases.js";
import { copied } from "./copying.js";
import { Dialog, confirmed } from "./dialog.js";
import { field, value } from "./fields.js";
import { form, inputOf, labelled, selectOf, textOf } from "./form-pieces.js";
import { timeOf } from "./moments.js";
import { titleOf, whatIsAsked } from "./release-item.js";
import { refuse, sends } from "./sending.js";
import { act } from "./sign-in-again.js";
import { UnitPicker } from "./unit-picker.js";

/** @typedef {import("../releases.js").Release} Release */

/** The roles that may put a paper on file; others name one that is there. */
const FILERS = ["boundary", "surveyor", "naming", "planner"];

/** Applies for a file; gives the request, null when the window was left. @param {import("../people.js").Account} account */
export async function applyFor(account) {
  const papers = await newestPapers().catch(() => []);
  const dialog = new Dialog(say("release.apply"), { wide: true });
  const picker = new UnitPicker({ name: "ground_code", label: "release.ground", one: true });
  const files = account.roles.some((role) => FILERS.includes(role));
  const shown = form(
    say("release.send"),
    () => dialog.close(),
    ...labelled("release.layer", selectOf("layer", LAYERS.map((layer) => [layer, say(`release.layer.${layer}`)]))),
    picker.element,
    make("p", { class: "hint" }, say("release.ground_hint")),
    ...labelled("release.as_of", inputOf("as_of", { type: "date", max: "2199-12-31" })),
    make("p", { class: "hint" }, say("release.as_of_hint")),
    ...labelled("release.form", selectOf("form", FORMS.map((each) => [each, say(`release.form.${each}`)]))),
    ...labelled("release.recipient", inputOf("recipient", { maxlength: 500, required: true })),
    ...labelled("release.purpose", textOf("purpose", { maxlength: 500, required: true })),
    ...labelled("release.paper_filed", selectOf("document_id", [["", say("release.paper_none")], ...papers.map(({ id, title }) => /** @type {[string, string]} */ ([id, title]))])),
    ...(files ? labelled("release.paper_new", inputOf("paper", { type: "file", accept: ".pdf,.docx,.odt,.ofd,image/*" })) : []),
  );
  const id = newId();
  /** @type {Release | null} */
  let made = null;
  sends(shown, async () => {
    const document_id = (await filed(shown, id)) ?? (value(shown, "document_id") || null);
    const [layer, as_of, how, recipient, purpose] = ["layer", "as_of", "form", "recipient", "purpose"].map((name) => value(shown, name).trim());
    const asked = { layer, form: how, recipient, purpose, as_of: as_of || null, ground_code: picker.codes[0] ?? null, document_id };
    made = await act(() => applyForRelease(asked));
    dialog.close();
  });
  dialog.fill(make("p", { class: "hint" }, say("release.apply_why")), shown);
  await dialog.open();
  return /** @type {Release | null} */ (made);
}

/** Puts a chosen paper on file, under one id however often it is sent. @param {HTMLFormElement} shown @param {string} id */
async function filed(shown, id) {
  const chosen = shown.elements.namedItem("paper") && field(shown, "paper").files?.[0];
  if (!chosen) return null;
  const described = { id, type: "application", title: chosen.name.slice(0, 300) };
  return (await act(() => filePaper(described, chosen))).id;
}

/** Decides on another officer's request; gives the words for what was decided, null when the window was left. @param {Release} release */
export async function decide(release) {
  const dialog = new Dialog(say("release.decide_title", { what: titleOf(release) }), { wide: true });
  const choices = ["approve", "refuse"].map((choice) =>
    make("label", { class: "tick" }, make("input", { type: "radio", name: "decision", value: choice }), say(`release.${choice}`)),
  );
  const shown = form(
    say("release.decide_send"),
    () => dialog.close(),
    make("fieldset", {}, make("legend", {}, say("release.decision")), ...choices),
    ...labelled("release.reason", textOf("note", { maxlength: 1000, required: true })),
  );
  /** @type {(Release & {link: string | null}) | null} */
  let decided = null;
  sends(shown, async () => {
    const decision = value(shown, "decision");
    if (!decision) return refuse(shown, say("release.choose"), ["decision"]);
    decided = await act(() => decideRelease(release.id, { approved: decision === "approve", note: value(shown, "note").trim() }));
    return dialog.close();
  });
  dialog.fill(whatIsAsked(release), shown);
  await dialog.open();
  const { link = null, expires_at = null, state } = /** @type {any} */ (decided) ?? {};
  if (link) await showLink(link, expires_at);
  return state ? say(state === "approved" ? "release.approved_now" : "release.refused_now") : null;
}

/** The link, for the only time. @param {string} link @param {string | null} expires_at */
function showLink(link, expires_at) {
  const dialog = new Dialog(say("release.link_title"));
  dialog.fill(
    make("p", {}, say("release.link_once")),
    copied({ id: "release-link", label: say("release.link"), value: addressOf(link) }),
    make("p", { class: "hint" }, say("release.until"), " ", timeOf(expires_at)),
    make("p", { class: "actions" }, make("button", { type: "button", class: "strong", onclick: () => dialog.close() }, say("release.link_kept"))),
  );
  return dialog.open();
}

/** Fetches the file of one's own request, once; gives whether it came. @param {Release} release */
export async function fetchFile(release) {
  const words = { title: say("release.fetch_title", { what: titleOf(release) }), body: say("release.fetch_body"), act: say("release.fetch") };
  if (!(await confirmed(words))) return false;
  const { file, name } = await act(() => fetchRelease(release.id));
  const place = URL.createObjectURL(file);
  make("a", { href: place, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(place), 60_000);
  return true;
}
