/** What the cell under the pointer holds, on all sides of a comparison. */

import type { ReadonlySignal } from "@preact/signals";
import { HoverNote } from "../../../components/hover_tip";
import type { ChannelMaps } from "../../../model/channels/channel_maps";
import { formatValue } from "../../../model/format";
import { unitName } from "../../../model/tensor_view";
import type { MapPoint } from "../../../state/grid_data";
import type { ShownLayer } from "../shown_layer";

/** Where the pointer is. */
export interface TipPlace {
  readonly x: number;
  readonly y: number;
  readonly channel: number;
  /** Which of the maps that are side by side. */
  readonly pane: number;
}

/** A note beside the pointer; it follows the data too. */
export function GridTip({
  shown,
  place,
  pointer,
}: {
  shown: ShownLayer;
  place: ReadonlySignal<TipPlace | null>;
  pointer: ReadonlySignal<MapPoint | null>;
}) {
  const at = place.value;
  const point = pointer.value;
  if (at === null || point === null) {
    return null;
  }
  return (
    <HoverNote
      at={{ x: at.x, y: at.y, lines: describeCell(shown, at.pane, at.channel, point) }}
    />
  );
}

/** The value under the pointer first, then those of both sides, then where it is. */
export function describeCell(
  { panes, sides, difference, data }: ShownLayer,
  pane: number,
  channel: number,
  point: MapPoint,
): string[] {
  const [rows, columns] = data.entry.kept_map;
  const maps = panes[pane] ?? data;
  const reading = (of: ChannelMaps) => {
    const value = readCell(of, channel, point);
    return value === null ? "no map" : formatValue(value);
  };
  const lines = [reading(maps)];
  if (sides.length > 1) {
    lines.push(
      ...sides.map((side) => `${side.name}, ${side.title}: ${reading(side.data)}`),
    );
  }
  if (sides.length > 1 && difference === null) {
    const [a, b] = sides.map((side) => readCell(side.data, channel, point));
    if (a !== null && a !== undefined && b !== null && b !== undefined) {
      lines.push(`B \u2212 A: ${formatValue(b - a)}`);
    }
  }
  const row = Math.floor(point.y * rows);
  const column = Math.floor(point.x * columns);
  const place =
    data.entry.kind === "attention"
      ? `query ${row}, key ${column}`
      : `row ${row}, column ${column}`;
  lines.push(`${unitName(data)} ${channel}, ${place}`);
  return lines;
}

/** The value at a place of a channel's map; null if it has none. */
export function readCell(
  maps: ChannelMaps,
  channel: number,
  { x, y }: MapPoint,
): number | null {
  const position = maps.positionOf(channel);
  const [rows, columns] = maps.entry.kept_map;
  return position === null
    ? null
    : maps.valueAt(position, Math.floor(y * rows) * columns + Math.floor(x * columns));
}
