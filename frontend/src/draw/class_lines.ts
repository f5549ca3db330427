/** Draws a line per class over steps, with its name at the end. */

import { formatValue } from "../model/format";
import type { PredictionLine } from "../model/predictions/prediction_lines";
import type { ThemeColor } from "../theme/theme";

/** Colours that all kinds of eyes tell apart (after Okabe and Ito), for both themes. */
export const LINE_COLORS: Readonly<Record<"light" | "dark", readonly string[]>> = {
  light: ["#0a5fc0", "#c7681a", "#0b8a6a", "#a8489a", "#77700a", "#5d6b78"],
  dark: ["#7ab8ff", "#f0a35a", "#4fc9a4", "#e39bd8", "#d9cb5e", "#b3bec9"],
};

/** Where the plot lies. */
export interface LinesScale {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly low: number;
  readonly high: number;
  x(step: number): number;
  y(value: number): number;
  /** Index of the step that is nearest to a place; null if there is none. */
  indexAt(x: number): number | null;
}

/** Room for the numbers of the axis: of shares, of any values. */
const LEFT_SHARE = 40;
const LEFT_VALUE = 58;
const TOP = 8;
const BOTTOM = 20;
/** Names at the ends of lines are not closer than this. */
const NAME_HEIGHT = 11;

/**
 * Fits lines into a rectangle.
 *
 * @param share Whether values are shares, which lie between 0 and 1.
 * @param named Whether names stand at the ends of the lines.
 */
export function linesScale(
  lines: readonly PredictionLine[],
  steps: readonly number[],
  share: boolean,
  named: boolean,
  width: number,
  height: number,
): LinesScale {
  const values = lines
    .flatMap((line) => line.values)
    .filter((value) => value !== null && Number.isFinite(value)) as number[];
  const lowest = values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const highest = values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const low = share ? 0 : Number.isFinite(lowest) ? lowest : 0;
  const top = share ? 1 : Number.isFinite(highest) ? highest : 1;
  const high = top > low ? top : low + 1;
  const left = share ? LEFT_SHARE : LEFT_VALUE;
  const right = Math.max(left + 1, width - (named ? 26 : 8));
  const bottom = Math.max(TOP + 1, height - BOTTOM);
  const first = steps[0] ?? 0;
  const last = steps.at(-1) ?? first;
  const span = Math.max(1, last - first);
  // A single step is in the middle, not at the beginning of nothing.
  const x = (step: number) =>
    last === first
      ? (left + right) / 2
      : left + ((step - first) / span) * (right - left);
  return {
    ...{ left, right, top: TOP, bottom, low, high, x },
    y: (value) => bottom - ((value - low) / (high - low)) * (bottom - TOP),
    indexAt: (place) => {
      let nearest: number | null = null;
      steps.forEach((step, at) => {
        const before = nearest === null ? null : (steps[nearest] as number);
        if (
          before === null ||
          Math.abs(x(step) - place) < Math.abs(x(before) - place)
        ) {
          nearest = at;
        }
      });
      return nearest;
    },
  };
}

/** Draws axes, lines and names; the shown step and the hovered one are marked. */
export function paintClassLines(
  context: CanvasRenderingContext2D,
  lines: readonly PredictionLine[],
  steps: readonly number[],
  scale: LinesScale,
  marks: { readonly shown: number | null; readonly hovered: number | null },
  format: (value: number) => string,
  color: (name: ThemeColor) => string,
  dark: boolean,
): void {
  const { left, right, top, bottom, low, high } = scale;
  const palette = LINE_COLORS[dark ? "dark" : "light"];
  context.font = "11px system-ui, sans-serif";
  context.lineWidth = 1;
  context.textBaseline = "middle";
  context.textAlign = "right";
  for (const value of [low, (low + high) / 2, high]) {
    context.fillStyle = color("border");
    context.fillRect(left, Math.round(scale.y(value)), right - left, 1);
    context.fillStyle = color("muted");
    context.fillText(format(value), left - 5, scale.y(value));
  }
  context.textBaseline = "top";
  const [first, last] = [steps[0], steps.at(-1)];
  if (first !== undefined && last !== undefined) {
    context.textAlign = first === last ? "center" : "left";
    context.fillText(`step ${formatValue(first)}`, scale.x(first), bottom + 5);
    context.textAlign = "right";
    if (last !== first) {
      context.fillText(formatValue(last), scale.x(last), bottom + 5);
    }
  }
  for (const [step, name] of [
    [marks.shown, "border-strong"],
    [marks.hovered, "muted"],
  ] as const) {
    if (step !== null) {
      context.fillStyle = color(name);
      context.fillRect(Math.round(scale.x(step)), top, 1, bottom - top);
    }
  }
  lines.forEach((line, at) => {
    context.strokeStyle = palette[at % palette.length] ?? "";
    context.fillStyle = context.strokeStyle;
    context.lineWidth = 1.7;
    context.lineJoin = "round";
    context.beginPath();
    let drawing = false;
    line.values.forEach((value, i) => {
      const finite = value !== null && Number.isFinite(value);
      if (finite) {
        const [x, y] = [scale.x(steps[i] as number), scale.y(value)];
        if (drawing) {
          context.lineTo(x, y);
        } else {
          context.moveTo(x, y);
        }
      }
      drawing = finite;
    });
    context.stroke();
    line.values.forEach((value, i) => {
      if (value !== null && Number.isFinite(value)) {
        context.beginPath();
        context.arc(scale.x(steps[i] as number), scale.y(value), 2, 0, 2 * Math.PI);
        context.fill();
      }
    });
  });
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = "bold 11px system-ui, sans-serif";
  for (const { at, y } of placeNames(lines, scale)) {
    context.fillStyle = palette[at % palette.length] ?? "";
    context.fillText(lines[at]?.name.slice(0, 4) ?? "", right + 5, y);
  }
}

/** Heights of the names, moved apart where lines end close to each other. */
export function placeNames(
  lines: readonly PredictionLine[],
  scale: Pick<LinesScale, "y" | "bottom">,
): { readonly at: number; readonly y: number }[] {
  const ends = lines.flatMap((line, at) => {
    const value = line.values.findLast((one) => one !== null && Number.isFinite(one));
    return value === undefined || value === null || line.name === ""
      ? []
      : [{ at, y: scale.y(value) }];
  });
  ends.sort((a, b) => b.y - a.y || a.at - b.at);
  let below = scale.bottom + NAME_HEIGHT;
  return ends.map(({ at, y }) => {
    below = Math.min(y, below - NAME_HEIGHT);
    return { at, y: below };
  });
}
