/** How one channel went: its statistics over steps, over all samples. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import { type Band, paintBand } from "../../../draw/trend_band";
import { paintTrend, trendScale } from "../../../draw/trend_line";
import { SATURATED_DEFINITION, STATS } from "../../../model/definitions";
import { formatCount, formatShare, formatValue } from "../../../model/format";
import {
  pointAtStep,
  pointNearStep,
  rangeOfTrend,
  type Trend,
} from "../../../model/overlay/trend";
import { rangeOfTrends, readHistory } from "../../../model/units/unit_history";
import { type Loadable, shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { themeColors } from "../../../theme/theme";
import type { UnitTrend } from "../../../wire/generated";

interface Row {
  readonly title: string;
  readonly definition: string;
  readonly trend: Trend;
  readonly band: readonly [Trend, Trend] | null;
  readonly format: (value: number) => string;
}

/** A small plot per statistic; a click on one goes to that step. */
export function ChannelTrends({
  store,
  loadable,
  step,
  dark,
}: {
  store: Store;
  loadable: Loadable<UnitTrend>;
  /** The step that is shown. */
  step: number | null;
  dark: boolean;
}) {
  const answer = shownValue(loadable);
  const rows = useMemo(() => (answer === undefined ? [] : listRows(answer)), [answer]);
  if (loadable.state === "error") {
    return (
      <section class="kv-detail-section" aria-label="Over steps">
        <h3>Over steps</h3>
        <p class="kv-error-text">{loadable.message}</p>
      </section>
    );
  }
  if (loadable.state === "idle" || answer?.steps.length === 0) {
    return null;
  }
  return (
    <section
      class="kv-detail-section"
      aria-label="Over steps"
      aria-busy={loadable.state === "loading"}
    >
      <h3 title="Over all samples of the probe; click a plot to go to that step">
        Over steps{" "}
        <span class="kv-muted">
          {answer === undefined ? "" : countText(answer.steps.length)}
        </span>
      </h3>
      {answer?.cut && <p class="kv-muted">{answer.cut}</p>}
      {rows.map((row) => (
        <TrendRow key={row.title} store={store} row={row} step={step} dark={dark} />
      ))}
    </section>
  );
}

function listRows(answer: UnitTrend): Row[] {
  const history = readHistory(answer);
  const titled = new Map(STATS.map((stat) => [stat.name as string, stat]));
  const row = (name: string, format: Row["format"]): Row[] => {
    const trend = history.get(name);
    const { title = name, definition = SATURATED_DEFINITION } = titled.get(name) ?? {};
    return trend === undefined
      ? []
      : [{ title, definition, trend, band: null, format }];
  };
  const [low, high] = [history.get("min"), history.get("max")];
  const mean = row("mean", formatValue).map((one) => ({
    ...one,
    definition: `${one.definition}; the band is from the lowest value to the highest`,
    band: low && high ? ([low, high] as const) : null,
  }));
  // Where nothing was ever wrong, there is nothing to plot.
  const wrong = row("nonfinite", formatValue).filter(({ trend }) =>
    trend.values.some((value) => value !== 0 && value !== null),
  );
  return [
    ...mean,
    ...row("std", formatValue),
    ...row("zero_fraction", formatShare),
    ...row("saturated", formatShare),
    ...wrong,
  ];
}

