/** One channel, large, with its statistics. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { Icon } from "../../components/icons";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { countValues, paintHistogram } from "../../draw/histogram";
import { paintLargeMap } from "../../draw/large_map";
import { type LineScale, lineScale, paintLine } from "../../draw/line_plot";
import type { ColorScale } from "../../model/color_scale";
import { STATS } from "../../model/definitions";
import { formatValue } from "../../model/format";
import { type ActivationData, unitName } from "../../model/tensor_view";
import { themeColors } from "../../theme/theme";
import type { ScaleOf } from "./presentation";
import { formatStat } from "./statistics_table";

const BINS = 32;

/** Shows a channel; arrow keys go on to the next, Escape goes back to all. */
export function ChannelDetail({
  data,
  channel,
  scaleOf,
  dark,
  onGo,
}: {
  data: ActivationData;
  channel: number;
  scaleOf: ScaleOf;
  dark: boolean;
  /** Goes to another channel; null = back to all of them. */
  onGo: (channel: number | null) => void;
}) {
  const root = useRef<HTMLElement>(null);
  const last = data.entry.channels - 1;
  const position = data.positionOf(channel);
  const unit = unitName(data);

  // The keys work at once, without a click into the picture first.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      onGo(null);
    } else if (event.key === "ArrowLeft" && channel > 0) {
      onGo(channel - 1);
    } else if (event.key === "ArrowRight" && channel < last) {
      onGo(channel + 1);
    } else {
      return;
    }
    event.preventDefault();
  };
  const scale = position === null ? null : scaleOf(position);
  return (
    <section
      ref={root}
      class="kv-detail"
      aria-label={`${unit} ${channel}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div class="kv-detail-head">
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label={`Previous ${unit}`}
          title={`Previous ${unit} (left arrow)`}
          disabled={channel === 0}
          onClick={() => onGo(channel - 1)}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label={`Next ${unit}`}
          title={`Next ${unit} (right arrow)`}
          disabled={channel >= last}
          onClick={() => onGo(channel + 1)}
        >
          <Icon name="next" />
        </button>
        <h3>
          {unit} {channel} <span class="kv-muted">of 0 to {last}</span>
        </h3>
        {scale !== null && data.entry.kind === "map" && <ColorBar scale={scale} />}
        <button
          type="button"
          class="kv-button"
          title="Back to all of them (Escape)"
          onClick={() => onGo(null)}
        >
          <Icon name="close" />
          All {unit}s
        </button>
      </div>
      <div class="kv-detail-body">
        {position === null || scale === null ? (
          <p class="kv-detail-missing kv-muted">
            The {data.entry.kind === "sequence" ? "values" : "map"} of this {unit} were
            left out of the capture ({data.entry.cut}); its statistics are complete.
            More is kept with a larger capture_mb.
          </p>
        ) : data.entry.kind === "sequence" ? (
          <LargeLine data={data} position={position} dark={dark} />
        ) : (
          <LargeMap data={data} position={position} scale={scale} dark={dark} />
        )}
        <StatisticsPanel data={data} channel={channel} unit={unit} dark={dark} />
      </div>
    </section>
  );
}

function StatisticsPanel({
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

function LargeMap({
  data,
  position,
  scale,
  dark,
}: {
  data: ActivationData;
  position: number;
  scale: ColorScale;
  dark: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const [height, width] = data.entry.kept_map;
  const zoom = Math.min(size.width / width, size.height / height);
  // Whole pixels per cell, where that loses little.
  const cell = zoom > 4 ? Math.floor(zoom) : zoom;
  const paint = useCallback<Paint>(
    (context) => paintLargeMap(context, data, position, scale, cell),
    [data, position, scale, cell, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor((event.clientX - at.left) / cell);
    const row = Math.floor((event.clientY - at.top) / cell);
    hover.value =
      row < 0 || column < 0 || row >= height || column >= width
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [
              formatValue(data.valueAt(position, row * width + column)),
              `row ${row}, column ${column}`,
            ],
          };
  };
  return (
    <div ref={box} class="kv-detail-map">
      <div
        class="kv-detail-canvas"
        style={{ width: `${cell * width}px`, height: `${cell * height}px` }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Map of the channel" />
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}

function LargeLine({
  data,
  position,
  dark,
}: {
  data: ActivationData;
  position: number;
  dark: boolean;
}) {
  const hover = useSignal<Hover | null>(null);
  const values = Array.from({ length: data.cells }, (_, cell) =>
    data.valueAt(position, cell),
  );
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const scale = lineScale(values, width, height);
      paintLine(context, values, scale, themeColors(), "time step");
    },
    [data, position, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const scale: LineScale = lineScale(values, box.width, box.height);
    const step = scale.indexAt(event.clientX - box.left);
    const value = step === null ? undefined : values[step];
    hover.value =
      value === undefined
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [formatValue(value), `time step ${step}`],
          };
  };
  return (
    <div class="kv-detail-map">
      <div
        class="kv-fill"
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Values of the unit" />
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}
