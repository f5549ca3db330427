/** Cuts texts to a width; remembers what it cost to find out. */

import type { Surface } from "./surface";

const MAX_KEPT = 20_000;

/** Fits texts into widths. */
export class TextFitter {
  private kept = new Map<string, string>();

  /** Returns the text, or as much of it as fits with an ellipsis; sets the font. */
  fit(context: Surface, text: string, width: number, font: string): string {
    context.font = font;
    const key = `${Math.floor(width)}|${font}|${text}`;
    const before = this.kept.get(key);
    if (before !== undefined) {
      return before;
    }
    const fitted = cut(context, text, width);
    if (this.kept.size >= MAX_KEPT) {
      this.kept = new Map();
    }
    this.kept.set(key, fitted);
    return fitted;
  }
}

function cut(context: Surface, text: string, width: number): string {
  if (context.measureText(text).width <= width) {
    return text;
  }
  let fits = 0;
  let tooLong = text.length;
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1;
    if (context.measureText(`${text.slice(0, middle)}…`).width <= width) {
      fits = middle;
    } else {
      tooLong = middle;
    }
  }
  return fits === 0 ? "" : `${text.slice(0, fits)}…`;
}
