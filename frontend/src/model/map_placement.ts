/** Where the cells of a kept map lie over a picture, and over the full map. */

import type { LayerActivation } from "../wire/generated";
import type { AxisField, FieldAnswer } from "./receptive_field";

/** One axis. Places are in pixels of the picture, or in values of the full map. */
export interface AxisPlacement {
  /** Where the map begins. */
  readonly start: number;
  readonly length: number;
  /** Kept cells. */
  readonly cells: number;
  /** Length of a cell; the last one may be cut. */
  readonly cell: number;
  /** Values of the full map that a kept cell is the mean of. */
  readonly factor: number;
  /** Values of the full map. */
  readonly full: number;
  /** Where the picture ends; the same as the map without one. */
  readonly picture: number;
  /** What a value is computed from; null = not known. */
  readonly field: AxisField | null;
}

/** Both axes. */
export interface MapPlacement {
  readonly rows: AxisPlacement;
  readonly columns: AxisPlacement;
  /** Whether each value lies where it was computed, or the map was stretched. */
  readonly kind: "aligned" | "stretched" | "alone";
  /** Why it was stretched; empty otherwise. */
  readonly reason: string;
}

/** A stretch of pixels, from the first to behind the last. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Places a map by itself, where there is no picture below it. */
export function placeAlone(entry: LayerActivation): MapPlacement {
  const factor = reductionFactor(entry);
  const depths = Math.max(1, entry.slices.length);
  const axis = (at: 0 | 1): AxisPlacement => {
    const own = Math.min(factor, Math.max(1, entry.full_map[at]));
    // The depths of a volume stand side by side, each reduced by itself.
    const full = at === 1 && depths > 1 ? entry.kept_map[at] * own : entry.full_map[at];
    return {
      start: 0,
      length: full,
      cells: entry.kept_map[at],
      cell: own,
      factor: own,
      full,
      picture: full,
      field: null,
    };
  };
  return { rows: axis(0), columns: axis(1), kind: "alone", reason: "" };
}

/**
 * Places a map over a picture.
 *
 * @param answer Where its values lie; where that is unknown, it is stretched over
 *   the whole picture.
 * @param picture Height and width of the picture.
 */
export function placeOver(
  entry: LayerActivation,
  answer: FieldAnswer,
  picture: readonly [number, number],
): MapPlacement {
  const alone = placeAlone(entry);
  const axis = (own: AxisPlacement, size: number, field: AxisField | null) => {
    const step = field === null ? size / Math.max(1, own.full) : field.stride;
    // The centre of pixel 0 is half a pixel from the picture's edge.
    const start = field === null ? 0 : field.offset + 0.5 - field.stride / 2;
    return {
      ...own,
      start,
      length: step * own.full,
      cell: step * own.factor,
      picture: size,
      field,
    };
  };
  const field = answer.state === "known" ? answer.field : null;
  return {
    rows: axis(alone.rows, picture[0], field?.rows ?? null),
    columns: axis(alone.columns, picture[1], field?.columns ?? null),
    kind: field === null ? "stretched" : "aligned",
    reason: answer.state === "known" ? "" : answer.reason,
  };
}

/** What has to be in view: the picture and the map. */
export function spanOf(axis: AxisPlacement): Span {
  return {
    from: Math.min(0, axis.start),
    to: Math.max(axis.picture, axis.start + axis.length),
  };
}

/** The cell at a place; null beside the map. */
export function cellAt(axis: AxisPlacement, place: number): number | null {
  const cell = Math.floor((place - axis.start) / axis.cell);
  return place < axis.start || place >= axis.start + axis.length || cell >= axis.cells
    ? null
    : cell;
}

/** Where a cell lies. */
export function cellSpan(axis: AxisPlacement, cell: number): Span {
  const end = axis.start + axis.length;
  return {
    from: axis.start + cell * axis.cell,
    to: Math.min(end, axis.start + (cell + 1) * axis.cell),
  };
}

/** Values of the full map that a cell is the mean of, by index. */
export function valuesOfCell(axis: AxisPlacement, cell: number): Span {
  const from = cell * axis.factor;
  return { from, to: Math.min(axis.full, from + axis.factor) };
}

/** Pixels of the picture that a cell is computed from; null where it is not known. */
export function seenByCell(axis: AxisPlacement, cell: number): Span | null {
  const { field } = axis;
  if (field === null) {
    return null;
  }
  const { from, to } = valuesOfCell(axis, cell);
  const low = field.offset + field.stride * from + 0.5 - field.extent / 2;
  const high = field.offset + field.stride * (to - 1) + 0.5 + field.extent / 2;
  return { from: Math.max(0, low), to: Math.min(axis.picture, high) };
}

/** Values that each kept cell averages, along each axis that is long enough. */
export function reductionFactor(entry: LayerActivation): number {
  const { full_map } = entry;
  const [height, width] = entry.kept_map;
  const kept_map = [height, width / Math.max(1, entry.slices.length)];
  const longest = Math.max(...full_map);
  for (let factor = 1; factor < longest; factor += 1) {
    const fits = full_map.every((full, axis) => {
      const own = Math.min(factor, Math.max(1, full));
      return Math.ceil(full / own) === kept_map[axis];
    });
    if (fits) {
      return factor;
    }
  }
  return Math.max(1, longest);
}
