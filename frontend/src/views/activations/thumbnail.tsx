/** A layer's miniature in the list. */

import { useLayoutEffect, useRef } from "preact/hooks";
import { colorPixel, createColorScale, cssPixel } from "../../model/color_scale";
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
  readonly low: number;
  readonly high: number;
}

/** Takes one layer's miniature; null where there is none. */
export function takeMiniature(tensors: Tensors, position: number): Miniature | null {
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
    ? { side, codes, low, high }
    : null;
}

/** Draws a miniature. */
export function Thumbnail({ image, dark }: { image: Miniature | null; dark: boolean }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context || image === null) {
      return;
    }
    const { side, codes, low, high } = image;
    const scale = createColorScale(low, high, dark);
    const picture = context.createImageData(side, side);
    const pixels = new Uint32Array(picture.data.buffer);
    codes.forEach((code, cell) => {
      pixels[cell] =
        code === NONFINITE_CODE
          ? NONFINITE_PIXEL
          : colorPixel(scale, low + ((high - low) * code) / MOST);
    });
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
