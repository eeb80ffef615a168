/** The layers for reference that the office has loaded; refuses to know how they are drawn. */
import { getJson } from "./api.js";

/** A layer for reference among the names of layers begins so. */
export const REFERENCE = "reference:";

/** @returns {Promise<string[]>} their names */
export async function referenceLayers() {
  /** @type {{collections: {id: string, keywords?: string[]}[]}} */
  const { collections } = await getJson("ogc/collections", { f: "json" });
  return collections.filter(({ keywords }) => keywords?.includes("reference")).map(({ id }) => id);
}
