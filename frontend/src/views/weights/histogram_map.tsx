/** Histograms of a variable over all captures, and that of the shown one as bars. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../components/painted_canvas";
import {
  countPlace,
  paintHistogramBars,
  paintHistograms,
} from "../../draw/histogram_heat";
import { createColorScale } from "../../model/color_scale";
import { formatCount, formatValue } from "../../model/format";
import { histogramRange, statOf } from "../../model/weights/weight_curves";
import {
  type AlignedHistograms,
  alignHistograms,
  type WeightTrend,
} from "../../model/weights/weight_trend";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";

/** Bins of a few values, and of many. */
const FEWEST_BINS = 16;
const MOST_BINS = 64;

/** The map; a click goes to the step. */
export function HistogramMap({
  store,
  trend,
  step,
}: {
  store: Store;
  trend: WeightTrend;
  step: number | null;
}) {
  const histograms = useMemo(() => {
    const range = histogramRange(trend);
    // Of few values, many bins would show nothing but which of them are empty.
    const total = trend.counts.reduce((a, b) => a + b, 0) / trend.steps.length;
    const bins = Math.round(2 * Math.sqrt(total));
    const most = Math.max(FEWEST_BINS, Math.min(MOST_BINS, bins));
    return range === null ? null : alignHistograms(trend, range.low, range.high, most);
  }, [trend]);
  if (histograms === null) {
    return (
      <section class="kv-weight-section" aria-label="Histograms">
        <h3>Histograms</h3>
        <p class="kv-muted">No value of it was finite in any capture.</p>
      </section>
    );
  }
  return <Histograms store={store} trend={trend} step={step} histograms={histograms} />;
}

function Histograms({
  store,
  trend,
  step,
  histograms,
}: {
  store: Store;
  trend: WeightTrend;
  step: number | null;
  histograms: AlignedHistograms;
}) {
  const hover = useSignal<Hover | null>(null);
  const dark = store.page.dark.value;
  const { bins, low, width, counts } = histograms;
  const captures = trend.steps.length;
  const found = step === null ? -1 : trend.steps.indexOf(step);
  const current = found < 0 ? null : found;
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const scale = useMemo(
    () => createColorScale(0, countPlace(most), dark),
    [most, dark],
  );
  const beyond = [...histograms.below, ...histograms.above].some((count) => count > 0);
  const broken = useMemo(() => statOf(trend, "nonfinite"), [trend]);
  const paintMap = useCallback<Paint>(
    (context, wide, high) =>
      paintHistograms(
        context,
        histograms,
        captures,
        scale,
        current,
        wide,
        high,
        themeColors(),
      ),
    [histograms, captures, scale, current, dark],
  );
  const paintBars = useCallback<Paint>(
    (context, wide, high) => {
      if (current !== null) {
        paintHistogramBars(context, histograms, current, wide, high, themeColors());
      }
    },
    [histograms, current, dark],
  );
  const linesOf = (column: number, bin: number): string[] => {
    const count = counts[column * bins + bin] ?? 0;
    const [below = 0, above = 0] = [histograms.below[column], histograms.above[column]];
    const nonfinite = broken[column] ?? 0;
    return [
      `${countText(count)} values`,
      `from ${formatValue(low + bin * width)} to ${formatValue(low + (bin + 1) * width)}`,
      ...(below > 0 ? [`${countText(below)} lie below the map`] : []),
      ...(above > 0 ? [`${countText(above)} lie above the map`] : []),
      ...(nonfinite > 0 ? [`${formatCount(nonfinite)} are not finite`] : []),
      `step ${formatCount(trend.steps[column] ?? 0)}`,
    ];
  };
  const find = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const clamp = (value: number, last: number) => Math.max(0, Math.min(last, value));
    return {
      column: clamp(
        Math.floor(((event.clientX - box.left) / box.width) * captures),
        captures - 1,
      ),
      bin: clamp(
        Math.floor((1 - (event.clientY - box.top) / box.height) * bins),
        bins - 1,
      ),
    };
  };
  const point = (event: PointerEvent, column: number | null) => {
    const at = find(event);
    const shown = column ?? at.column;
    hover.value = { x: event.clientX, y: event.clientY, lines: linesOf(shown, at.bin) };
  };
  const leave = () => {
    hover.value = null;
  };
  const goTo = (column: number) => {
    const wanted = trend.steps[Math.max(0, Math.min(captures - 1, column))];
    if (wanted !== undefined) {
      store.setStep(wanted);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      goTo((current ?? captures - 1) + by);
    }
  };
  const now = trend.steps[current ?? captures - 1] ?? 0;
  return (
    <section class="kv-weight-section" aria-label="Histograms">
      <div class="kv-weight-controls">
        <h3>Histograms</h3>
        <ColorBar
          scale={scale}
          ends={["0", formatCount(Math.round(most))]}
          name="values in a bin"
          title="By the logarithm of the count"
        />
        {beyond && (
          <span class="kv-muted">
            Values far beyond the usual range are counted, and not drawn.
          </span>
        )}
        {captures < trend.captures && (
          <span class="kv-muted">
            {formatCount(captures)} of {formatCount(trend.captures)} captures have it.
          </span>
        )}
      </div>
      <div class="kv-histograms">
        <div class="kv-histogram-ends kv-muted kv-mono">
          <span>{formatValue(low + bins * width)}</span>
          <span>{formatValue(low)}</span>
        </div>
        <div class="kv-histogram-side">
          <div
            class="kv-histogram-map"
            role="slider"
            aria-label="Histograms over steps"
            aria-valuemin={trend.steps[0] ?? 0}
            aria-valuemax={trend.steps.at(-1) ?? 0}
            aria-valuenow={now}
            aria-valuetext={`step ${formatCount(now)}`}
            tabIndex={0}
            onClick={(event) => goTo(find(event).column)}
            onKeyDown={onKeyDown}
            onPointerMove={(event) => point(event, null)}
            onPointerLeave={leave}
          >
            <PaintedCanvas paint={paintMap} class="kv-fill" />
          </div>
          <div class="kv-histogram-steps kv-muted">
            <span>step {formatCount(trend.steps[0] ?? 0)}</span>
            {captures > 1 && <span>{formatCount(trend.steps.at(-1) ?? 0)}</span>}
          </div>
        </div>
        <div class="kv-histogram-side">
          <div
            class="kv-histogram-bars"
            onPointerMove={(event) => {
              if (current !== null) {
                point(event, current);
              }
            }}
            onPointerLeave={leave}
          >
            <PaintedCanvas
              paint={paintBars}
              class="kv-fill"
              label={`Histogram of step ${formatCount(now)}`}
            />
          </div>
          <div class="kv-histogram-steps kv-muted">
            <span>
              {current === null ? "not in this capture" : `at step ${formatCount(now)}`}
            </span>
          </div>
        </div>
      </div>
      <HoverTip hover={hover} />
    </section>
  );
}

/** Counts are spread over narrower bins where a capture's own are wider. */
function countText(count: number): string {
  return Number.isInteger(count)
    ? formatCount(count)
    : `about ${formatValue(Number(count.toPrecision(3)))}`;
}
