/** What the next stage of a joint inspection still needs, gathered by kind and by who has to bring it. */
import { make } from "../elements.js";
import { label } from "../legend.js";
import { say } from "../messages.js";

/** @typedef {import("../joint.js").Joint} Joint */

/**
 * `joint.record_missing:5:460107` says code, task, side; tasks of a side stand together: `4–7, 12`.
 * @param {Joint} joint
 * @param {import("./joint-shown.js").Reader} reader
 */
export function missingList({ missing, own_sides: own }, { nameOf }) {
  /** @type {Map<string, {code: string, side: string, level: string, tasks: number[]}>} */
  const groups = new Map();
  for (const each of missing) {
    const [code, ...about] = each.split(":");
    const side = about.find((part) => /^\d{6,}$/.test(part)) ?? "";
    const level = about.find((part) => /^[a-z]+$/.test(part)) ?? "";
    const group = groups.get(`${code} ${side}`) ?? { code, side, level: "", tasks: [] };
    group.level = [group.level, level && label("joint_archive", level)].filter(Boolean).join(" · ");
    group.tasks.push(...about.filter((part) => /^\d{1,5}$/.test(part)).map(Number));
    groups.set(`${code} ${side}`, group);
  }
  return make(
    "ul",
    { class: "missing" },
    ...[...groups.values()].map(({ code, side, level, tasks }) =>
      make(
        "li",
        {},
        make("strong", {}, label("finding", code)),
        side && ` · ${nameOf(side)}`,
        level && ` · ${level}`,
        tasks.length > 0 && make("span", { class: "hint" }, ` ${say("joint.missing_tasks", { n: tasks.length, tasks: ranges(tasks) })}`),
        own.includes(side) && make("span", { class: "badge" }, say("joint.yours")),
      ),
    ),
  );
}

/** @param {number[]} numbers ascending, e.g. 4 5 6 9 @returns {string} e.g. `4–6, 9` */
export function ranges(numbers) {
  /** @type {[number, number][]} */
  const runs = [];
  for (const number of numbers) {
    const last = runs[runs.length - 1];
    if (last && number === last[1] + 1) last[1] = number;
    else runs.push([number, number]);
  }
  return runs.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(", ");
}
