/** Says what the colours of the graph stand for. */

import { useSignal } from "@preact/signals";
import { Icon } from "../../components/icons";
import { NO_DATA_COLORS } from "../../draw/overlay_colors";
import {
  NONFINITE_COLORS,
  NONFINITE_SIGNS,
  scaleGradient,
} from "../../model/color_scale";
import { formatCount } from "../../model/format";
import { isStatistic, type LoggedKind, type Metric } from "../../model/overlay/metrics";
import {
  INFINITE_LEVEL,
  NAN_LEVEL,
  NO_DATA_LEVEL,
  type OverlayScale,
  ZERO_LEVEL,
} from "../../model/overlay/overlay_scale";
import { type Loadable, shownValue } from "../../state/loadable";
import { addStyle } from "../../theme/theme";
import type { LayerStatistics } from "../../wire/generated";
import type { NodeOverlay } from "./node_overlay";
import css from "./overlay.css?inline";

addStyle(css);

const HOW_TO_LOG: Record<LoggedKind, string> = {
  dynamics: "KerasViz(dynamics=1) logs it at every step",
  weights: 'KerasViz(weights="epoch") logs it after every epoch',
  activations: 'KerasViz(probe=..., activations="epoch") logs it after every epoch',
};

/** Colours with their numbers and units, what is not on the scale, and the step. */
export function OverlayLegend({
  metric,
  overlay,
  groups,
  statistics,
  step,
  dark,
  onClose,
}: {
  metric: Metric;
  /** null = nothing is drawn yet; its room is kept, so that nothing jumps. */
  overlay: NodeOverlay | null;
  /** Whether the graph has groups that can be closed. */
  groups: boolean;
  statistics: Loadable<LayerStatistics>;
  /** The step that is shown. */
  step: number | null;
  dark: boolean;
  onClose: () => void;
}) {
  const explained = useSignal(false);
  return (
    <section class="kv-overlay-legend" aria-label="Colours of the layers">
      <h3 title={metric.definition}>
        {metric.title}
        {metric.unit !== "" && <span class="kv-muted"> {metric.unit}</span>}
      </h3>
      {overlay === null && <div class="kv-overlay-ramp" />}
      {overlay?.scale != null && <Ramp scale={overlay.scale} />}
      {overlay !== null && <Marks overlay={overlay} dark={dark} />}
      {statistics.state === "error" && (
        <p class="kv-error-text">{statistics.message}</p>
      )}
      {overlay !== null && isStatistic(metric) && statistics.state !== "error" && (
        <StepLine
          metric={metric}
          at={overlay.values.step}
          step={step}
          statistics={statistics}
        />
      )}
      {groups && <p class="kv-muted">{groupRule(metric)}</p>}
      <span class="kv-overlay-buttons">
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="What it is"
          aria-expanded={explained.value}
          title="What it is"
          onClick={() => {
            explained.value = !explained.value;
          }}
        >
          i
        </button>
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="Colour by kind of layer again"
          title="Colour by kind of layer again"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </span>
      {explained.value && <p class="kv-overlay-definition">{metric.definition}.</p>}
    </section>
  );
}

function groupRule(metric: Metric): string {
  return isStatistic(metric)
    ? "Closed groups: their own value, else the largest inside"
    : "Closed groups: the sum of what is inside";
}

function Ramp({ scale }: { scale: OverlayScale }) {
  const texts = scale.ticks.map((tick) => tick.text);
  const kind = {
    linear: "linear",
    log: "logarithmic",
    diverging: "zero in the middle",
  }[scale.kind];
  return (
    <div
      class="kv-overlay-ramp"
      role="img"
      aria-label={`Colours at ${texts.join(", ")}; ${kind}`}
      title={`Scale: ${kind}`}
    >
      <div style={{ background: scaleGradient(scale.colors) }} />
      {scale.ticks.map(({ at, text }) => (
        <span
          key={at}
          style={{ left: `${at * 100}%`, transform: `translateX(${-at * 100}%)` }}
        >
          {text}
        </span>
      ))}
    </div>
  );
}

/** What is not on the scale, as far as it is on the screen. */
function Marks({ overlay, dark }: { overlay: NodeOverlay; dark: boolean }) {
  const count = (level: number): number => overlay.apart.get(level) ?? 0;
  const missing = count(NO_DATA_LEVEL);
  const marks = [
    {
      level: ZERO_LEVEL,
      name: "zero",
      count: count(ZERO_LEVEL),
      class: "kv-overlay-zero",
    },
    {
      level: NO_DATA_LEVEL,
      name: isStatistic(overlay.metric) ? "no data" : "unknown",
      count: missing,
      class: "kv-overlay-hatched",
    },
  ];
  const broken = [
    { code: 1, name: "NaN", count: count(NAN_LEVEL) },
    { code: 2, name: "infinite", count: count(INFINITE_LEVEL) },
  ] as const;
  return (
    <ul class="kv-overlay-marks">
      {marks
        .filter((mark) => mark.count > 0)
        .map((mark) => (
          <li key={mark.name}>
            <span
              class={`kv-arch-swatch ${mark.class}`}
              style={
                mark.level === NO_DATA_LEVEL
                  ? { backgroundColor: NO_DATA_COLORS[dark ? "dark" : "light"] }
                  : undefined
              }
            />
            {mark.name} <span class="kv-muted">({formatCount(mark.count)})</span>
          </li>
        ))}
      {broken
        .filter((mark) => mark.count > 0)
        .map((mark) => (
          <li key={mark.name} class="kv-overlay-broken">
            <span
              class="kv-arch-swatch"
              style={{ background: NONFINITE_COLORS[mark.code] }}
            />
            {NONFINITE_SIGNS[mark.code]} {mark.name}{" "}
            <span class="kv-muted">({formatCount(mark.count)})</span>
          </li>
        ))}
    </ul>
  );
}

function StepLine({
  metric,
  at,
  step,
  statistics,
}: {
  metric: Metric;
  at: number | null;
  step: number | null;
  statistics: Loadable<LayerStatistics>;
}) {
  if (statistics.state === "loading" && shownValue(statistics) === undefined) {
    return <p class="kv-muted">Loading…</p>;
  }
  if (at === null) {
    const [kind] = metric.from;
    return (
      <p>
        None of it is logged up to this step.{" "}
        {kind !== undefined && <span class="kv-muted">{HOW_TO_LOG[kind]}.</span>}
      </p>
    );
  }
  const before = step !== null && at < step;
  return (
    <p aria-busy={statistics.state === "loading"}>
      step {formatCount(at)}
      {before && <span class="kv-muted"> (the last that has it)</span>}
    </p>
  );
}
