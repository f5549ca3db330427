/** How somebody likes activations to be shown. */

import type { ColorScale } from "../../model/color_scale";
import { createPreference } from "../../state/preference";

/** Pixels of a map's longer side in the grid; null = so that all are in view. */
export const mapSize = createPreference<number | null>(
  "map_size",
  null,
  (value): value is number | null =>
    value === null || (typeof value === "number" && value >= 16 && value <= 320),
);

/** Whether a layer is shown as its maps or as the table of its channels. */
export const presentation = createPreference<"maps" | "statistics">(
  "presentation",
  "maps",
  (value): value is "maps" | "statistics" => value === "maps" || value === "statistics",
);

/** Colours of the map at a position. */
export type ScaleOf = (position: number) => ColorScale;
