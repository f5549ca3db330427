/** Histograms over steps as a map, and that of the shown step as bars. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import {
  countPlace,
  paintHistogramBars,
  paintHistograms,
} from "../draw/histogram_heat";
import { createColorScale } from "../model/color_scale";
import { formatCount, formatValue } from "../model/format";
import {
  alignHistograms,
  type BinnedHistograms,
  type HistogramAxis,
  type HistogramSeries,
  linearAxis,
} from "../model/histogram_series";
import { roundTicks } from "../model/round_ticks";
import { columnAt, placeColumns, shareOfStep } from "../model/step_columns";
import type { ValueRange } from "../model/value_range";
import { addStyle, themeColors } from "../theme/theme";
import { ColorBar } from "./color_bar";
import css from "./histogram_map.css?inline";
import { type Hover, HoverTip } from "./hover_tip";
import { type Paint, PaintedCanvas, useSize } from "./painted_canvas";

addStyle(css);

/** Bins of a few values, and of many. */
const FEWEST_BINS = 16;
const MOST_BINS = 64;

/** Pixels that the number of a step takes. */
const STEP_ROOM = 70;

/** What is shown, whatever the bins are. */
export interface StepsProps {
  /** Of each step how many values are NaN or infinite. */
  readonly nonfinite: readonly number[];
  /** Captures of the run; more than steps where some lack these histograms. */
  readonly captures: number;
  /** The step that is shown as bars too. */
  readonly step: number | null;
  readonly dark: boolean;
  /** A click, or an arrow key, wants to go to a step. */
  readonly onStep: (step: number) => void;
}

/** Histograms with bins of one width. */
export interface HistogramMapProps extends StepsProps {
  readonly series: HistogramSeries;
  /** The values that are drawn; null = no value was finite at any step. */
  readonly range: ValueRange | null;
}

/** The map with its heading. */
export function HistogramMap(props: HistogramMapProps) {
  const { series, range } = props;
  const binned = useMemo(() => {
    if (range === null) {
      return null;
    }
    // Of few values, many bins would show nothing but which of them are empty.
    const total = series.counts.reduce((a, b) => a + b, 0) / series.steps.length;
    const bins = Math.round(2 * Math.sqrt(total));
    const most = Math.max(FEWEST_BINS, Math.min(MOST_BINS, bins));
    const histograms = alignHistograms(series, range.low, range.high, most);
    return { histograms, axis: linearAxis(histograms) };
  }, [series, range]);
  return binned === null ? (
    <section class="kv-histogram-section" aria-label="Histograms">
      <h3>Histograms</h3>
      <p class="kv-muted">No value of it was finite in any capture.</p>
    </section>
  ) : (
    <StepHistograms {...props} {...binned} steps={series.steps} />
  );
}

