/** Marks the cell under the pointer on all maps in view. */

import type { ReadonlySignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { paintCrossHairs } from "../../../draw/grid_painter";
import type { GridLayout } from "../../../draw/map_grid";
import type { ChannelMaps } from "../../../model/channels/channel_maps";
import type { MapPoint } from "../../../state/grid_data";

/** A canvas above that of the maps, which need not be painted anew for it. */
export function CrossHairs({
  panes,
  layout,
  count,
  scroll,
  pointer,
}: {
  panes: readonly ChannelMaps[];
  layout: GridLayout;
  /** Number of tiles. */
  count: number;
  scroll: number;
  pointer: ReadonlySignal<MapPoint | null>;
}) {
  const at = pointer.value;
  const paint = useCallback<Paint>(
    (context, _, height) => {
      if (at !== null) {
        const cells = panes.map((maps) => maps.entry.kept_map);
        paintCrossHairs(context, layout, count, at.x, at.y, cells, scroll, height);
      }
    },
    [at, panes, layout, count, scroll],
  );
  return <PaintedCanvas paint={paint} class="kv-cross-hairs" />;
}
