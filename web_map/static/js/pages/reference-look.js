/** How a layer for reference is called and looks, changed in a window on the state that was read. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { changeLayer } from "../references.js";
import { Dialog } from "./dialog.js";
import { value } from "./fields.js";
import { form, inputOf, labelled, selectOf } from "./form-pieces.js";
import { sends } from "./sending.js";
import { act } from "./sign-in-again.js";

/** Gives whether it was changed. @param {import("../references.js").ReferenceLayer} layer */
export async function changeLook(layer) {
  const { title, style, columns } = layer;
  const dialog = new Dialog(say("references.look_of", { title }));
  const labels = /** @type {[string, string][]} */ ([["", say("references.label_none")], ...columns.map(({ name }) => [name, name])]);
  const shown = form(
    say("action.save"),
    () => dialog.close(),
    ...labelled("references.title", inputOf("title", { value: title, maxlength: 200, required: true })),
    ...labelled("references.colour", inputOf("colour", { type: "color", value: style.colour })),
    ...labelled("references.width", inputOf("width", { type: "number", min: 0.5, max: 10, step: 0.1, value: style.width, required: true })),
    ...labelled("references.opacity", inputOf("opacity", { type: "range", min: 0.1, max: 1, step: 0.05, value: style.opacity })),
    ...labelled("references.label", selectOf("label", labels, style.label ?? "")),
    make("p", { class: "hint" }, say("references.label_why")),
  );
  let changed = false;
  sends(shown, async () => {
    const look = { colour: value(shown, "colour"), width: Number(value(shown, "width")), opacity: Number(value(shown, "opacity")), label: value(shown, "label") || null };
    await act(() => changeLayer(layer, { title: value(shown, "title").trim(), style: look }));
    changed = true;
    dialog.close();
  });
  dialog.fill(shown);
  await dialog.open();
  return changed;
}
