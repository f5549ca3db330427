/** What the map and the curves above it have in common: where steps begin. */

const NAMES = 230;
const NAMES_NARROW = 150;
const NARROW = 700;

/** Width of the names beside the map. */
export function namesWidth(width: number): number {
  return width < NARROW ? NAMES_NARROW : NAMES;
}
