/** Draws the map of unit health: a row per layer, a column per captured step. */

import { type ColorScale, colorCss } from "../model/color_scale";
import type { ThemeColor } from "../theme/theme";

/** Height of a row, with the gap to the next one. */
export const ROW_HEIGHT = 24;
/** Height of the steps' numbers above the map. */
export const HEAD_HEIGHT = 22;
const MAX_CELL_WIDTH = 56;
/** From this width on there is a gap between cells. */
const GAP_FROM = 6;
/** From this width on there is room for a count. */
const COUNT_FROM = 26;
/** Pixels from one step's number to the next. */
const LABEL_ROOM = 10;

/** Where the columns of the map lie. */
export interface HealthLayout {
  readonly columns: number;
  readonly cellWidth: number;
}

/** One row, ready to be drawn. */
export interface HealthCells {
  /** Per column; null = not counted. */
  readonly shares: readonly (number | null)[];
  readonly counts: readonly (number | null)[];
}

/** A cell of the map. */
export interface HealthCell {
  readonly row: number;
  readonly column: number;
}

/** Fits the columns into a width. */
export function layoutHealth(columns: number, width: number): HealthLayout {
  const cellWidth = Math.min(MAX_CELL_WIDTH, width / Math.max(1, columns));
  return { columns, cellWidth };
}

/** The cell at a place in the scrolled content; null if there is none. */
export function healthCellAt(
  layout: HealthLayout,
  rows: number,
  x: number,
  y: number,
): HealthCell | null {
  const column = Math.floor(x / layout.cellWidth);
  const row = Math.floor(y / ROW_HEIGHT);
  return column < 0 || row < 0 || column >= layout.columns || row >= rows
    ? null
    : { row, column };
}

/**
 * Draws rows.
 *
 * @param rows The rows that are in view.
 * @param top Where the first of them begins.
 * @param current Column of the step that is shown elsewhere; null = none.
 * @param cursor Cell to mark, its row counted from the first drawn one.
 */
export function paintHealth(
  context: CanvasRenderingContext2D,
  rows: readonly HealthCells[],
  layout: HealthLayout,
  top: number,
  current: number | null,
  cursor: HealthCell | null,
  scale: ColorScale,
  color: (name: ThemeColor) => string,
): void {
  const { cellWidth } = layout;
  const gap = cellWidth >= GAP_FROM ? 2 : 0;
  const height = ROW_HEIGHT - 4;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  rows.forEach(({ shares, counts }, row) => {
    const y = top + row * ROW_HEIGHT + 2;
    for (let column = 0; column < layout.columns; column += 1) {
      const x = column * cellWidth;
      const share = shares[column] ?? null;
      if (share === null) {
        context.fillStyle = color("border-strong");
        context.fillRect(x + cellWidth / 2 - 1, y + height / 2 - 1, 2, 2);
        continue;
      }
      context.fillStyle = share === 0 ? color("hover") : colorCss(scale, share);
      context.fillRect(x + gap / 2, y, Math.max(1, cellWidth - gap), height);
      const count = counts[column] ?? 0;
      if (count > 0 && cellWidth >= COUNT_FROM) {
        context.fillStyle = countColor(share, scale);
        const text = count < 10_000 ? String(count) : `${Math.round(count / 1000)}k`;
        context.fillText(text, x + cellWidth / 2, y + height / 2 + 0.5);
      }
    }
  });
  if (current !== null) {
    context.strokeStyle = color("accent");
    context.lineWidth = 1.5;
    const x = current * cellWidth;
    context.beginPath();
    for (const at of [x + 0.5, x + cellWidth - 0.5]) {
      context.moveTo(at, Math.max(0, top));
      context.lineTo(at, top + rows.length * ROW_HEIGHT);
    }
    context.stroke();
  }
  if (cursor !== null) {
    const x = cursor.column * cellWidth;
    const y = top + cursor.row * ROW_HEIGHT + 1;
    context.strokeStyle = color("text");
    context.lineWidth = 2;
    context.strokeRect(x, y, cellWidth, height + 2);
  }
}

/** Black or white, whichever is read better on the colour of a share. */
function countColor(share: number, scale: ColorScale): string {
  const pixel = scale.lut[Math.round(share * (scale.lut.length - 1))] ?? 0;
  const brightness =
    (0.299 * (pixel & 255) + 0.587 * ((pixel >> 8) & 255)) / 255 +
    (0.114 * ((pixel >> 16) & 255)) / 255;
  return brightness > 0.55 ? "#1b1008" : "#ffffff";
}

/** Columns whose step is written above the map: the current one, then what fits. */
export function labelledSteps(
  steps: readonly number[],
  cellWidth: number,
  current: number | null,
  measure: (text: string) => number,
  format: (step: number) => string,
): number[] {
  const spans: [number, number][] = [];
  const labelled: number[] = [];
  const last = steps.length - 1;
  const rest = steps.map((_, column) => column);
  for (const column of [...(current === null ? [] : [current]), last, ...rest]) {
    const middle = (column + 0.5) * cellWidth;
    const half = measure(format(steps[column] ?? 0)) / 2 + LABEL_ROOM / 2;
    const from = middle - half;
    const to = middle + half;
    if (column >= 0 && spans.every(([a, b]) => to <= a || from >= b)) {
      spans.push([from, to]);
      labelled.push(column);
    }
  }
  return labelled.sort((a, b) => a - b);
}

/** Draws the steps' numbers. */
export function paintHealthHead(
  context: CanvasRenderingContext2D,
  steps: readonly number[],
  layout: HealthLayout,
  current: number | null,
  left: number,
  format: (step: number) => string,
  color: (name: ThemeColor) => string,
): void {
  const { cellWidth } = layout;
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  const measure = (text: string) => context.measureText(text).width;
  for (const column of labelledSteps(steps, cellWidth, current, measure, format)) {
    const text = format(steps[column] ?? 0);
    context.fillStyle = color(column === current ? "accent" : "muted");
    context.font = `${column === current ? "600 " : ""}11px system-ui, sans-serif`;
    context.fillText(text, left + (column + 0.5) * cellWidth, HEAD_HEIGHT / 2);
  }
}
