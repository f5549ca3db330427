/** What is saved of a layer's output, or of one of its channels. */

import { ACTIVATION_STATS, type LayerActivation } from "../../wire/generated";
import type { ActivationData, StatName } from "../tensor_view";
import type { UnitData } from "../units/unit_data";
import type { ArrayFile, NamedArray } from "./arrays";
import { type CsvCell, csvLine } from "./csv";

/** Where a capture is from. */
export interface FileContext {
  readonly run: string;
  readonly step: number;
  readonly sample: number;
  /** Label of the sample; empty if it has none. */
  readonly label: string;
}

/** Largest value of float32, which values are cut to, as `load()` does. */
const PEAK = 3.4028234663852886e38;

/**
 * All kept maps of a layer, with the statistics of all of its channels.
 *
 * `maps` float32 `[K, h, w]`, `channels` int64 `[K]` (their indices in the output),
 * `stats` float32 `[C, S]`, whose columns `metadata` names.
 *
 * @param units Over all samples: `unit_stats` `[C, S]` and `histogram` `[C, B]`.
 */
export function layerFile(
  data: ActivationData,
  context: FileContext,
  units: UnitData | null,
): ArrayFile {
  const positions = Array.from({ length: data.count }, (_, position) => position);
  const channels = Array.from({ length: data.entry.channels }, (_, index) => index);
  return {
    arrays: [
      mapsArray(data, positions),
      {
        name: "channels",
        shape: [data.count],
        values: BigInt64Array.from(data.entry.kept_channels, BigInt),
      },
      ...statArrays(data, channels, units),
    ],
    metadata: describe(data.entry, context),
  };
}

/**
 * One channel: `map` float32 `[h, w]`, if it was kept, and `stats` float32 `[S]`.
 *
 * @param units Over all samples: `unit_stats` `[S]` and `histogram` `[B]`.
 */
export function channelFile(
  data: ActivationData,
  channel: number,
  context: FileContext,
  units: UnitData | null,
): ArrayFile {
  const position = data.positionOf(channel);
  const maps = position === null ? null : mapsArray(data, [position]);
  return {
    arrays: [
      ...(maps === null ? [] : [{ ...maps, name: "map", shape: maps.shape.slice(1) }]),
      ...statArrays(data, [channel], units).map((array) => ({
        ...array,
        shape: array.shape.slice(1),
      })),
    ],
    metadata: { ...describe(data.entry, context), channel: String(channel) },
  };
}

/** Statistics of all channels, a line each; over all samples beside this sample's. */
export function statisticsCsv(data: ActivationData, units: UnitData | null): string[] {
  const bounded = units !== null && units.saturated(0) !== null;
  const titles = [
    ...["channel", "map_kept"],
    ...ACTIVATION_STATS,
    ...(units === null ? [] : ACTIVATION_STATS.map((name) => `all_samples_${name}`)),
    ...(bounded ? ["all_samples_saturated"] : []),
  ];
  const line = (channel: number): CsvCell[] => [
    channel,
    data.positionOf(channel) === null ? "no" : "yes",
    ...ACTIVATION_STATS.map((name) => data.stat(channel, name)),
    ...(units === null
      ? []
      : ACTIVATION_STATS.map((name) => units.stat(channel, name))),
    ...(bounded ? [units.saturated(channel) ?? Number.NaN] : []),
  ];
  return [
    csvLine(titles),
    ...Array.from({ length: data.entry.channels }, (_, channel) =>
      csvLine(line(channel)),
    ),
  ];
}

/** One channel over steps, a line each. */
export function trendCsv(
  steps: readonly number[],
  columns: readonly { readonly name: string; readonly values: readonly number[] }[],
): string[] {
  return [
    csvLine(["step", ...columns.map(({ name }) => name)]),
    ...steps.map((step, at) =>
      csvLine([step, ...columns.map(({ values }) => values[at] ?? Number.NaN)]),
    ),
  ];
}

function mapsArray(data: ActivationData, positions: readonly number[]): NamedArray {
  const [height, width] = data.entry.kept_map;
  const values = new Float32Array(positions.length * data.cells);
  positions.forEach((position, at) => {
    for (let cell = 0; cell < data.cells; cell += 1) {
      const value = data.valueAt(position, cell);
      values[at * data.cells + cell] = Number.isFinite(value)
        ? Math.min(PEAK, Math.max(-PEAK, value))
        : value;
    }
  });
  return { name: "maps", shape: [positions.length, height, width], values };
}

function statArrays(
  data: ActivationData,
  channels: readonly number[],
  units: UnitData | null,
): NamedArray[] {
  const table = (of: (channel: number, name: StatName) => number) =>
    Float32Array.from(
      channels.flatMap((channel) => ACTIVATION_STATS.map((name) => of(channel, name))),
    );
  const shape = [channels.length, ACTIVATION_STATS.length];
  const stats = {
    name: "stats",
    shape,
    values: table((channel, name) => data.stat(channel, name)),
  };
  if (units === null) {
    return [stats];
  }
  const histogram = new Uint32Array(channels.length * units.bins);
  channels.forEach((channel, at) => {
    histogram.set(units.histogram(channel), at * units.bins);
  });
  return [
    stats,
    {
      name: "unit_stats",
      shape,
      values: table((channel, name) => units.stat(channel, name)),
    },
    { name: "histogram", shape: [channels.length, units.bins], values: histogram },
  ];
}

function describe(
  entry: LayerActivation,
  context: FileContext,
): Readonly<Record<string, string>> {
  return {
    run: context.run,
    step: String(context.step),
    layer: entry.path,
    class_name: entry.class_name,
    call: String(entry.call),
    output: String(entry.output),
    sample: String(context.sample),
    label: context.label,
    kind: entry.kind,
    shape: JSON.stringify(entry.shape),
    full_map: JSON.stringify(entry.full_map),
    dtype: entry.dtype,
    stat_columns: JSON.stringify(ACTIVATION_STATS),
    cut: entry.cut,
  };
}
