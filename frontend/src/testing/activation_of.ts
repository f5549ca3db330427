/** An activation with given values, as a log would hold it. */

import { ActivationData } from "../model/tensor_view";
import type { LayerActivation } from "../wire/generated";
import type { Tensors } from "../wire/safetensors";
import { layerActivation, tensor } from "./fake_logs";

/**
 * An activation of one map per channel.
 *
 * @param maps Values of each channel's cells, row by row.
 * @param mask 0 where a column is masked; none without it.
 */
export function activationOf(
  maps: readonly (readonly number[])[],
  change: Partial<LayerActivation> = {},
  mask?: readonly number[],
): ActivationData {
  const { entry, tensors } = activationParts(maps, change);
  if (mask !== undefined) {
    return ActivationData.create(
      new Map([...tensors, ["mask", tensor(Uint8Array.from(mask))]]),
      entry,
    );
  }
  return ActivationData.create(tensors, entry);
}

/** As `activationOf`, before it is put together. */
export function activationParts(
  maps: readonly (readonly number[])[],
  change: Partial<LayerActivation> = {},
): { entry: LayerActivation; tensors: Tensors } {
  const cells = maps[0]?.length ?? 0;
  const entry = layerActivation(change.path ?? "conv", {
    channels: maps.length,
    full_map: [1, cells],
    kept_map: [1, cells],
    shape: [2, 1, cells, maps.length],
    ...change,
  });
  const kept = entry.kept_channels.map((channel) => maps[channel] ?? []);
  const scale = new Float32Array(kept.length);
  const offset = new Float32Array(kept.length);
  const codes = new Uint8Array(kept.length * cells);
  const marks = new Uint8Array(kept.length * cells);
  kept.forEach((values, position) => {
    const finite = values.filter(Number.isFinite);
    const low = finite.length > 0 ? Math.min(...finite) : 0;
    const high = finite.length > 0 ? Math.max(...finite) : 0;
    offset[position] = low;
    scale[position] = (high - low) / 255;
    values.forEach((value, cell) => {
      const at = position * cells + cell;
      marks[at] = markOf(value);
      codes[at] =
        marks[at] === 0 && high > low
          ? Math.round(((value - low) / (high - low)) * 255)
          : 0;
    });
  });
  const shape = [kept.length, ...entry.kept_map];
  const tensors = new Map([
    ["maps", tensor(codes, shape)],
    ["scale", tensor(scale)],
    ["offset", tensor(offset)],
    ["stats", tensor(Float32Array.from(maps.flatMap(statsOf)), [maps.length, 6])],
  ]);
  if (marks.some((mark) => mark !== 0)) {
    tensors.set("nonfinite", tensor(marks, shape));
  }
  return { entry, tensors };
}

function markOf(value: number): number {
  if (Number.isFinite(value)) {
    return 0;
  }
  return Number.isNaN(value) ? 1 : value > 0 ? 2 : 3;
}

function statsOf(values: readonly number[]): number[] {
  const finite = values.filter(Number.isFinite);
  const count = finite.length;
  const bad = values.length - count;
  if (count === 0) {
    return [Number.NaN, Number.NaN, Number.NaN, Number.NaN, Number.NaN, bad];
  }
  const mean = finite.reduce((sum, value) => sum + value, 0) / count;
  const square = finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / count;
  const zeros = finite.filter((value) => value === 0).length / count;
  return [
    Math.min(...finite),
    Math.max(...finite),
    mean,
    Math.sqrt(square),
    zeros,
    bad,
  ];
}
