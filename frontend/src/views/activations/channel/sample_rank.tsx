/** The selected channel for every sample, the one that excites it most first. */

import { useComputed } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { Choices } from "../../../components/choices";
import { ColorBar } from "../../../components/color_bar";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { SIGN_COLORS } from "../../../draw/bars";
import { rangeWithZero } from "../../../draw/line_plot";
import { paintSparkLine } from "../../../draw/spark_line";
import { createMapCanvas } from "../../../draw/stage";
import { type ColorScale, createColorScale } from "../../../model/color_scale";
import { STATS } from "../../../model/definitions";
import { formatValue } from "../../../model/format";
import {
  type RankedSample,
  rangeOverSamples,
  rankSamples,
} from "../../../model/sample_rank";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { followSamples } from "../../../state/channel_data";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { addStyle, themeColors } from "../../../theme/theme";
import { useFollowed } from "../../use_followed";
import { sampleName } from "../samples/sample_name";
import { type RankBy, rankBy } from "./channel_options";
import css from "./sample_rank.css?inline";

addStyle(css);

const ORDERS: readonly RankBy[] = ["max", "mean"];

/** A strip of small maps; a click goes to that sample. */
export function SampleRank({
  store,
  state,
  data,
  channel,
  signed,
  dark,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  channel: number;
  /** Whether colours are centred at zero. */
  signed: boolean;
  dark: boolean;
}) {
  const parts = useFollowed(() => followSamples(store, state), [store, state]);
  const by = rankBy.value;
  const ranked = useMemo(() => {
    const ready = [...parts].flatMap(([sample, part]) =>
      part.state === "ready" && channel < part.value.entry.channels
        ? [[sample, part.value] as const]
        : [],
    );
    return rankSamples(ready, channel, by);
  }, [parts, channel, by]);
  const count = state.samples.value;
  const failed = [...parts.values()].find((part) => part.state === "error");
  const range = rangeOverSamples(ranked, channel);
  const scale =
    range === null ? null : createColorScale(range.low, range.high, dark, signed);
  if (count < 2) {
    return null;
  }
  const unit = unitName(data);
  const definition = STATS.find(({ name }) => name === by)?.definition ?? "";
  return (
    <section class="kv-rank" aria-label="Samples by what excites it">
      <div class="kv-rank-head">
        <h3 title={`All kept samples, by the ${by} of this ${unit}. ${definition}`}>
          Strongest samples
        </h3>
        {data.entry.kind !== "vector" && <RankSwitch unit={unit} />}
        {ranked.length < count && failed === undefined && (
          <span class="kv-muted" role="status">
            {ranked.length} of {count}
          </span>
        )}
        {failed?.state === "error" && (
          <span class="kv-error-text" title={failed.message}>
            {count - ranked.length} of {count} could not be read
          </span>
        )}
        {scale !== null && data.entry.kind === "map" && <ColorBar scale={scale} />}
      </div>
      {data.entry.kind === "vector" || data.positionOf(channel) === null ? (
        <RankBars store={store} state={state} ranked={ranked} dark={dark} />
      ) : (
        <RankStrip
          store={store}
          state={state}
          ranked={ranked}
          channel={channel}
          scale={scale}
          dark={dark}
        />
      )}
    </section>
  );
}

function RankSwitch({ unit }: { unit: string }) {
  return (
    <Choices
      label="Rank by"
      choices={ORDERS.map((one) => ({
        value: one,
        title: one,
        hint: `Ranks the samples by the ${one} of this ${unit}`,
      }))}
      chosen={rankBy.value}
      onChoose={(one) => {
        rankBy.value = one;
      }}
    />
  );
}

/** The arrows go from sample to sample here, and to other channels elsewhere. */
function walkSamples(event: KeyboardEvent): void {
  const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
  const strip = event.currentTarget as HTMLElement;
  const tiles = [...strip.querySelectorAll<HTMLElement>("button")];
  const at = tiles.indexOf(document.activeElement as HTMLElement);
  if (by !== undefined && at >= 0) {
    tiles[at + by]?.focus();
    event.preventDefault();
    event.stopPropagation();
  }
}

function RankStrip({
  store,
  state,
  ranked,
  channel,
  scale,
  dark,
}: {
  store: Store;
  state: ActivationsState;
  ranked: readonly RankedSample[];
  channel: number;
  scale: ColorScale | null;
  dark: boolean;
}) {
  const probe = shownValue(state.probe.value);
  const current = state.sample.value;
  const first = ranked.findIndex(({ sample }) => sample === current);
  const strip = useRef<HTMLDivElement>(null);
  // Wherever the shown sample ranks, it is in sight.
  useLayoutEffect(() => {
    const shown = strip.current?.children[first];
    shown?.scrollIntoView?.({ block: "nearest", inline: "nearest" });
  }, [first]);
  return (
    <div
      ref={strip}
      class="kv-rank-strip"
      role="group"
      aria-label="Samples, ranked"
      onKeyDown={walkSamples}
    >
      {ranked.map((one, place) => {
        const name = sampleName(probe, one.sample);
        const value = formatValue(one.value);
        return (
          <button
            key={one.sample}
            type="button"
            class="kv-rank-tile"
            aria-pressed={one.sample === current}
            aria-label={`${name}: ${value}, ranked ${place + 1} of ${ranked.length}`}
            title={`${name} (number ${one.sample} of the probe): ${rankBy.value} ${value}`}
            tabIndex={place === Math.max(0, first) ? 0 : -1}
            onClick={() => store.setSample(one.sample)}
          >
            <RankPicture
              state={state}
              one={one}
              channel={channel}
              scale={scale}
              dark={dark}
            />
            <span class="kv-rank-value">{value}</span>
            <span class="kv-ellipsis kv-rank-name">
              <bdi>{name.slice(0, 100)}</bdi>
            </span>
          </button>
        );
      })}
    </div>
  );
}

