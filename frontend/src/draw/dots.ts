/**
 * Paints cards that are so small that only their colour counts.
 *
 * Where there are many, they are set pixel by pixel: that takes one step of the
 * canvas for all of them, instead of one for each.
 */

import type { SceneIndex } from "../model/graph/scene_index";
import type { Surface } from "./surface";

/** From how many cards on they are set as pixels. */
const MANY = 1_500;

/** Paints cards as plain rectangles. */
export class DotPainter {
  private scratch: HTMLCanvasElement | null = null;
  private pixels: ImageData | null = null;

  /**
   * @param surface Where to; what is not a canvas gets rectangles.
   * @param places Places of the cards, by the colour that they have.
   */
  paint(
    surface: Surface,
    index: SceneIndex,
    places: ReadonlyMap<string, readonly number[]>,
  ): void {
    let count = 0;
    for (const some of places.values()) {
      count += some.length;
    }
    if (count > MANY && isCanvas(surface)) {
      this.paintPixels(surface, index, places);
      return;
    }
    const { left, top, widths, heights } = index.scene;
    for (const [color, some] of places) {
      surface.fillStyle = color;
      for (const at of some) {
        surface.fillRect(
          left[at] as number,
          top[at] as number,
          widths[at] as number,
          heights[at] as number,
        );
      }
    }
  }

  private paintPixels(
    context: CanvasRenderingContext2D,
    index: SceneIndex,
    places: ReadonlyMap<string, readonly number[]>,
  ): void {
    const { width, height } = context.canvas;
    const pixels = this.pixelsOf(context, width, height);
    const words = new Uint32Array(pixels.data.buffer);
    words.fill(0);
    const { left, top, widths, heights } = index.scene;
    const { a: zoom, e: shiftX, f: shiftY } = context.getTransform();
    const seen = { left: width, top: height, right: 0, bottom: 0 };
    for (const [color, some] of places) {
      const word = wordOf(context, color);
      for (const at of some) {
        const x = (left[at] as number) * zoom + shiftX;
        const y = (top[at] as number) * zoom + shiftY;
        const fromX = Math.max(0, Math.round(x));
        const fromY = Math.max(0, Math.round(y));
        // What is thinner than a pixel is seen all the same.
        const toX = Math.max(fromX + 1, Math.round(x + (widths[at] as number) * zoom));
        const toY = Math.max(fromY + 1, Math.round(y + (heights[at] as number) * zoom));
        const endX = Math.min(width, toX);
        const endY = Math.min(height, toY);
        for (let row = fromY; row < endY; row += 1) {
          words.fill(word, row * width + fromX, row * width + Math.max(fromX, endX));
        }
        seen.left = Math.min(seen.left, fromX);
        seen.top = Math.min(seen.top, fromY);
        seen.right = Math.max(seen.right, endX);
        seen.bottom = Math.max(seen.bottom, endY);
      }
    }
    const wide = seen.right - seen.left;
    const high = seen.bottom - seen.top;
    const scratch = this.scratch as HTMLCanvasElement;
    if (wide <= 0 || high <= 0) {
      return;
    }
    const { left: x, top: y } = seen;
    scratch.getContext("2d")?.putImageData(pixels, 0, 0, x, y, wide, high);
    context.save();
    context.resetTransform();
    context.drawImage(scratch, x, y, wide, high, x, y, wide, high);
    context.restore();
  }

  private pixelsOf(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
  ): ImageData {
    if (this.pixels?.width !== width || this.pixels.height !== height) {
      this.pixels = context.createImageData(width, height);
      this.scratch = document.createElement("canvas");
      this.scratch.width = width;
      this.scratch.height = height;
    }
    return this.pixels;
  }
}

function isCanvas(surface: Surface): surface is CanvasRenderingContext2D {
  return "getTransform" in surface && "drawImage" in surface;
}

/** A colour as a word of image data; opaque, as the theme's colours are. */
function wordOf(context: CanvasRenderingContext2D, color: string): number {
  context.fillStyle = color;
  const found = /^#(\w\w)(\w\w)(\w\w)$/.exec(String(context.fillStyle));
  const [red, green, blue] = found
    ? found.slice(1).map((part) => Number.parseInt(part, 16))
    : [128, 128, 128];
  const bytes = Uint8Array.of(red ?? 0, green ?? 0, blue ?? 0, 255);
  // In the order that this machine keeps the bytes of a word in.
  return new Uint32Array(bytes.buffer)[0] as number;
}
