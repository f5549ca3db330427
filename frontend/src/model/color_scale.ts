/** From values to colours. */

/** Values from `low` to `high`, by 256 colours. */
export interface ColorScale {
  readonly kind: "sequential" | "diverging";
  readonly low: number;
  readonly high: number;
  /** Colours from low to high, as the pixels of an `ImageData`. */
  readonly lut: Uint32Array;
}

const LEVELS = 256;

// Viridis: even steps look even, in grey and to colour-blind eyes too.
const SEQUENTIAL =
  "440154 481568 482677 453781 3f4788 39558c 32648e 2d718e 287d8e 238a8d " +
  "1f968b 20a386 29af7f 3cbc75 56c667 74d055 94d840 b8de29 dce318 fde725";
// Blue below zero and orange above, told apart by all kinds of eyes. Zero is
// like the background, so that what is not zero stands out in both themes.
const DIVERGING_LIGHT =
  "053061 2166ac 4393c3 92c5de d1e5f0 f7f7f7 fee0b6 fdb863 e08214 b35806 7f3b08";
const DIVERGING_DARK =
  "b5d8ff 7ab8ff 3d86d6 275a94 1f3a58 23272c 553316 98541a d67d22 f6a95b ffd9a8";
// Purple where it became less and green where it became more: unlike the colours of
// values, and told apart by all kinds of eyes too.
const DIFFERENCE_LIGHT =
  "40004b 762a83 9970ab c2a5cf e7d4e8 f7f7f7 d9f0d3 a6dba0 5aae61 1b7837 00441b";
const DIFFERENCE_DARK =
  "ecd0f5 cf9be0 a466bb 6f4180 3d2947 23272c 1f3b27 30693c 4fa05c 8dd394 d5f5d2";

// From a little to all of something that had better not be: one hue, and further
// from the background the more there is.
const SHARE_LIGHT = "fbdcb4 f8b878 ee8f3f cf6412 9c4506 6b2d04";
const SHARE_DARK = "4d2f14 7d4715 b3661c e08a34 f7b069 ffd9ae";

const luts = {
  sequential: createLut(SEQUENTIAL),
  light: createLut(DIVERGING_LIGHT),
  dark: createLut(DIVERGING_DARK),
  differenceLight: createLut(DIFFERENCE_LIGHT),
  differenceDark: createLut(DIFFERENCE_DARK),
  shareLight: createLut(SHARE_LIGHT),
  shareDark: createLut(SHARE_DARK),
};

/** Colours of cells that hold no number, unlike all colours of the scales. */
export const NONFINITE_COLORS = ["#000000", "#e6007e", "#ff2a1a", "#00c8d7"] as const;

/** Signs of such cells, beside their colours. */
export const NONFINITE_SIGNS = ["", "×", "▲", "▼"] as const;

/** What the codes of `nonfinite` stand for; 0 marks a finite value. */
export const NONFINITE_NAMES = ["", "NaN", "+Inf", "-Inf"] as const;

/**
 * The scale of a range of values: sequential from the lowest to the highest
 * where none is negative, else diverging with zero in the middle.
 *
 * @param low Lowest value.
 * @param high Highest value.
 * @param dark Whether the page is dark.
 * @param signed Whether to centre at zero although nothing is negative.
 */
export function createColorScale(
  low: number,
  high: number,
  dark: boolean,
  signed = low < 0,
): ColorScale {
  if (!signed) {
    return { kind: "sequential", low, high, lut: luts.sequential };
  }
  const most = Math.max(Math.abs(low), Math.abs(high));
  const lut = dark ? luts.dark : luts.light;
  return { kind: "diverging", low: -most, high: most, lut };
}

/**
 * The scale of exactly the given range.
 *
 * With negative values zero has the colour of zero and is not in the middle, unless
 * the range is as long on both sides of it.
 */
export function createFixedScale(low: number, high: number, dark: boolean): ColorScale {
  const even = createColorScale(low, high, dark);
  if (even.kind === "sequential" || !(low < high)) {
    return even;
  }
  const lut = Uint32Array.from({ length: LEVELS }, (_, level) =>
    colorPixel(even, low + ((high - low) * level) / (LEVELS - 1)),
  );
  return { kind: "diverging", low, high, lut };
}

/**
 * The scale of a difference, with zero in the middle.
 *
 * @param most The largest difference that it shows.
 */
export function createDifferenceScale(most: number, dark: boolean): ColorScale {
  const lut = dark ? luts.differenceDark : luts.differenceLight;
  return { kind: "diverging", low: -most, high: most, lut };
}

/** The scale of shares of what is not as it should be, from 0 to 1. */
export function createShareScale(dark: boolean): ColorScale {
  const lut = dark ? luts.shareDark : luts.shareLight;
  return { kind: "sequential", low: 0, high: 1, lut };
}

/** Index of a finite value's colour. */
export function colorIndex(scale: ColorScale, value: number): number {
  const range = scale.high - scale.low;
  if (!(range > 0)) {
    // One value only: the colour of zero, or one that is clearly not it.
    return scale.kind === "diverging" || value !== 0 ? LEVELS / 2 : 0;
  }
  const index = Math.round(((value - scale.low) / range) * (LEVELS - 1));
  return Math.min(LEVELS - 1, Math.max(0, index));
}

/** The colour of a finite value, as the pixel of an `ImageData`. */
export function colorPixel(scale: ColorScale, value: number): number {
  return scale.lut[colorIndex(scale, value)] ?? 0;
}

/** The colour of a finite value, for CSS. */
export function colorCss(scale: ColorScale, value: number): string {
  return pixelCss(colorPixel(scale, value));
}

/** The scale as a CSS gradient, from low at the start to high at the end. */
export function scaleGradient(scale: ColorScale, direction = "to right"): string {
  const stops = 16;
  const colors = Array.from({ length: stops + 1 }, (_, i) =>
    pixelCss(scale.lut[Math.round((i / stops) * (LEVELS - 1))] ?? 0),
  );
  return `linear-gradient(${direction}, ${colors.join(", ")})`;
}

/** A CSS colour `#rrggbb` as the pixel of an `ImageData`. */
export function cssPixel(color: string): number {
  const rgb = Number.parseInt(color.slice(1), 16);
  return packPixel(rgb >> 16, (rgb >> 8) & 255, rgb & 255);
}

function pixelCss(pixel: number): string {
  return `rgb(${pixel & 255} ${(pixel >> 8) & 255} ${(pixel >> 16) & 255})`;
}

/** `ImageData` is bytes r, g, b, a; every machine with a browser reads them so. */
function packPixel(red: number, green: number, blue: number): number {
  return (0xff000000 | (blue << 16) | (green << 8) | red) >>> 0;
}

function createLut(colors: string): Uint32Array {
  const anchors = colors.split(" ").map((color) => Number.parseInt(color, 16));
  return Uint32Array.from({ length: LEVELS }, (_, level) => {
    const at = (level / (LEVELS - 1)) * (anchors.length - 1);
    const from = anchors[Math.floor(at)] ?? 0;
    const to = anchors[Math.ceil(at)] ?? 0;
    const mix = (shift: number) => {
      const a = (from >> shift) & 255;
      const b = (to >> shift) & 255;
      return Math.round(a + (b - a) * (at - Math.floor(at)));
    };
    return packPixel(mix(16), mix(8), mix(0));
  });
}
