/** Who reads the page, the pages open to him, and the way in or out. It decides nothing: the service does. */
import { address } from "../api.js";
import { byId, make, put } from "../elements.js";
import { say } from "../messages.js";
import { signInAddress } from "../next-page.js";
import { signOut } from "../people.js";

/** @typedef {import("../people.js").Account} Account */

/** The pages beside the map, the words of their titles where the path is no such word, and the roles they are for. */
/** @type {{page: string, title?: string, roles: string[] | null}[]} */
const PAGES = [
  { page: "account", roles: null },
  { page: "field", roles: ["surveyor", "boundary"] },
  { page: "scenarios", roles: ["planner"] },
  { page: "due", roles: ["surveyor", "boundary"] },
  { page: "joint", roles: ["surveyor", "boundary"] },
  { page: "naming/", title: "naming", roles: ["naming", "committee"] },
  { page: "naming/propose", title: "propose", roles: ["naming"] },
  { page: "layers", title: "references", roles: null },
  { page: "releases", roles: null },
  { page: "webhooks", roles: ["administrator"] },
  { page: "officers", roles: ["administrator"] },
  { page: "audit", roles: ["auditor", "administrator"] },
];

export class WhoPanel {
  #place = byId("who");
  #button = make("button", { type: "button", class: "plain who-button", "aria-expanded": "false", "aria-controls": "who-menu" });
  #menu = make("div", { id: "who-menu", class: "who-menu", hidden: true });

  /** @param {Account | null | undefined} account null for the public, undefined while it is not known */
  constructor(account) {
    this.account = account;
    this.#button.addEventListener("click", () => this.#open(Boolean(this.#menu.hidden)));
    this.#place.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || this.#menu.hidden) return;
      event.preventDefault();
      this.#open(false);
      this.#button.focus();
    });
    this.#place.addEventListener("focusout", ({ relatedTarget }) => {
      if (!(relatedTarget instanceof Node && this.#place.contains(relatedTarget))) this.#open(false);
    });
    this.show();
  }

  /** Shows who it is now. @param {Account | null} account */
  meet(account) {
    this.account = account;
    this.show();
  }

  /** Writes it in the language of the page. */
  show() {
    if (!this.account) {
      put(this.#place, this.account === null && !isHere("sign-in") && signInLink());
      return;
    }
    const { display_name, username, roles } = this.account;
    put(this.#button, make("span", { class: "who-name" }, display_name));
    this.#button.setAttribute("aria-label", say("who.menu", { name: display_name }));
    put(
      this.#menu,
      make("p", {}, make("strong", {}, display_name), make("span", { class: "code" }, ` ${username}`)),
      make("p", { class: "hint" }, roles.map((role) => say(`role.${role}`)).join(" · ")),
      make("ul", {}, ...pagesFor(roles).map((page) => make("li", {}, pageLink(page)))),
      make("button", { type: "button", class: "plain", onclick: () => leave() }, say("who.sign_out")),
    );
    put(this.#place, this.#button, this.#menu);
  }

  /** @param {boolean} open */
  #open(open) {
    this.#menu.hidden = !open;
    this.#button.setAttribute("aria-expanded", String(open));
  }
}

/** @param {string[]} held */
function pagesFor(held) {
  return PAGES.filter(({ roles }) => !roles || roles.some((role) => held.includes(role)));
}

/** @param {{page: string, title?: string}} to */
function pageLink({ page, title = page }) {
  return make("a", { href: address(page).href, "aria-current": isHere(page) ? "page" : null }, say(`page.${title}`));
}

/** @param {string} page */
function isHere(page) {
  return address(page).pathname === window.location.pathname;
}

/** The address is read when the link is used: the map's changes with every move. */
function signInLink() {
  const link = make("a", { href: address("sign-in").href, class: "plain who-button" }, say("who.sign_in"));
  link.addEventListener("click", () => (link.href = signInAddress()));
  return link;
}

async function leave() {
  try {
    await signOut();
  } finally {
    window.location.reload();
  }
}
