/** The values of one unit over time in two captures, or their difference. */

import { useCallback } from "preact/hooks";
import type { Paint } from "../../../components/painted_canvas";
import {
  lineScale,
  paintCurve,
  paintLine,
  rangeWithZero,
} from "../../../draw/line_plot";
import type { ChannelMaps } from "../../../model/channels/channel_maps";
import { formatValue } from "../../../model/format";
import { themeColors } from "../../../theme/theme";
import { HoveredLine } from "../channel/hovered_line";
import type { ShownLayer } from "../shown_layer";

/** Draws both curves into one plot, A dashed. */
export function CurvePair({
  shown,
  channel,
  dark,
}: {
  shown: ShownLayer;
  channel: number;
  dark: boolean;
}) {
  const { panes, sides, difference } = shown;
  const curves = panes.map((maps) => valuesOf(maps, channel));
  const front = curves.at(-1) ?? [];
  const back = curves.length > 1 ? (curves[0] ?? []) : null;
  const scaleFor = (width: number, height: number) =>
    lineScale(front, width, height, rangeWithZero(curves.flat()));
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const color = themeColors();
      const scale = scaleFor(width, height);
      paintLine(context, front, scale, color, "time step");
      if (back !== null) {
        paintCurve(context, back, scale, color("muted"), [5, 3]);
      }
    },
    [panes, channel, dark],
  );
  const read = (maps: ChannelMaps, step: number) =>
    formatValue(valuesOf(maps, channel)[step] ?? Number.NaN);
  return (
    <HoveredLine
      class="kv-curves"
      paint={paint}
      scaleFor={scaleFor}
      linesAt={(step) => [
        formatValue(front[step] ?? Number.NaN),
        ...sides.map(
          ({ name, title, data }) => `${name}, ${title}: ${read(data, step)}`,
        ),
        `time step ${step}`,
      ]}
    >
      <p class="kv-muted">
        {difference === null
          ? `Dashed: A, ${sides[0]?.title}. Line: B, ${sides[1]?.title}`
          : "B \u2212 A"}
      </p>
    </HoveredLine>
  );
}

/** The values of a unit over time; none where they were not kept. */
function valuesOf(maps: ChannelMaps, channel: number): number[] {
  const position = maps.positionOf(channel);
  return position === null
    ? []
    : Array.from({ length: maps.cells }, (_, cell) => maps.valueAt(position, cell));
}
