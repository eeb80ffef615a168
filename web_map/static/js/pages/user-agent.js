/** What a browser says of itself, in words that its user knows; what is unknown is shown as it was sent. */
import { say } from "../messages.js";

/** The first that fits counts: Edge also calls itself Chrome, and Chrome Safari. */
const BROWSERS = /** @type {const} */ ([
  [/Edg(?:e|A|iOS)?\/(\d+)/, "Edge"],
  [/(?:QQBrowser|360SE|UBrowser|OPR)\/(\d+)/, "Chromium"],
  [/Firefox\/(\d+)/, "Firefox"],
  [/HeadlessChrome\/(\d+)/, "Chromium"],
  [/Chrome\/(\d+)/, "Chrome"],
  [/Version\/(\d+).*Safari/, "Safari"],
]);
const SYSTEMS = /** @type {const} */ ([
  [/Windows/, "Windows"],
  [/HarmonyOS|OpenHarmony/, "HarmonyOS"],
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Mac OS X/, "macOS"],
  [/Linux/, "Linux"],
]);

/** @param {string | null} user_agent @returns {string} e.g. `Firefox 140 · Windows` */
export function browserOf(user_agent) {
  if (!user_agent) return say("session.unknown_browser");
  const [shape, name] = BROWSERS.find(([each]) => each.test(user_agent)) ?? [];
  if (!shape) return user_agent.slice(0, 60);
  const version = shape.exec(user_agent)?.[1];
  const system = SYSTEMS.find(([each]) => each.test(user_agent))?.[1];
  return [`${name} ${version}`, system].filter(Boolean).join(" · ");
}
