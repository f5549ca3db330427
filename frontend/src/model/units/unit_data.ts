/** What was measured of the units of an output, over all samples of the probe. */

import { WireError } from "../../wire/decode";
import { ACTIVATION_STATS, type LayerActivation } from "../../wire/generated";
import { type Tensors, takeTensor } from "../../wire/safetensors";
import type { StatName } from "../tensor_view";

/** Statistics and histograms of all units. */
export interface UnitData {
  /** Bins of each unit's histogram. */
  readonly bins: number;
  /** A statistic of a unit. */
  stat(unit: number, name: StatName): number;
  /** How often the finite values of a unit fall into each bin, from min to max. */
  histogram(unit: number): Uint32Array;
  /** Share of values close to a bound; null where the activation has none. */
  saturated(unit: number): number | null;
}

/**
 * Reads the member `units` of an output.
 *
 * @throws WireError The arrays are not those that the index speaks of.
 */
export function readUnits(tensors: Tensors, entry: LayerActivation): UnitData {
  const what = `The units of ${entry.path.slice(0, 200)}`;
  const stats = takeTensor(tensors, "stats", Float32Array, what);
  const histogram = takeTensor(tensors, "histogram", Uint32Array, what);
  const columns = ACTIVATION_STATS.length;
  const bins = histogram.shape[1] ?? 0;
  const saturated = tensors.has("saturated")
    ? takeTensor(tensors, "saturated", Float32Array, what)
    : null;
  if (
    stats.shape.join() !== [entry.channels, columns].join() ||
    histogram.shape.join() !== [entry.channels, bins].join() ||
    (saturated !== null && saturated.shape.join() !== String(entry.channels))
  ) {
    throw new WireError(`${what} do not fit their index.`);
  }
  return {
    bins,
    stat: (unit, name) =>
      stats.values[unit * columns + ACTIVATION_STATS.indexOf(name)] ?? Number.NaN,
    histogram: (unit) => histogram.values.subarray(unit * bins, (unit + 1) * bins),
    saturated: (unit) => saturated?.values[unit] ?? null,
  };
}
