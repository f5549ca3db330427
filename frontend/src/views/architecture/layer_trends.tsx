/** How the statistics of the selected layer went. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { paintTrend, trendScale } from "../../draw/trend_line";
import { formatCount } from "../../model/format";
import {
  findMetric,
  formatMetric,
  isLogged,
  isStatistic,
  METRICS,
  type Metric,
} from "../../model/overlay/metrics";
import {
  pointAtStep,
  pointNearStep,
  rangeOfTrend,
  readTrend,
  type Trend,
} from "../../model/overlay/trend";
import { followTrend, statisticsStep } from "../../state/layer_statistics";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";
import { Section } from "./facts";

/** Whoever goes from layer to layer does not ask for each on the way, in ms. */
const REST = 150;

/** The section, in a run that can have any of it; asks when a layer is rested on. */
export function LayerTrends({ store, path }: { store: Store; path: string }) {
  const [wanted, setWanted] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setWanted(true), REST);
    return () => clearTimeout(timer);
  }, []);
  const steps = store.runInfo.value?.steps ?? {};
  const any = METRICS.some((metric) => isStatistic(metric) && isLogged(metric, steps));
  if (!any) {
    return null;
  }
  return (
    <Section title="While training">
      {wanted ? (
        <Trends store={store} path={path} />
      ) : (
        <p class="kv-muted kv-trends-note">Loading…</p>
      )}
    </Section>
  );
}

function Trends({ store, path }: { store: Store; path: string }) {
  const followed = useMemo(() => followTrend(store, path), [store, path]);
  useEffect(() => followed.dispose, [followed]);
  const loadable = followed.value.value;
  const answer = shownValue(loadable);
  const trends = useMemo(
    () =>
      (answer?.columns ?? []).flatMap((column) => {
        const metric = findMetric(column.name);
        const trend = readTrend(column);
        return metric === null || trend === null ? [] : [{ metric, trend }];
      }),
    [answer],
  );
  if (loadable.state === "error") {
    return <p class="kv-error-text">{loadable.message}</p>;
  }
  if (answer === undefined) {
    return <p class="kv-muted kv-trends-note">Loading…</p>;
  }
  if (trends.length === 0) {
    return (
      <p class="kv-muted kv-trends-note">
        Nothing of this layer is logged: it has no trainable variables, and its outputs
        are in no capture.
      </p>
    );
  }
  return (
    <div class="kv-trends">
      {trends.map(({ metric, trend }) => (
        <TrendRow key={metric.id} store={store} metric={metric} trend={trend} />
      ))}
    </div>
  );
}

function TrendRow({
  store,
  metric,
  trend,
}: {
  store: Store;
  metric: Metric;
  trend: Trend;
}) {
  const hovered = useSignal<number | null>(null);
  const step = statisticsStep(store);
  const shown = step === null ? null : pointAtStep(trend, step);
  const at = hovered.value ?? shown;
  const colored = store.color.value === metric.id;
  const range = rangeOfTrend(trend);
  const constant = range !== null && range.low === range.high && isAllFinite(trend);
  return (
    <div class="kv-trend">
      <div class="kv-trend-head">
        <button
          type="button"
          class="kv-arch-link"
          aria-pressed={colored}
          title={`${metric.definition}.\nClick to colour the graph by it.`}
          onClick={() => store.setColor(colored ? null : metric.id)}
        >
          {metric.title}
        </button>
        <output class="kv-trend-value">
          {at === null ? (
            <span class="kv-muted">none up to this step</span>
          ) : (
            <>
              <strong>{formatMetric(metric, trend.values[at] ?? Number.NaN)}</strong>
              <span class="kv-muted"> step {formatCount(trend.steps[at] ?? 0)}</span>
            </>
          )}
        </output>
      </div>
      {constant ? (
        <p class="kv-muted kv-trends-note">
          the same at all {formatCount(trend.steps.length)} points
        </p>
      ) : (
        <Curve
          store={store}
          metric={metric}
          trend={trend}
          shown={shown}
          hovered={hovered.value}
          onHover={(point) => {
            hovered.value = point;
          }}
        />
      )}
    </div>
  );
}

function isAllFinite({ values }: Trend): boolean {
  return values.every((value) => value === null || Number.isFinite(value));
}

function Curve({
  store,
  metric,
  trend,
  shown,
  hovered,
  onHover,
}: {
  store: Store;
  metric: Metric;
  trend: Trend;
  shown: number | null;
  hovered: number | null;
  onHover: (point: number | null) => void;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const dark = store.page.dark.value;
  const paint = useCallback<Paint>(
    (context, wide, high) => {
      const scale = trendScale(trend, wide, high);
      paintTrend(context, trend, scale, { shown, hovered }, high, themeColors());
    },
    [trend, shown, hovered, dark],
  );
  const range = rangeOfTrend(trend);
  const ends =
    range === null ? [] : [range.high, range.low].map((v) => formatMetric(metric, v));
  const last = trend.steps.length - 1;
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      const from = hovered ?? shown ?? last;
      onHover(Math.min(last, Math.max(0, from + by)));
      event.preventDefault();
    } else if (event.key === "Escape" && hovered !== null) {
      onHover(null);
      event.stopPropagation();
    }
  };
  return (
    <div class="kv-trend-plot">
      <div
        ref={box}
        class="kv-trend-curve"
        role="slider"
        aria-label={`${metric.title} over steps`}
        aria-valuemin={trend.steps[0] ?? 0}
        aria-valuemax={trend.steps[last] ?? 0}
        aria-valuenow={trend.steps[hovered ?? shown ?? last] ?? 0}
        aria-valuetext={valueText(metric, trend, hovered ?? shown)}
        title={trend.cut === "" ? undefined : `Each point: ${trend.cut}`}
        tabIndex={0}
        onPointerMove={(event) => {
          const left = event.currentTarget.getBoundingClientRect().left;
          const scale = trendScale(trend, width, height);
          onHover(pointNearStep(trend, scale.stepAt(event.clientX - left)));
        }}
        onPointerLeave={() => onHover(null)}
        onBlur={() => onHover(null)}
        onKeyDown={onKeyDown}
      >
        <PaintedCanvas paint={paint} />
      </div>
      <div class="kv-trend-ends" title={range?.log ? "Logarithmic" : undefined}>
        {ends.map((end, i) => (
          <span key={i}>{end}</span>
        ))}
      </div>
    </div>
  );
}

function valueText(metric: Metric, trend: Trend, at: number | null): string {
  const value = at === null ? null : (trend.values[at] ?? null);
  const step = at === null ? "" : ` at step ${trend.steps[at]}`;
  return value === null ? `nothing${step}` : `${formatMetric(metric, value)}${step}`;
}
