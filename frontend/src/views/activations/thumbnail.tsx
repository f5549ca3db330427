/** A layer's miniature in the list. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { colorPixel, createColorScale, cssPixel } from "../../model/color_scale";
import type { LayerActivation } from "../../wire/generated";
import { type Tensors, takeTensor } from "../../wire/safetensors";

/** Code of a cell without a finite value. */
const NONFINITE_CODE = 255;
/** The other codes, from low to high. */
const MOST = 254;
const NONFINITE_PIXEL = cssPixel("#e6007e");

/** A miniature's cells, and the values that its lowest and highest code stand for. */
export interface Miniature {
  readonly side: number;
  readonly codes: Uint8Array;
  /** What it is a picture of. */
  readonly entry: LayerActivation;
  readonly low: number;
  readonly high: number;
}

/** Takes one layer's miniature; null where there is none. */
export function takeMiniature(
  tensors: Tensors,
  entry: LayerActivation,
  position: number,
): Miniature | null {
  const what = "The miniatures";
  const { shape, values } = takeTensor(tensors, "codes", Uint8Array, what);
  const low = takeTensor(tensors, "low", Float32Array, what).values[position];
  const high = takeTensor(tensors, "high", Float32Array, what).values[position];
  const side = shape[1] ?? 0;
  const start = position * side * side;
  if (position < 0 || side === 0 || shape[2] !== side) {
    return null;
  }
  const codes = values.subarray(start, start + side * side);
  return codes.length === side * side && low !== undefined && high !== undefined
    ? { side, codes, entry, low, high }
    : null;
}

/**
 * Pixels of a miniature.
 *
 * A sequence is stored with time downwards and drawn with time to the right, as
 * it is drawn large.
 */
export function miniaturePixels(image: Miniature, dark: boolean): Uint32Array {
  const { side, codes, entry, low, high } = image;
  const scale = createColorScale(low, high, dark);
  return Uint32Array.from({ length: side * side }, (_, cell) => {
    const across = (cell % side) * side + Math.floor(cell / side);
    const code = codes[entry.kind === "sequence" ? across : cell] ?? NONFINITE_CODE;
    return code === NONFINITE_CODE
      ? NONFINITE_PIXEL
      : colorPixel(scale, low + ((high - low) * code) / MOST);
  });
}

/** Draws a miniature. */
export function Thumbnail({ image, dark }: { image: Miniature | null; dark: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || image === null) {
      return;
    }
    const picture = context.createImageData(image.side, image.side);
    new Uint32Array(picture.data.buffer).set(miniaturePixels(image, dark));
    context.putImageData(picture, 0, 0);
  }, [image, dark]);
  return image === null ? (
    <span class="kv-thumbnail" />
  ) : (
    <canvas
      ref={canvas}
      class="kv-thumbnail"
      width={image.side}
      height={image.side}
      aria-hidden="true"
    />
  );
}
