/**
 * House rules of the pages: one door to the map library (js/map), one door to the network (js/api.js), no words in
 * code that a reader would see, no dead code. Undefined names are left to the type check, which knows the DOM.
 */

const MAP_LIBRARIES = ["leaflet", "protomaps-leaflet", "@mapbox/vector-tile", "pbf", "supercluster"];

const leafletOnlyInMap = {
  "no-restricted-imports": [
    "error",
    { paths: MAP_LIBRARIES.map((name) => ({ name, message: "The map library is imported in js/map only." })) },
  ],
};

const NETWORK = ["fetch", "XMLHttpRequest", "EventSource", "WebSocket"];

const fetchOnlyInApi = {
  "no-restricted-globals": [
    "error",
    ...NETWORK.map((name) => ({ name, message: "The network is reached through js/api.js only." })),
  ],
  "no-restricted-properties": [
    "error",
    ...["window", "globalThis", "self"].flatMap((object) =>
      NETWORK.map((property) => ({ object, property, message: "The network is reached through js/api.js only." })),
    ),
    { object: "navigator", property: "sendBeacon", message: "The network is reached through js/api.js only." },
  ],
};

const careful = {
  "array-callback-return": "error",
  "consistent-return": "error",
  "default-case-last": "error",
  eqeqeq: "error",
  "max-lines": ["error", { max: 400 }],
  "max-lines-per-function": ["error", { max: 60 }],
  "no-await-in-loop": "error",
  "no-console": "error",
  "no-constant-condition": "error",
  "no-duplicate-imports": "error",
  "no-else-return": "error",
  "no-empty": "error",
  "no-eval": "error",
  "no-implied-eval": "error",
  "no-fallthrough": "error",
  "no-implicit-globals": "error",
  "no-new-func": "error",
  "no-param-reassign": "error",
  "no-self-compare": "error",
  "no-shadow": "error",
  "no-unreachable": "error",
  "no-unused-expressions": "error",
  "no-unused-private-class-members": "error",
  "no-unused-vars": "error",
  "no-use-before-define": ["error", { functions: false, classes: false }],
  "no-useless-return": "error",
  "no-var": "error",
  "object-shorthand": "error",
  "prefer-const": "error",
  "prefer-template": "error",
  "require-atomic-updates": "error",
  // HTML built from text is how a unit's name would become a script.
  "no-restricted-syntax": [
    "error",
    {
      selector: "AssignmentExpression > MemberExpression[property.name=/^(innerHTML|outerHTML)$/]",
      message: "Build nodes (js/elements.js); markup from text is refused.",
    },
    {
      selector: "CallExpression[callee.property.name='insertAdjacentHTML']",
      message: "Build nodes (js/elements.js); markup from text is refused.",
    },
    {
      selector: "Literal[value=/[\\u4e00-\\u9fff]/]",
      message: "Words shown stand in static/messages or the legend.",
    },
    {
      selector: "TemplateElement[value.raw=/[\\u4e00-\\u9fff]/]",
      message: "Words shown stand in static/messages or the legend.",
    },
  ],
};

const SOURCES = ["web_map/static/js/**/*.js", "web_map/field/**/*.js"];

export default [
  { ignores: ["**/vendor/**", "**/node_modules/**"] },
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: careful,
  },
  { files: SOURCES, rules: { ...leafletOnlyInMap, ...fetchOnlyInApi } },
  { files: ["web_map/static/js/map/**/*.js"], rules: { "no-restricted-imports": "off" } },
  {
    files: ["web_map/static/js/api.js"],
    rules: { "no-restricted-globals": "off", "no-restricted-properties": "off" },
  },
  // A service worker stands between the page and the network: asking on the page's behalf is what it is for.
  { files: ["web_map/field/sw.js"], rules: { "no-restricted-globals": "off" } },
  { files: ["tools/**/*.mjs"], rules: { "no-console": "off", "no-await-in-loop": "off" } },
];