/** Histograms over steps, in bins that are the same at every step. */
export function StepHistograms({
  steps,
  histograms,
  axis,
  nonfinite,
  captures,
  step,
  dark,
  onStep,
}: StepsProps & {
  /** Ascending, one for each column. */
  readonly steps: Float64Array;
  readonly histograms: BinnedHistograms;
  readonly axis: HistogramAxis;
}) {
  const map = useRef<HTMLDivElement>(null);
  const { width: mapWidth } = useSize(map);
  const hover = useSignal<Hover | null>(null);
  const { bins, counts } = histograms;
  const total = steps.length;
  const placed = useMemo(() => placeColumns(steps), [steps]);
  const found = step === null ? -1 : steps.indexOf(step);
  const current = found < 0 ? null : found;
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const scale = useMemo(
    () => createColorScale(0, countPlace(most), dark),
    [most, dark],
  );
  const beyond = [...histograms.below, ...histograms.above].some((count) => count > 0);
  const paintMap = useCallback<Paint>(
    (context, wide, high) => {
      const { lines } = axis;
      const what = { histograms, lines, placed, nonfinite, scale, current };
      paintHistograms(context, what, wide, high, themeColors());
    },
    [histograms, axis, placed, nonfinite, scale, current],
  );
  const paintBars = useCallback<Paint>(
    (context, wide, high) => {
      if (current !== null) {
        const what = { histograms, lines: axis.lines };
        paintHistogramBars(context, what, current, wide, high, themeColors());
      }
    },
    [histograms, axis, current, dark],
  );
  const find = (event: PointerEvent | MouseEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const bin = Math.floor((1 - (event.clientY - box.top) / box.height) * bins);
    return {
      column: columnAt(steps, placed, (event.clientX - box.left) / box.width),
      bin: Math.max(0, Math.min(bins - 1, bin)),
    };
  };
  const point = (event: PointerEvent, column: number | null) => {
    const at = find(event);
    const shown = column ?? at.column;
    const broken = nonfinite[shown] ?? 0;
    const lines = describeBin(histograms, axis, shown, at.bin, broken);
    hover.value = {
      x: event.clientX,
      y: event.clientY,
      lines: [...lines, `step ${formatCount(steps[shown] ?? 0)}`],
    };
  };
  const leave = () => {
    hover.value = null;
  };
  const goTo = (column: number) => {
    const wanted = steps[Math.max(0, Math.min(total - 1, column))];
    if (wanted !== undefined) {
      onStep(wanted);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const now = current ?? total - 1;
    const to = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: total - 1 }[
      event.key
    ];
    if (to !== undefined) {
      event.preventDefault();
      goTo(to);
    }
  };
  const now = steps[current ?? total - 1] ?? 0;
  const stepTicks = roundTicks(
    placed.low,
    placed.high,
    Math.max(2, Math.floor(mapWidth / STEP_ROOM)),
    1,
  );
  const longest =
    current === null
      ? 0
      : counts
          .subarray(current * bins, (current + 1) * bins)
          .reduce((a, b) => Math.max(a, b), 0);
  return (
    <section class="kv-histogram-section" aria-label="Histograms">
      <div class="kv-histogram-head">
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
        {total < captures && (
          <span class="kv-muted">
            {formatCount(total)} of {formatCount(captures)} captures have it.
          </span>
        )}
      </div>
      <div class="kv-histogram-map-grid">
        <div class="kv-histogram-values kv-muted kv-mono">
          {axis.ticks.map(({ place, text }) => (
            <span key={text} style={{ bottom: `${place * 100}%` }}>
              {text}
            </span>
          ))}
        </div>
        <div
          ref={map}
          class="kv-histogram-map"
          role="slider"
          aria-label="Histograms over steps"
          aria-valuemin={steps[0] ?? 0}
          aria-valuemax={steps[total - 1] ?? 0}
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
        <span class="kv-histogram-axis kv-muted">step</span>
        <div class="kv-histogram-steps kv-muted">
          {stepTicks.map((tick) => {
            const share = shareOfStep(placed, tick) * 100;
            // At the ends the number stays below the map.
            const shift = `translateX(-${share}%)`;
            return (
              <span key={tick} class="kv-histogram-tick" style={{ left: `${share}%` }}>
                <span style={{ transform: shift }}>{formatCount(tick)}</span>
              </span>
            );
          })}
        </div>
        <div class="kv-histogram-counts kv-muted">
          <span>
            {current === null ? "not in this capture" : `at step ${formatCount(now)}`}
          </span>
          {longest > 0 && (
            <span title="The longest bar">{countText(longest)} in a bin</span>
          )}
        </div>
      </div>
      <HoverTip hover={hover} />
    </section>
  );
}

/** What is in a bin, and what lies beside all of them. */
function describeBin(
  { counts, bins, below, above }: BinnedHistograms,
  axis: HistogramAxis,
  column: number,
  bin: number,
  nonfinite: number,
): string[] {
  const [under = 0, over = 0] = [below[column], above[column]];
  return [
    `${countText(counts[column * bins + bin] ?? 0)} values`,
    axis.describe(bin),
    ...(under > 0 ? [`${countText(under)} lie below the map`] : []),
    ...(over > 0 ? [`${countText(over)} lie above the map`] : []),
    ...(nonfinite > 0 ? [`${formatCount(nonfinite)} are not finite`] : []),
  ];
}

/** Counts are spread over narrower bins where a capture's own are wider. */
function countText(count: number): string {
  return Number.isInteger(count)
    ? formatCount(count)
    : `about ${formatValue(Number(count.toPrecision(3)))}`;
}
