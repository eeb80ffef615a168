/**
 * Stands in, by the import map, for two packages that protomaps-leaflet imports and this map never uses: remote tile
 * archives and the ready-made world style. Refuses to be used.
 */

export class PMTiles {
  constructor() {
    throw new Error("remote tile archives are not part of this map");
  }
}

/** @returns {never} */
export function namedFlavor() {
  throw new Error("the ready-made world style is not part of this map");
}
