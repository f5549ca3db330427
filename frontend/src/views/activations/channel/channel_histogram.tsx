/** How often each value of one channel occurs. */

import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { binAt, binRange, countValues, paintHistogram } from "../../../draw/histogram";
import { formatCount, formatShare, formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import type { UnitData } from "../../../model/units/unit_data";
import type { ValueRange } from "../../../model/value_range";
import { themeColors } from "../../../theme/theme";

const BINS = 32;

/** Over all samples; in older logs of what is drawn. */
export function ChannelHistogram({
  data,
  channel,
  units,
  measured,
  dark,
}: {
  data: ActivationData;
  channel: number;
  units: UnitData | null;
  measured: number;
  dark: boolean;
}) {
  const hover = useSignal<Hover | null>(null);
  const bin = useSignal<number | null>(null);
  const { counts, range, of } = findCounts(data, channel, units, measured);
  const hovered = bin.value;
  const paint = useCallback<Paint>(
    (context, width, height) =>
      paintHistogram(context, counts, range, width, height, themeColors(), hovered),
    [data, channel, units, hovered, dark],
  );
  if (range === null || range.low === range.high || counts.length === 0) {
    return null;
  }
  const total = Array.from(counts).reduce((sum, count) => sum + count, 0);
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = binAt(event.clientX - box.left, box.width, counts.length);
    bin.value = at;
    if (at === null) {
      hover.value = null;
      return;
    }
    const { low, high } = binRange(range, counts.length, at);
    const count = counts[at] ?? 0;
    hover.value = {
      x: event.clientX,
      y: event.clientY,
      lines: [
        `${formatCount(count)} values (${formatShare(count / Math.max(1, total))})`,
        `${formatValue(low)} to ${formatValue(high)}`,
      ],
    };
  };
  return (
    <section class="kv-detail-section" aria-label="Distribution">
      <h3 title="Finite values alone, in bins of equal width">
        Distribution <span class="kv-muted">{of}</span>
      </h3>
      <div
        class="kv-histogram"
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          bin.value = null;
          hover.value = null;
        }}
      >
        <PaintedCanvas
          paint={paint}
          class="kv-fill"
          label={`Histogram of ${formatCount(total)} values`}
        />
      </div>
      <HoverTip hover={hover} />
    </section>
  );
}

function findCounts(
  data: ActivationData,
  channel: number,
  units: UnitData | null,
  measured: number,
): { counts: ArrayLike<number>; range: ValueRange | null; of: string } {
  if (units !== null) {
    const [low, high] = [units.stat(channel, "min"), units.stat(channel, "max")];
    return {
      counts: units.histogram(channel),
      range: Number.isFinite(low) ? { low, high } : null,
      of: `over all ${measured} samples`,
    };
  }
  const position = data.positionOf(channel);
  return {
    counts: position === null ? [] : countValues(data, position, BINS),
    range: position === null ? null : data.rangeOf(position),
    of: "in what is drawn",
  };
}
