/** The public's page: names that are open for comment, each with its map, its period and a form; no account, no names of people. */
import { byId, make, put } from "../elements.js";
import { label, loadLegend } from "../legend.js";
import { RoadMap } from "../map/road-map.js";
import { date } from "../measures.js";
import { language, say, useCatalogues } from "../messages.js";
import { streetsAround, unitName } from "../naming.js";
import { openPage } from "../pages/page-frame.js";
import { Reading } from "../pages/reading.js";
import { openForComment } from "../proposals.js";
import { CommentForm } from "./comment-form.js";
import { ruby } from "./reading-aloud.js";

/** @typedef {import("../proposals.js").PublicProposal} PublicProposal */
/** @typedef {import("../map/road-map.js").Drawn} Drawn */

const list = byId("open-names");
const reading = new Reading(list, () => load());
/** @type {PublicProposal[] | null} */
let open = null;
/** @type {Map<string, {zh: string, en: string}>} */
const units = new Map();
/** What is being written, kept through a change of language. @type {Map<string, CommentForm>} */
const forms = new Map();
/** @type {RoadMap[]} */
let maps = [];
/** Draws a map when it comes into sight: a batch of sixty names would draw sixty. */
const sight = new IntersectionObserver((seen) => {
  for (const { isIntersecting, target } of seen) if (isIntersecting) draw(/** @type {HTMLElement} */ (target));
}, { rootMargin: "200px" });

useCatalogues("naming");
if (await openPage({ title: "page.public_comment", anyone: true, written: show })) load();

async function load() {
  const answer = await reading.of(async () => {
    const [found] = await Promise.all([openForComment(), loadLegend()]);
    const codes = [...new Set(found.map(({ properties }) => properties.unit_code))];
    await Promise.all(codes.map(async (code) => units.set(code, await unitName(code))));
    return found;
  });
  if (answer === undefined) return;
  open = answer;
  for (const { id, properties } of answer) forms.set(id, new CommentForm(id, properties));
  show();
  const wanted = document.getElementById(window.location.hash.slice(1));
  wanted?.scrollIntoView();
}

function show() {
  if (!open) return;
  for (const map of maps) map.remove();
  maps = [];
  sight.disconnect();
  put(list, ...(open.length === 0 ? [nothing()] : open.map(card)));
}

function nothing() {
  return make(
    "section",
    { class: "card" },
    make("h2", {}, say("public.none_title")),
    make("p", {}, say("public.none")),
    make("p", { class: "actions" }, make("a", { class: "plain", href: "../" }, say("page.map"))),
  );
}

/** @param {PublicProposal} proposal */
function card({ id, geometry, properties: facts }) {
  const unit = units.get(facts.unit_code);
  const rows = [
    [say("name.kind"), label("naming_kinds", facts.kind)],
    [say("name.unit"), (language() === "en" ? unit?.en : unit?.zh) ?? facts.unit_code],
    facts.action === "rename" && facts.former_name && [say("public.instead_of"), make("span", { lang: "zh-CN" }, facts.former_name)],
    [say("name.meaning"), facts.meaning || say("name.unsaid")],
    [say("name.origin"), facts.origin || say("name.unsaid")],
    [say("public.period"), make("strong", {}, facts.comment_until ? say("public.until", { day: date(facts.comment_until) }) : say("public.open"))],
  ];
  const ground = make("div", { class: "road-map" });
  ground.dataset.proposal = id;
  if (geometry) sight.observe(ground);
  return make(
    "article",
    { class: "card open-name", id, "aria-labelledby": `title-${id}` },
    make("h2", { id: `title-${id}`, lang: "zh-CN" }, ruby(facts.name, facts.reading), " ", make("span", { class: "pinyin", lang: "zh-Latn" }, facts.pinyin)),
    make(
      "div",
      { class: "pair" },
      make("dl", { class: "facts" }, ...rows.flatMap((row) => (row ? [make("dt", {}, row[0]), make("dd", {}, row[1])] : []))),
      geometry ? ground : make("p", { class: "hint" }, say("name.no_ground")),
    ),
    forms.get(id)?.written(),
  );
}

/** @param {HTMLElement} ground */
async function draw(ground) {
  sight.unobserve(ground);
  const proposal = open?.find(({ id }) => id === ground.dataset.proposal);
  if (!proposal) return;
  const { geometry, properties } = proposal;
  const map = new RoadMap(ground, say("name.map", { name: properties.name }));
  maps.push(map);
  map.show([{ role: "own", name: properties.name, geometry }]);
  const around = await streetsAround(geometry, []).catch(() => /** @type {Drawn[]} */ ([]));
  if (maps.includes(map)) map.show([...around, { role: "own", name: properties.name, geometry }]);
}
