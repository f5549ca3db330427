/** Draws the band from the lowest to the highest value over steps. */

import type { TrendScale } from "./trend_line";

/** Values over steps; what is not finite leaves a gap. */
export interface Band {
  readonly steps: readonly number[];
  readonly low: readonly (number | null)[];
  readonly high: readonly (number | null)[];
}

/** Fills the band; a step alone is a line. */
export function paintBand(
  context: CanvasRenderingContext2D,
  band: Band,
  scale: TrendScale,
  color: string,
): void {
  context.save();
  context.fillStyle = color;
  context.globalAlpha = 0.22;
  let run: number[] = [];
  const flush = () => {
    if (run.length === 1) {
      const at = run[0] as number;
      const x = scale.x(band.steps[at] as number);
      const top = scale.y(band.high[at] as number);
      context.fillRect(x - 1, top, 2, scale.y(band.low[at] as number) - top);
    } else if (run.length > 1) {
      context.beginPath();
      for (const at of run) {
        context.lineTo(
          scale.x(band.steps[at] as number),
          scale.y(band.high[at] as number),
        );
      }
      for (const at of run.reverse()) {
        context.lineTo(
          scale.x(band.steps[at] as number),
          scale.y(band.low[at] as number),
        );
      }
      context.fill();
    }
    run = [];
  };
  band.steps.forEach((_, at) => {
    if (Number.isFinite(band.low[at] ?? Number.NaN)) {
      run.push(at);
    } else {
      flush();
    }
  });
  flush();
  context.restore();
}