/** Values alone, where there are no maps to see. */
function RankBars({
  store,
  state,
  ranked,
  dark,
}: {
  store: Store;
  state: ActivationsState;
  ranked: readonly RankedSample[];
  dark: boolean;
}) {
  const probe = shownValue(state.probe.value);
  const current = state.sample.value;
  const colors = SIGN_COLORS[dark ? "dark" : "light"];
  const range = rangeWithZero(ranked.map(({ value }) => value));
  const span = range.high - range.low || 1;
  const place = (value: number) => (100 * (value - range.low)) / span;
  const first = ranked.findIndex(({ sample }) => sample === current);
  return (
    <div
      class="kv-rank-bars"
      role="group"
      aria-label="Samples, ranked"
      onKeyDown={walkSamples}
    >
      {ranked.map(({ sample, value }, at) => {
        const name = sampleName(probe, sample);
        const [from, to] = [place(Math.min(0, value)), place(Math.max(0, value))];
        return (
          <button
            key={sample}
            type="button"
            class="kv-rank-row"
            aria-pressed={sample === current}
            aria-label={`${name}: ${formatValue(value)}, ranked ${at + 1} of ${ranked.length}`}
            title={`${name} (number ${sample} of the probe)`}
            tabIndex={at === Math.max(0, first) ? 0 : -1}
            onClick={() => store.setSample(sample)}
          >
            <span class="kv-ellipsis">
              <bdi>{name.slice(0, 100)}</bdi>
            </span>
            <span class="kv-rank-bar">
              {Number.isFinite(value) && (
                <span
                  style={{
                    left: `${from}%`,
                    width: `${to - from}%`,
                    background: value < 0 ? colors.below : colors.above,
                  }}
                />
              )}
            </span>
            <span class="kv-rank-value">{formatValue(value)}</span>
          </button>
        );
      })}
    </div>
  );
}

const SIDE = 64;

function RankPicture({
  state,
  one,
  channel,
  scale,
  dark,
}: {
  state: ActivationsState;
  one: RankedSample;
  channel: number;
  scale: ColorScale | null;
  dark: boolean;
}) {
  const { data } = one;
  const { kind, kept_map } = data.entry;
  const position = data.positionOf(channel);
  // Only what is drawn over a map is drawn anew as the pointer moves.
  const pointer = useComputed(() => (kind === "map" ? state.pointer.value : null));
  const [height, width] = kept_map;
  const [low, high] = [scale?.low ?? 0, scale?.high ?? 0];
  const map = useMemo(
    () =>
      position === null || scale === null || kind === "sequence"
        ? null
        : createMapCanvas(data, position, scale),
    [data, position, kind, low, high, scale?.kind, dark],
  );
  const at = pointer.value;
  const paint = useCallback<Paint>(
    (context, wide, tall) => {
      if (map !== null) {
        context.imageSmoothingEnabled = wide < width;
        context.drawImage(map, 0, 0, wide, tall);
      } else if (kind === "sequence" && position !== null) {
        const values = Array.from({ length: data.cells }, (_, cell) =>
          data.valueAt(position, cell),
        );
        const color = themeColors();
        const colors = { line: color("accent"), zero: color("border-strong") };
        paintSparkLine(context, values, { low, high }, wide, tall, colors);
      }
      if (at !== null) {
        context.beginPath();
        context.arc(at.x * wide, at.y * tall, 3, 0, 2 * Math.PI);
        context.strokeStyle = "rgb(0 0 0 / 75%)";
        context.lineWidth = 3;
        context.stroke();
        context.strokeStyle = "#ffffff";
        context.lineWidth = 1.2;
        context.stroke();
      }
    },
    [map, data, position, low, high, at, dark],
  );
  if (position === null || kind === "vector") {
    return null;
  }
  const flat = kind === "sequence" ? 0.5 : height / Math.max(1, width);
  const zoom = Math.min(1, 1 / flat);
  return (
    <span
      class="kv-rank-picture"
      style={{ width: `${SIDE * zoom}px`, height: `${SIDE * zoom * flat}px` }}
    >
      <PaintedCanvas paint={paint} class="kv-fill" />
    </span>
  );
}
