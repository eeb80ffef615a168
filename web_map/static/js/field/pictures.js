/** Small pictures of the last visits, as they were taken along. */
import { make } from "../elements.js";
import { say } from "../messages.js";
import { showsWords } from "../panels/marker-timeline.js";
import { show } from "./held-photos.js";
import { one } from "./store.js";

/**
 * @param {any[]} inspections the latest first
 * @returns {Promise<{shows: string, figure: () => HTMLElement}[]>} what each shows, once
 */
export async function previousPictures(inspections) {
  const photos = inspections.flatMap(({ photos: all, happened_at }) => all.map((/** @type {any} */ photo) => ({ ...photo, happened_at })));
  const first = photos.filter(({ shows }, place) => photos.findIndex((each) => each.shows === shows) === place);
  const found = await Promise.all(first.map(async (photo) => ({ ...photo, held: /** @type {any} */ (await one("pictures", photo.sha256)) })));
  return found
    .filter(({ held }) => held)
    .map(({ shows, held, happened_at }) => ({
      shows,
      figure: () => {
        const words = say("field.photo.previous", { shows: showsWords(shows), day: happened_at.slice(0, 10) });
        return make("figure", {}, show(held.bytes, make("img", { alt: words })), make("figcaption", {}, words));
      },
    }));
}
