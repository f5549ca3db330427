/** Marks what is masked: faded, with lines across. */

import type { ThemeColor } from "../theme/theme";

const DISTANCE = 7;

/** Draws over a rectangle whose values count for nothing. */
export function paintMasked(
  context: CanvasRenderingContext2D,
  x: number,
  y: number,
  width: number,
  height: number,
  color: (name: ThemeColor) => string,
): void {
  context.save();
  context.beginPath();
  context.rect(x, y, width, height);
  context.clip();
  context.globalAlpha = 0.62;
  context.fillStyle = color("bg");
  context.fillRect(x, y, width, height);
  context.globalAlpha = 1;
  context.strokeStyle = color("border-strong");
  context.lineWidth = 1;
  context.beginPath();
  // By places on the canvas, so that the lines of neighbours go on into each other.
  const first = Math.floor((x + y) / DISTANCE) * DISTANCE;
  for (let sum = first; sum < x + width + y + height; sum += DISTANCE) {
    context.moveTo(x, sum - x);
    context.lineTo(x + width, sum - x - width);
  }
  context.stroke();
  context.restore();
}

/** Runs of masked positions, as first and one behind the last. */
export function maskedRuns(mask: Uint8Array | null): [number, number][] {
  const runs: [number, number][] = [];
  mask?.forEach((kept, at) => {
    const last = runs.at(-1);
    if (kept === 0) {
      if (last !== undefined && last[1] === at) {
        last[1] = at + 1;
      } else {
        runs.push([at, at + 1]);
      }
    }
  });
  return runs;
}
