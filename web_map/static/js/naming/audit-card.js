/** The audit of the register: begun here, waited for, its findings by rule with both names and a way to each. */
import { make, put } from "../elements.js";
import { entries, label } from "../legend.js";
import { language, say } from "../messages.js";
import { auditState, startAudit } from "../naming.js";
import { inWords } from "../pages/sending.js";
import { act } from "../pages/sign-in-again.js";
import { ApiError } from "../api.js";

/** @typedef {import("../proposals.js").Finding} Finding */

const LOOK_EVERY_MS = 700;
/** Findings written of one rule; more would bury the page. */
const MOST = 50;

export function auditCard() {
  const place = make("div", { role: "status" });
  const button = make("button", { type: "button", class: "plain", onclick: () => run(place, button) }, say("register.audit"));
  return make("section", { class: "card", "aria-labelledby": "audit-title" }, make("div", { class: "card-head" }, make("h2", { id: "audit-title" }, say("register.audit_title")), button), make("p", { class: "hint" }, say("register.audit_hint")), place);
}

/** @param {HTMLElement} place @param {HTMLButtonElement} button */
async function run(place, button) {
  button.setAttribute("disabled", "");
  try {
    put(place, say("register.audit_runs", { percent: 0 }));
    const { id } = await act(startAudit);
    put(place, ...told(await ended(id, place)));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    put(place, make("p", { class: "refused" }, ...inWords(error)));
  } finally {
    button.removeAttribute("disabled");
  }
}

/** @param {string} id @param {HTMLElement} place @returns {Promise<import("../naming.js").AuditJob>} */
async function ended(id, place) {
  const job = await auditState(id);
  if (!["waiting", "running"].includes(job.state)) return job;
  put(place, say("register.audit_runs", { percent: Math.round(job.progress * 100) }));
  await new Promise((resolve) => window.setTimeout(resolve, LOOK_EVERY_MS));
  return ended(id, place);
}

/** @param {import("../naming.js").AuditJob} job */
function told({ state, result }) {
  if (state !== "done" || !result) return [make("p", { class: "refused" }, say("register.audit_failed"))];
  const codes = [...new Set(result.findings.map(({ code }) => code))].sort();
  return [
    make("p", {}, say("register.audit_found", { count: result.count })),
    ...codes.map((code) => {
      const here = result.findings.filter((finding) => finding.code === code);
      return make("details", { class: "step", "data-code": code }, make("summary", {}, title(code), make("span", { class: "badge warn" }, here.length)), make("ul", { class: "plain-list" }, ...here.slice(0, MOST).map((finding) => make("li", {}, sentence(finding)))), here.length > MOST && make("p", { class: "hint" }, say("register.more", { count: here.length - MOST })));
    }),
  ];
}

/** @param {string} code */
function title(code) {
  return entries("naming_rules").some((rule) => rule.code === code) ? `${code} ${label("naming_rules", code)}` : say("register.other_finding");
}

/** @param {Finding} finding */
function sentence({ subject, message }) {
  const known = subject.find((each) => /^[0-9a-f]{8}-/.test(each));
  const named = subject.filter((each) => each !== known).join(say("list.comma"));
  return [named, language() === "en" ? message.en : message.zh].filter(Boolean).join(say("list.colon"));
}
