/** A secret or a digest that is to be taken elsewhere: shown whole, selected and copied at a click. */
import { make } from "../elements.js";
import { say } from "../messages.js";

/**
 * @param {{id: string, label: string, value: string}} shown
 */
export function copied({ id, label, value }) {
  const field = make("input", { id, value, readonly: true, class: "secret", spellcheck: "false", onfocus: () => field.select() });
  const told = make("span", { class: "hint", role: "status" });
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      told.textContent = say("copy.done");
    } catch {
      field.focus(); // without TLS browsers give no clipboard: the keys still copy what is selected
      field.select();
      told.textContent = say("copy.by_keys");
    }
  };
  return make(
    "div",
    { class: "copied" },
    make("label", { for: id }, label),
    make("div", { class: "beside" }, field, make("button", { type: "button", class: "plain", onclick: copy }, say("copy.button"))),
    told,
  );
}
