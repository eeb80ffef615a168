/** The fields of a form by their names. */

/** @param {HTMLFormElement} form @param {string} name */
export function field(form, name) {
  const found = form.elements.namedItem(name);
  if (!found) throw new Error(`the form lacks ${name}`);
  return /** @type {HTMLInputElement} */ (found);
}

/** What stands in a field, or which of several buttons is pressed. @param {HTMLFormElement} form @param {string} name */
export function value(form, name) {
  return field(form, name).value;
}

/** Shows what is typed into the passwords of a form while its box is ticked. @param {HTMLFormElement} form */
export function revealed(form) {
  const box = field(form, "reveal");
  const show = () => {
    for (const each of form.querySelectorAll("[data-password]")) {
      each.setAttribute("type", box.checked ? "text" : "password");
    }
  };
  box.addEventListener("change", show);
  form.addEventListener("reset", () => {
    box.checked = false;
    show();
  });
}
