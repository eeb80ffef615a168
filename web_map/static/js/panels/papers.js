/** The papers on file for what the side panel shows, as a section of it; each opens in a tab of its own. */
import { address } from "../api.js";
import { papersOf } from "../documents.js";
import { make } from "../elements.js";
import { label } from "../legend.js";
import { date } from "../measures.js";
import { language, say } from "../messages.js";

/** @typedef {import("../documents.js").Paper} Paper */

/** @typedef {{kind: "unit" | "line" | "marker", code: string}} Subject */
/** @typedef {Pick<import("../state.js").PageState, "as_of" | "profile">} Shown the day and the colour profile that the page shows */

/**
 * @param {Subject} subject
 * @param {Shown} shown
 * @param {AbortSignal} signal
 * @returns {Promise<HTMLElement>}
 */
export async function papersSection({ kind, code }, shown, signal) {
  const { papers, more } = await papersOf(kind, code, signal);
  return make(
    "section",
    { class: "papers" },
    make("h3", {}, say("papers.title"), make("span", { class: "count" }, more ? `${papers.length}+` : papers.length)),
    papers.length === 0
      ? make("p", { class: "hint" }, say("papers.none"))
      : make("ul", { class: "history" }, ...papers.map((paper) => make("li", {}, ...line(paper)))),
    ...written({ kind, code }, shown),
  );
}

/**
 * What the service writes anew from the register whenever it is asked for: its words, its form, its address, and the
 * name under which that address asks for a line or a unit.
 * @type {Record<string, [string, string, string, string?][]>}
 */
const WRITTEN = {
  marker: [
    ["papers.registration", "PDF", "api/markers/{code}/registration.pdf"],
    ["papers.registration", "DOCX", "api/markers/{code}/registration.docx"],
  ],
  line: [
    ["papers.registrations", "PDF", "api/boundaries/lines/{code}/registrations.pdf"],
    ["papers.registrations", "DOCX", "api/boundaries/lines/{code}/registrations.docx"],
    ["papers.results", "XLSX", "api/boundaries/lines/{code}/results.xlsx"],
    ["papers.marker_report", "HTML", "api/reports/markers.html", "line"],
  ],
  unit: [["papers.marker_report", "HTML", "api/reports/markers.html", "unit"]],
};

/** @param {Subject} subject @param {Shown} shown */
function written({ kind, code }, { as_of, profile }) {
  const links = (WRITTEN[kind] ?? []).flatMap(([key, form, path, asks]) => {
    const then = asks ? { [asks]: code, as_of, profile } : {};
    const { href } = address(path.replace("{code}", encodeURIComponent(code)), { ...then, language: form === "XLSX" ? null : language() });
    return [make("a", { href, download: "" }, `${say(key)} ${form}`), " "];
  });
  return links.length > 0 ? [make("p", { class: "written" }, ...links)] : [];
}

/** @param {Paper} paper */
function line({ type, number, date: day, title, archive_place, content }) {
  const about = [label("document_types", type), number, date(day)].filter(Boolean).join(" · ");
  return [
    make("a", { href: content.replace(/^\//, ""), target: "_blank", rel: "noopener" }, title),
    make("span", { class: "how" }, about),
    archive_place && make("span", { class: "how" }, say("papers.kept", { place: archive_place })),
  ];
}
