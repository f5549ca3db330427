/** Buttons on the maps in view, for clicks, keys and those who do not see them. */

import { useMemo } from "preact/hooks";
import { type GridLayout, paneLeft, tileCorner } from "../../../draw/map_grid";
import { capitalize, formatValue } from "../../../model/format";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { ShownLayer } from "../shown_layer";

/** One button per tile, from `from` to before `to`. */
export function TileButtons({
  shown,
  channels,
  layout,
  from,
  to,
  stop,
  onFocus,
  onOpen,
}: {
  shown: ShownLayer;
  channels: readonly number[];
  layout: GridLayout;
  from: number;
  to: number;
  /** The one that the tab key leads to. */
  stop: number;
  onFocus: (tile: number) => void;
  onOpen: (channel: number) => void;
}) {
  const { sides } = shown;
  const width = paneLeft(layout, layout.panes - 1) + layout.mapWidth;
  // Most frames of scrolling show the same rows: nothing is worked out anew then.
  return useMemo(
    () => (
      <>
        {Array.from({ length: Math.max(0, to - from) }, (_, at) => {
          const tile = from + at;
          const channel = channels[tile] ?? 0;
          const { x, y } = tileCorner(layout, tile);
          return (
            <button
              key={channel}
              type="button"
              class="kv-tile"
              data-tile={tile}
              data-channel={channel}
              tabIndex={tile === stop ? 0 : -1}
              aria-label={sides
                .map(({ name, data }) =>
                  `${name} ${describeChannel(data, channel)}`.trim(),
                )
                .join("; ")}
              style={{
                left: `${x}px`,
                top: `${y}px`,
                width: `${width}px`,
                height: `${layout.mapHeight}px`,
              }}
              onFocus={() => onFocus(tile)}
              onClick={() => onOpen(channel)}
            />
          );
        })}
      </>
    ),
    [shown, channels, layout, from, to, stop, onFocus, onOpen],
  );
}

/** A channel in words, for those who do not see its map. */
export function describeChannel(data: ActivationData, channel: number): string {
  const low = formatValue(data.stat(channel, "min"));
  const high = formatValue(data.stat(channel, "max"));
  const bad = data.stat(channel, "nonfinite");
  const name = unitName(data);
  return [
    `${capitalize(name)} ${channel}`,
    data.isConstant(channel) ? `constant ${low}` : `${low} to ${high}`,
    ...(bad > 0 ? [`${bad} non-finite values`] : []),
  ].join(", ");
}
