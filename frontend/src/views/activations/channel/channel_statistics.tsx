/** The statistics of one channel. */

import { useCallback } from "preact/hooks";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { countValues, paintHistogram } from "../../../draw/histogram";
import { STATS } from "../../../model/definitions";
import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import { themeColors } from "../../../theme/theme";
import { formatStat } from "../statistics_table";

const BINS = 32;

/** Statistics and distribution for the shown sample. */
export function StatisticsPanel({
  data,
  channel,
  unit,
  dark,
}: {
  data: ActivationData;
  channel: number;
  unit: string;
  dark: boolean;
}) {
  const { entry } = data;
  const position = data.positionOf(channel);
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const counts = position === null ? [] : countValues(data, position, BINS);
      const range = position === null ? null : data.rangeOf(position);
      paintHistogram(context, counts, range, width, height, themeColors());
    },
    [data, position, dark],
  );
  return (
    <div class="kv-detail-facts">
      <h3>Statistics</h3>
      <dl class="kv-facts">
        {STATS.map(({ name, title, definition }) => {
          const value = data.stat(channel, name);
          return (
            <div key={name} title={definition} data-alarm={isAlarming(name, value)}>
              <dt>{title}</dt>
              <dd>{formatStat(name, value)}</dd>
            </div>
          );
        })}
      </dl>
      <p class="kv-muted">
        Over all {describeSize(data)} values of this {unit} for this sample
        {entry.cut === ""
          ? "."
          : `; what is drawn was reduced for the log (${entry.cut}).`}
      </p>
      {position !== null && !data.isConstant(channel) && (
        <figure
          class="kv-histogram"
          title="How often each value occurs in what is drawn; finite values only"
        >
          <figcaption class="kv-muted">Distribution</figcaption>
          <PaintedCanvas
            paint={paint}
            class="kv-fill"
            label="Histogram of the values"
          />
        </figure>
      )}
      {data.isConstant(channel) && (
        <p class="kv-note">
          Every value is {formatValue(data.stat(channel, "min"))}: this {unit} tells the
          next layer nothing about this sample.
        </p>
      )}
    </div>
  );
}

function describeSize(data: ActivationData): string {
  const [height, width] = data.entry.full_map;
  return data.entry.kind === "map" ? `${height}x${width}` : String(width);
}

function isAlarming(name: string, value: number): boolean {
  return name === "nonfinite" ? value > 0 : Number.isNaN(value);
}