function TrendRow({
  store,
  row,
  step,
  dark,
}: {
  store: Store;
  row: Row;
  step: number | null;
  dark: boolean;
}) {
  const { trend, band, title, definition, format } = row;
  const hovered = useSignal<number | null>(null);
  const shown = step === null ? null : pointAtStep(trend, step);
  const at = hovered.value ?? shown;
  const value = at === null ? null : (trend.values[at] ?? null);
  const range = band === null ? rangeOfTrend(trend) : rangeOfTrends([trend, ...band]);
  const constant =
    range !== null &&
    range.low === range.high &&
    trend.values.every((one) => one === null || Number.isFinite(one));
  return (
    <div class="kv-unit-trend">
      <div class="kv-unit-trend-head">
        <span title={definition}>{title}</span>
        <output>
          {value !== null && <strong>{format(value)}</strong>}
          {at !== null && value !== null && band !== null && (
            <span class="kv-muted kv-trend-band">
              {" "}
              {band.map((one) => format(one.values[at] ?? Number.NaN)).join(" to ")}
            </span>
          )}
          {hovered.value !== null && (
            <span class="kv-muted"> step {formatCount(trend.steps[at ?? 0] ?? 0)}</span>
          )}
        </output>
      </div>
      {constant || trend.steps.length === 1 ? (
        trend.steps.length > 1 && (
          <p class="kv-muted">
            the same at all {formatCount(trend.steps.length)} steps
          </p>
        )
      ) : (
        <TrendPlot
          store={store}
          row={row}
          shown={shown}
          hovered={hovered.value}
          dark={dark}
          onHover={(point) => {
            hovered.value = point;
          }}
        />
      )}
    </div>
  );
}

function TrendPlot({
  store,
  row,
  shown,
  hovered,
  dark,
  onHover,
}: {
  store: Store;
  row: Row;
  shown: number | null;
  hovered: number | null;
  dark: boolean;
  onHover: (point: number | null) => void;
}) {
  const { trend, band, title, format } = row;
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const range = band === null ? rangeOfTrend(trend) : rangeOfTrends([trend, ...band]);
  const paint = useCallback<Paint>(
    (context, wide, high) => {
      const scale = trendScale(trend, wide, high, range);
      const color = themeColors();
      if (band !== null) {
        const [low, top] = band;
        const filled: Band = { steps: trend.steps, low: low.values, high: top.values };
        paintBand(context, filled, scale, color("accent"));
      }
      paintTrend(context, trend, scale, { shown, hovered }, high, color);
    },
    [row, shown, hovered, dark],
  );
  const last = trend.steps.length - 1;
  const goTo = (point: number) => {
    const step = trend.steps[Math.min(last, Math.max(0, point))];
    if (step !== undefined) {
      store.setStep(step);
    }
  };
  const pointAt = (event: MouseEvent) => {
    const left = (event.currentTarget as HTMLElement).getBoundingClientRect().left;
    const scale = trendScale(trend, width, height, range);
    return pointNearStep(trend, scale.stepAt(event.clientX - left));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = shown ?? last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: last }[
      event.key
    ];
    if (to !== undefined) {
      goTo(to);
      event.preventDefault();
      // The arrows go to other channels elsewhere.
      event.stopPropagation();
    }
  };
  const current = trend.values[shown ?? last] ?? null;
  return (
    <div class="kv-unit-trend-plot">
      <div
        ref={box}
        class="kv-unit-trend-curve"
        role="slider"
        aria-label={`${title} over steps`}
        aria-valuemin={trend.steps[0] ?? 0}
        aria-valuemax={trend.steps[last] ?? 0}
        aria-valuenow={trend.steps[shown ?? last] ?? 0}
        aria-valuetext={`${current === null ? "nothing" : format(current)} at step ${trend.steps[shown ?? last] ?? 0}`}
        tabIndex={0}
        onPointerMove={(event) => onHover(pointAt(event))}
        onPointerLeave={() => onHover(null)}
        onClick={(event) => goTo(pointAt(event))}
        onKeyDown={onKeyDown}
      >
        <PaintedCanvas paint={paint} />
      </div>
      <div class="kv-unit-trend-ends" title={range?.log ? "Logarithmic" : undefined}>
        {range !== null &&
          [range.high, range.low].map((end, at) => <span key={at}>{format(end)}</span>)}
      </div>
    </div>
  );
}

function countText(captures: number): string {
  return captures === 1 ? "1 capture" : `${formatCount(captures)} captures`;
}
