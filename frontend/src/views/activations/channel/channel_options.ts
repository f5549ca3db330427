/** How one channel is shown large: what somebody chose, remembered. */

import { createPreference } from "../../../state/preference";

/** How much of the map covers the picture, in percent; see `cellAlpha`. */
export const overlayOpacity = createPreference<number>(
  "overlay_opacity",
  60,
  (value): value is number => typeof value === "number" && value >= 0 && value <= 100,
);

export type CellEdges = "sharp" | "smooth";

/** Whether each cell has its edges, or colours flow from cell to cell. */
export const cellEdges = createPreference<CellEdges>(
  "cell_edges",
  "sharp",
  (value): value is CellEdges => value === "sharp" || value === "smooth",
);

export type RankBy = "max" | "mean";

/** What samples are ranked by. */
export const rankBy = createPreference<RankBy>(
  "rank_by",
  "max",
  (value): value is RankBy => value === "max" || value === "mean",
);
