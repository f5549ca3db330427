/** The difference of two captures of a layer, cell by cell. */

import type { LayerActivation } from "../../wire/generated";
import type { ActivationData } from "../tensor_view";
import type { ValueRange } from "../value_range";
import type { ChannelMaps } from "./channel_maps";

/** Why two outputs cannot be subtracted; empty if they can. */
export function findMisfit(a: LayerActivation, b: LayerActivation): string {
  if (a.kind !== b.kind || a.channels !== b.channels) {
    return (
      `Its output is ${describe(a)} there and ${describe(b)} here: ` +
      "the two have no cells in common."
    );
  }
  if (a.full_map.join() !== b.full_map.join()) {
    return (
      `Its maps are ${a.full_map.join("x")} there and ${b.full_map.join("x")} here: ` +
      "their cells do not match."
    );
  }
  if (a.kept_map.join() !== b.kept_map.join()) {
    return (
      `The logs keep maps of ${a.kept_map.join("x")} there and of ` +
      `${b.kept_map.join("x")} here: their cells do not match. Captures with the ` +
      "same capture_mb and probe do."
    );
  }
  return "";
}

function describe(entry: LayerActivation): string {
  return `(${entry.shape.join(", ")})`;
}

/**
 * b - a of the channels that both have maps of.
 *
 * A cell that is not finite on either side has no difference: it keeps the mark of
 * b, or else of a.
 */
export class MapDifference implements ChannelMaps {
  readonly entry: LayerActivation;
  readonly cells: number;
  private readonly places: readonly (readonly [a: number, b: number])[];
  private readonly positions: ReadonlyMap<number, number>;
  private readonly ranges: (ValueRange | null | undefined)[] = [];

  /** Only for outputs without a misfit. */
  constructor(
    readonly a: ActivationData,
    readonly b: ActivationData,
  ) {
    const kept: number[] = [];
    const places: [number, number][] = [];
    b.entry.kept_channels.forEach((channel, position) => {
      const other = a.positionOf(channel);
      if (other !== null) {
        kept.push(channel);
        places.push([other, position]);
      }
    });
    this.entry = { ...b.entry, kept_channels: kept };
    this.cells = b.cells;
    this.places = places;
    this.positions = new Map(kept.map((channel, at) => [channel, at]));
  }

  get count(): number {
    return this.places.length;
  }

  channelAt(position: number): number {
    return this.entry.kept_channels[position] ?? -1;
  }

  positionOf(channel: number): number | null {
    return this.positions.get(channel) ?? null;
  }

  valueAt(position: number, cell: number): number {
    const [a, b] = this.places[position] ?? [0, 0];
    return this.markAt(position, cell) === 0
      ? this.b.valueAt(b, cell) - this.a.valueAt(a, cell)
      : Number.NaN;
  }

  markAt(position: number, cell: number): number {
    const [a, b] = this.places[position] ?? [0, 0];
    return this.b.markAt(b, cell) || this.a.markAt(a, cell);
  }

  rangeOf(position: number): ValueRange | null {
    const known = this.ranges[position];
    if (known !== undefined) {
      return known;
    }
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let cell = 0; cell < this.cells; cell += 1) {
      const value = this.valueAt(position, cell);
      if (value < low) {
        low = value;
      }
      if (value > high) {
        high = value;
      }
    }
    const range = low <= high ? { low, high } : null;
    this.ranges[position] = range;
    return range;
  }

  isConstant(channel: number): boolean {
    const position = this.positionOf(channel);
    const range = position === null ? null : this.rangeOf(position);
    return range !== null && range.low === range.high && !this.isBroken(channel);
  }

  isBroken(channel: number): boolean {
    return this.a.isBroken(channel) || this.b.isBroken(channel);
  }

  /** Most that rounding in the log may make of a difference in a channel. */
  rounding(position: number): number {
    const [a, b] = this.places[position] ?? [0, 0];
    return this.a.rounding(a) + this.b.rounding(b);
  }
}
