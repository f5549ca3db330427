/** One output of one layer for one sample: maps, values and statistics. */

import { WireError } from "../wire/decode";
import { ACTIVATION_STATS, type LayerActivation } from "../wire/generated";
import { type Tensors, takeTensor } from "../wire/safetensors";
import { type ChannelMaps, rangeOfAll } from "./channels/channel_maps";
import type { ValueRange } from "./value_range";

/** Name of a statistic of a channel. */
export type StatName = (typeof ACTIVATION_STATS)[number];

const NONFINITE_VALUES = [0, Number.NaN, Number.POSITIVE_INFINITY, -Infinity] as const;

/**
 * Reads what a member of a capture holds.
 *
 * `position` is where a channel's map lies among the kept ones, `channel` its
 * index in the layer's output.
 */
export class ActivationData implements ChannelMaps {
  /** Cells of one map. */
  readonly cells: number;
  private readonly positions: ReadonlyMap<number, number>;

  private constructor(
    readonly entry: LayerActivation,
    readonly codes: Uint8Array,
    private readonly scale: Float32Array,
    private readonly offset: Float32Array,
    readonly nonfinite: Uint8Array | null,
    private readonly stats: Float32Array,
    /**
     * 0 where a time step (a key, of attention) is masked, one per column of a map;
     * null where there is no mask.
     */
    readonly mask: Uint8Array | null,
  ) {
    this.cells = entry.kept_map[0] * entry.kept_map[1];
    this.positions = new Map(entry.kept_channels.map((channel, at) => [channel, at]));
  }

  /**
   * Checks that the arrays are those that the index speaks of.
   *
   * @param tensors Arrays of the member.
   * @param entry The index's entry that it belongs to.
   */
  static create(tensors: Tensors, entry: LayerActivation): ActivationData {
    const what = `The activation of ${entry.path.slice(0, 200)}`;
    const kept = [entry.kept_channels.length, ...entry.kept_map];
    const take = <T extends Uint8Array | Float32Array>(
      name: string,
      type: abstract new (...args: never[]) => T,
      shape: readonly number[],
    ): T => {
      const tensor = takeTensor(tensors, name, type, what);
      if (tensor.shape.join() !== shape.join()) {
        throw new WireError(
          `${what} does not fit its index: ${name} is [${tensor.shape.join(", ")}] ` +
            `for [${shape.join(", ")}].`,
        );
      }
      return tensor.values;
    };
    return new ActivationData(
      entry,
      take("maps", Uint8Array, kept),
      take("scale", Float32Array, kept.slice(0, 1)),
      take("offset", Float32Array, kept.slice(0, 1)),
      tensors.has("nonfinite") ? take("nonfinite", Uint8Array, kept) : null,
      take("stats", Float32Array, [entry.channels, ACTIVATION_STATS.length]),
      tensors.has("mask") ? take("mask", Uint8Array, entry.kept_map.slice(1)) : null,
    );
  }

  /** Number of maps that were kept. */
  get count(): number {
    return this.entry.kept_channels.length;
  }

  /** Index, in the layer's output, of the channel at a position. */
  channelAt(position: number): number {
    return this.entry.kept_channels[position] ?? -1;
  }

  /** Position of a channel's map; null if it was not kept. */
  positionOf(channel: number): number | null {
    return this.positions.get(channel) ?? null;
  }

  /** Value that a code stands for in the map at a position. */
  decode(position: number, code: number): number {
    return (this.offset[position] ?? 0) + (this.scale[position] ?? 0) * code;
  }

  /** Code of what kind of number a cell holds; see `NONFINITE_NAMES`. */
  markAt(position: number, cell: number): number {
    return (this.nonfinite?.[position * this.cells + cell] ?? 0) & 3;
  }

  /** Value of a cell; NaN and infinities as they are. */
  valueAt(position: number, cell: number): number {
    const mark = this.markAt(position, cell);
    return mark === 0
      ? this.decode(position, this.codes[position * this.cells + cell] ?? 0)
      : (NONFINITE_VALUES[mark] ?? Number.NaN);
  }

  /** Range of the map at a position; null if nothing in it is finite. */
  rangeOf(position: number): ValueRange | null {
    if (this.nonfinite !== null) {
      const start = position * this.cells;
      const marks = this.nonfinite.subarray(start, start + this.cells);
      if (marks.every((mark) => (mark & 3) !== 0)) {
        return null;
      }
    }
    return { low: this.decode(position, 0), high: this.decode(position, 255) };
  }

  /** Range of all kept maps; zero to zero if nothing is finite. */
  range(): ValueRange {
    return rangeOfAll(this) ?? { low: 0, high: 0 };
  }

  /** A statistic of a channel, over its unreduced values. */
  stat(channel: number, name: StatName): number {
    const column = ACTIVATION_STATS.indexOf(name);
    return this.stats[channel * ACTIVATION_STATS.length + column] ?? Number.NaN;
  }

  /** Whether all of a channel's values are finite and one and the same. */
  isConstant(channel: number): boolean {
    return (
      this.stat(channel, "nonfinite") === 0 &&
      this.stat(channel, "min") === this.stat(channel, "max")
    );
  }

  /** Whether a channel has a value that is not finite. */
  isBroken(channel: number): boolean {
    return this.stat(channel, "nonfinite") > 0;
  }

  /** Most that a value of the map at a position was rounded by for the log. */
  rounding(position: number): number {
    return (this.scale[position] ?? 0) / 2;
  }

  /**
   * The one value of a unit of a vector, also where its map was not kept.
   *
   * A unit without a finite value is NaN unless its map says what it was.
   */
  unitValue(channel: number): number {
    const position = this.positionOf(channel);
    return position === null ? this.stat(channel, "mean") : this.valueAt(position, 0);
  }
}

/** What one channel of an output is called. */
export type UnitName = "channel" | "unit" | "head";

const UNIT_NAMES = {
  map: "channel",
  sequence: "unit",
  vector: "unit",
  attention: "head",
} as const;

/** What one channel of such an output is called. */
export function unitName(data: ActivationData): UnitName {
  return UNIT_NAMES[data.entry.kind];
}

const known = new WeakMap<Tensors, ActivationData>();

/** As `ActivationData.create`, and the same object for the same arrays. */
export function activationData(
  tensors: Tensors,
  entry: LayerActivation,
): ActivationData {
  const before = known.get(tensors);
  if (before !== undefined && before.entry === entry) {
    return before;
  }
  const data = ActivationData.create(tensors, entry);
  known.set(tensors, data);
  return data;
}
