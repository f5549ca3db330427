/** Draws one head of attention: queries downwards, keys to the right. */

import { showToken } from "../model/tokens/token_axis";
import type { ThemeColor } from "../theme/theme";
import { labelStep } from "./bars";

/** Where the cells of a matrix lie. */
export interface MatrixLayout {
  readonly queries: number;
  readonly keys: number;
  readonly cell: number;
  readonly left: number;
  readonly top: number;
}

/** What names the rows or the columns. */
export interface MatrixAxis {
  /** "query" or "key". */
  readonly title: string;
  /** One per row or column; null = they have numbers only. */
  readonly texts: readonly string[] | null;
}

const FONT = 11;
const MAX_CELL = 64;
const NUMBERS = 4;
/** Pixels of a character of a label, about. */
const CHARACTER = 7;
const TITLE = 18;
const SIDE = 10;
/** Denser labels would touch each other. */
const LABEL_ROOM = 12;
const MAX_TEXT = 11;

/**
 * Fits the matrix into a rectangle, its cells as squares.
 *
 * @param texts Texts of the rows and columns; empty if they have numbers only.
 */
export function layoutMatrix(
  queries: number,
  keys: number,
  width: number,
  height: number,
  texts: readonly string[] = [],
): MatrixLayout {
  const labels = TITLE + 10 + CHARACTER * longestLabel(texts);
  const fit = Math.min(
    (width - labels - SIDE) / Math.max(1, keys),
    (height - labels - SIDE) / Math.max(1, queries),
  );
  const cell = Math.max(1, Math.min(MAX_CELL, fit));
  return {
    queries,
    keys,
    cell: cell > 4 ? Math.floor(cell) : cell,
    left: labels,
    top: labels,
  };
}

/** Characters of the longest label that is drawn for texts, or for numbers. */
export function longestLabel(texts: readonly string[]): number {
  const lengths = texts.map((text) => showToken(text).length);
  return texts.length === 0 ? NUMBERS : Math.min(MAX_TEXT, Math.max(2, ...lengths));
}

/** The cell at a place; null if there is none. */
export function matrixCellAt(
  layout: MatrixLayout,
  x: number,
  y: number,
): { query: number; key: number } | null {
  const key = Math.floor((x - layout.left) / layout.cell);
  const query = Math.floor((y - layout.top) / layout.cell);
  return key < 0 || query < 0 || key >= layout.keys || query >= layout.queries
    ? null
    : { query, key };
}

/** Draws the axes, and a cross-hair through the marked query and key. */
export function paintMatrixAxes(
  context: CanvasRenderingContext2D,
  layout: MatrixLayout,
  rows: MatrixAxis,
  columns: MatrixAxis,
  marked: { readonly query: number | null; readonly key: number | null },
  mask: Uint8Array | null,
  color: (name: ThemeColor) => string,
): void {
  const { queries, keys, cell, left, top } = layout;
  const width = keys * cell;
  const height = queries * cell;
  context.textBaseline = "middle";
  context.textAlign = "right";
  const each = (
    count: number,
    axis: MatrixAxis,
    at: number | null,
    draw: (index: number, text: string, strong: boolean) => void,
  ) => {
    const every = labelStep(cell, axis.texts === null ? 18 : LABEL_ROOM);
    for (let index = 0; index < count; index += 1) {
      // The marked one is always there, and its neighbours make room for it.
      const near =
        at !== null && index !== at && Math.abs(index - at) * cell < LABEL_ROOM;
      if (index === at || (index % every === 0 && !near)) {
        draw(index, labelOf(axis, index), index === at);
      }
    }
  };
  each(queries, rows, marked.query, (index, text, strong) => {
    context.font = `${strong ? "600 " : ""}${FONT}px system-ui, sans-serif`;
    context.fillStyle = color(strong ? "text" : "muted");
    context.fillText(text, left - 5, top + (index + 0.5) * cell);
  });
  context.textAlign = "left";
  each(keys, columns, marked.key, (index, text, strong) => {
    context.save();
    context.font = `${strong ? "600 " : ""}${FONT}px system-ui, sans-serif`;
    context.fillStyle =
      mask !== null && mask[index] === 0
        ? color("border-strong")
        : color(strong ? "text" : "muted");
    context.translate(left + (index + 0.5) * cell, top - 5);
    context.rotate(-Math.PI / 2);
    context.fillText(text, 0, 0);
    context.restore();
  });
  context.font = `${FONT}px system-ui, sans-serif`;
  context.fillStyle = color("muted");
  context.textAlign = "center";
  context.fillText(columns.title, left + width / 2, TITLE / 2);
  context.save();
  context.translate(TITLE / 2, top + height / 2);
  context.rotate(-Math.PI / 2);
  context.fillText(rows.title, 0, 0);
  context.restore();

  context.strokeStyle = color("border-strong");
  context.lineWidth = 1;
  context.strokeRect(left - 0.5, top - 0.5, width + 1, height + 1);
  paintCross(context, layout, marked);
}

/** Outlines of the marked row and column, seen on every colour. */
export function paintCross(
  context: CanvasRenderingContext2D,
  { queries, keys, cell, left, top }: MatrixLayout,
  { query, key }: { readonly query: number | null; readonly key: number | null },
): void {
  const outline = (x: number, y: number, width: number, height: number) => {
    for (const [style, line] of [
      // Around a few pixels, a wide line would hide what it marks.
      ["rgb(0 0 0 / 70%)", cell < 5 ? 0 : 3],
      ["rgb(255 255 255 / 90%)", 1],
    ] as const) {
      if (line === 0) {
        continue;
      }
      context.strokeStyle = style;
      context.lineWidth = line;
      context.strokeRect(x, y, width, height);
    }
  };
  if (key !== null) {
    outline(left + key * cell, top, cell, queries * cell);
  }
  if (query !== null) {
    outline(left, top + query * cell, keys * cell, cell);
  }
}

function labelOf(axis: MatrixAxis, index: number): string {
  const text = axis.texts?.[index];
  if (text === undefined) {
    return String(index);
  }
  const shown = showToken(text);
  return shown.length > MAX_TEXT ? `${shown.slice(0, MAX_TEXT - 1)}…` : shown;
}
