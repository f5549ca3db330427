/** One sample of one input of the probe, small. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { SIGN_COLORS } from "../../../draw/bars";
import { rangeWithZero } from "../../../draw/line_plot";
import { colorPixel, createColorScale, cssPixel } from "../../../model/color_scale";
import { formatValue } from "../../../model/format";
import type { ProbeInput } from "../../../wire/generated";
import type { Tensors } from "../../../wire/safetensors";

/** Pixels of a picture. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly values: Uint32Array;
}

const NAN_PIXEL = cssPixel("#e6007e");
/** Longer vectors are folded into a heat map. */
const MOST_BARS = 64;
const BAR_ROWS = 33;
/** As many values are shown as numbers. */
const MOST_NUMBERS = 4;
/** Wider or higher pictures than this would show nothing at this size. */
const MOST_CELLS = 256;

/** The picture of a sample; null if it is none. */
export function readPicture(tensors: Tensors): Pixels | null {
  const tensor = tensors.get("picture");
  const [height = 0, width = 0, channels = 0] = tensor?.shape ?? [];
  const bytes = tensor?.values;
  if (!(bytes instanceof Uint8Array) || width * height === 0 || channels === 0) {
    return null;
  }
  const values = new Uint32Array(width * height);
  const gray = channels < 3;
  for (let pixel = 0; pixel < values.length; pixel += 1) {
    const at = pixel * channels;
    const red = bytes[at] ?? 0;
    const green = gray ? red : (bytes[at + 1] ?? 0);
    const blue = gray ? red : (bytes[at + 2] ?? 0);
    const alpha = channels === 4 ? (bytes[at + 3] ?? 0) : 255;
    values[pixel] = ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  }
  return { width, height, values };
}

/**
 * A vector as bars from zero, one pixel wide each.
 *
 * @param values Its values; those that are not finite are full columns.
 */
export function drawBars(values: Float32Array, dark: boolean): Pixels {
  const width = values.length;
  const range = rangeWithZero(values);
  const span = range.high - range.low || 1;
  const row = (value: number) =>
    Math.round(((range.high - value) / span) * (BAR_ROWS - 1));
  const colors = SIGN_COLORS[dark ? "dark" : "light"];
  const above = cssPixel(colors.above);
  const below = cssPixel(colors.below);
  const pixels = new Uint32Array(width * BAR_ROWS);
  values.forEach((value, column) => {
    const finite = Number.isFinite(value);
    const from = finite ? Math.min(row(value), row(0)) : 0;
    const to = finite ? Math.max(row(value), row(0)) : BAR_ROWS - 1;
    const color = finite ? (value >= 0 ? above : below) : NAN_PIXEL;
    for (let at = from; at <= to; at += 1) {
      pixels[at * width + column] = color;
    }
  });
  return { width, height: BAR_ROWS, values: pixels };
}

/** The values of a sample as bars or a heat map; null if there are only a few. */
export function drawValues(tensors: Tensors, dark: boolean): Pixels | null {
  const tensor = tensors.get("values");
  if (!(tensor?.values instanceof Float32Array)) {
    return null;
  }
  const { values, shape } = tensor;
  if (values.length <= MOST_NUMBERS) {
    return null;
  }
  if (shape.length === 1 && values.length <= MOST_BARS) {
    return drawBars(values, dark);
  }
  const { width, height, stride } = planHeatMap(shape, values.length);
  const finite = values.filter(Number.isFinite);
  const low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const scale = createColorScale(low, high, dark);
  const pixels = Uint32Array.from({ length: width * height }, (_, cell) => {
    const value = values[cell * stride];
    if (value === undefined) {
      return 0;
    }
    return Number.isFinite(value) ? colorPixel(scale, value) : NAN_PIXEL;
  });
  return { width, height, values: pixels };
}

function planHeatMap(shape: readonly number[], count: number) {
  const [rows = 1, columns = 1, ...rest] = shape;
  if (shape.length >= 2 && rows <= MOST_CELLS && columns <= MOST_CELLS) {
    // Of more than two axes, the first entry of the others.
    return {
      height: rows,
      width: columns,
      stride: rest.reduce((product, size) => product * size, 1),
    };
  }
  const width = Math.min(MOST_CELLS, Math.ceil(Math.sqrt(count)));
  const height = Math.min(MOST_CELLS, Math.ceil(count / width));
  return { width, height, stride: 1 };
}

/** A picture, a heat map, or the numbers themselves. */
export function SamplePicture({
  tensors,
  input,
  failed,
  dark,
}: {
  tensors: Tensors | undefined;
  input: ProbeInput | undefined;
  failed: boolean;
  dark: boolean;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const pixels =
    tensors === undefined ? null : (readPicture(tensors) ?? drawValues(tensors, dark));
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || pixels === null) {
      return;
    }
    const image = context.createImageData(pixels.width, pixels.height);
    new Uint32Array(image.data.buffer).set(pixels.values);
    context.putImageData(image, 0, 0);
  });
  if (failed) {
    return <span class="kv-sample-picture kv-sample-failed">!</span>;
  }
  if (pixels !== null) {
    return (
      <canvas
        ref={canvas}
        class={
          input?.picture ? "kv-sample-picture kv-sample-photo" : "kv-sample-picture"
        }
        width={pixels.width}
        height={pixels.height}
        aria-hidden="true"
      />
    );
  }
  const few = tensors?.get("values")?.values;
  return (
    <span class="kv-sample-picture kv-sample-numbers">
      {few instanceof Float32Array &&
        Array.from(few, (value, at) => <span key={at}>{formatValue(value)}</span>)}
    </span>
  );
}
