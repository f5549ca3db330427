/** Statistics of a variable over all captures, as small plots. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { type Band, paintBand } from "../../draw/trend_band";
import { paintTrend, trendScale } from "../../draw/trend_line";
import { formatCount, formatShare, formatValue } from "../../model/format";
import {
  pointNearStep,
  rangeOfTrend,
  type TrendRange,
} from "../../model/overlay/trend";
import { type WeightCurve, weightCurves } from "../../model/weights/weight_curves";
import type { WeightTrend } from "../../model/weights/weight_trend";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";

/** The plots; a click goes to the step. */
export function StatisticPlots({
  store,
  trend,
  step,
}: {
  store: Store;
  trend: WeightTrend;
  step: number | null;
}) {
  const curves = useMemo(() => weightCurves(trend), [trend]);
  return (
    <section class="kv-weight-section" aria-label="Statistics">
      <h3>Statistics over steps</h3>
      <div class="kv-weight-plots">
        {curves.map((curve) => (
          <Plot key={curve.id} store={store} curve={curve} step={step} />
        ))}
      </div>
    </section>
  );
}

function Plot({
  store,
  curve,
  step,
}: {
  store: Store;
  curve: WeightCurve;
  step: number | null;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const hovered = useSignal<number | null>(null);
  const dark = store.page.dark.value;
  const { trend } = curve;
  const found = step === null ? -1 : trend.steps.indexOf(step);
  const shown = found < 0 ? null : found;
  const point = hovered.value;
  const band = useMemo(() => bandOf(curve), [curve]);
  const range = useMemo(() => rangeWithBand(curve, band), [curve, band]);
  const paint = useCallback<Paint>(
    (context, wide, high) => {
      const scale = trendScale(trend, wide, high, range);
      const color = themeColors();
      if (band !== null) {
        paintBand(context, band, scale, color("accent"));
      }
      paintTrend(context, trend, scale, { shown, hovered: point }, high, color);
    },
    [curve, shown, point, dark],
  );
  const last = trend.steps.length - 1;
  const at = point ?? shown ?? last;
  const goTo = (to: number) => {
    const wanted = trend.steps[Math.max(0, Math.min(last, to))];
    if (wanted !== undefined) {
      store.setStep(wanted);
    }
  };
  const near = (event: MouseEvent) => {
    const left = (event.currentTarget as HTMLElement).getBoundingClientRect().left;
    const scale = trendScale(trend, width, height, range);
    return pointNearStep(trend, scale.stepAt(event.clientX - left));
  };
  const text = valueText(curve, at);
  return (
    <figure class="kv-weight-plot">
      <figcaption>
        <span class="kv-ellipsis" title={curve.definition}>
          {curve.title}
        </span>
        <output aria-label={curve.title}>
          <strong>{text}</strong>
          {point !== null && (
            <span class="kv-muted"> step {formatCount(trend.steps[at] ?? 0)}</span>
          )}
        </output>
      </figcaption>
      <div class="kv-weight-plot-row">
        <div
          ref={box}
          class="kv-weight-curve"
          role="slider"
          aria-label={`${curve.title} over steps`}
          aria-valuemin={trend.steps[0] ?? 0}
          aria-valuemax={trend.steps[last] ?? 0}
          aria-valuenow={trend.steps[at] ?? 0}
          aria-valuetext={`${text} at step ${trend.steps[at] ?? 0}`}
          tabIndex={0}
          onClick={(event) => goTo(near(event))}
          onPointerMove={(event) => {
            hovered.value = near(event);
          }}
          onPointerLeave={() => {
            hovered.value = null;
          }}
          onKeyDown={(event) => {
            const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
            if (by !== undefined) {
              event.preventDefault();
              goTo((shown ?? last) + by);
            }
          }}
        >
          <PaintedCanvas paint={paint} class="kv-fill" />
        </div>
        {range !== null && (
          <span
            class="kv-weight-ends kv-muted kv-mono"
            title={range.log ? "Logarithmic" : undefined}
          >
            <span>{formatStat(curve.id, range.high)}</span>
            {range.high !== range.low && <span>{formatStat(curve.id, range.low)}</span>}
          </span>
        )}
      </div>
    </figure>
  );
}

function valueText({ id, trend, spread }: WeightCurve, at: number): string {
  const value = trend.values[at] ?? null;
  if (value === null) {
    return "not known";
  }
  const rest = spread === null ? "" : ` ± ${formatValue(spread[at] ?? Number.NaN)}`;
  return `${formatStat(id, value)}${rest}`;
}

function formatStat(id: string, value: number): string {
  return id === "zero_fraction"
    ? formatShare(value)
    : id === "nonfinite"
      ? formatCount(value)
      : formatValue(value);
}

/** One spread below and above each value; null where there is none. */
function bandOf({ trend: { steps, values }, spread }: WeightCurve): Band | null {
  if (spread === null) {
    return null;
  }
  const at = (sign: 1 | -1) =>
    values.map((value, t) =>
      value === null ? null : value + sign * (spread[t] ?? Number.NaN),
    );
  return { steps, low: at(-1), high: at(1) };
}

function rangeWithBand({ trend }: WeightCurve, band: Band | null): TrendRange | null {
  return band === null
    ? rangeOfTrend(trend)
    : rangeOfTrend({ steps: [], values: [...band.low, ...band.high], cut: "" });
}
