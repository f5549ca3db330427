/** A variable of any rank as cells in rows and columns. */

import type { VariableAxis } from "../../wire/generated";
import type { CapturedVariable } from "../kernel/incoming_kernel";
import { axisName, axisParts } from "./axis_names";

/** Where each kept value of a variable lies. */
export interface WeightPicture {
  readonly kind: "tiles" | "matrix" | "strip";
  /** Tiles below and beside each other; one where there are none. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Cells of a tile. */
  readonly height: number;
  readonly width: number;
  /** What is counted from top to bottom, and from left to right; may be empty. */
  readonly rows: string;
  readonly columns: string;
  /** What else has to be known to read it, as phrases. */
  readonly notes: readonly string[];
  /** Place among the kept values of a cell, both counted over all tiles; -1 = none. */
  placeOf(row: number, column: number): number;
}

/** Matrices of more rows or columns are folded if they are this much longer one way. */
const LONG = 128;
const TALL = 4;
const WIDE = 8;
/** As many tiles in one direction are never folded. */
const FEW_TILES = 24;
/** Width of a folded matrix by its height. */
const SHAPE = 2.2;

/** Cells of a strip that are beside each other. */
const STRIP = 64;

/**
 * Lays the kept values out: tiles of a convolution, a matrix, or a strip.
 *
 * @param kept How many indices of each axis were kept.
 * @param spatialAxes How many first axes are the window of a convolution.
 * @param axes What the axes stand for; empty where it is not known.
 */
export function layOut(
  kept: readonly number[],
  spatialAxes: number,
  axes: readonly VariableAxis[] = [],
): WeightPicture {
  const isKernel = spatialAxes > 0 && kept.length === spatialAxes + 2;
  if (isKernel && product(kept.slice(0, spatialAxes)) > 1) {
    return foldTiles(layOutTiles(kept, spatialAxes, axes));
  }
  if (isKernel) {
    // Of a window of one place, each tile would be one cell: that is a matrix.
    return layOutMatrix(kept.slice(spatialAxes), axes.slice(spatialAxes), spatialAxes);
  }
  return kept.length < 2
    ? layOutStrip(kept[0] ?? 1, kept.length === 0 ? "" : axisName(axes, 0))
    : layOutMatrix(kept, axes, 0);
}

function layOutStrip(count: number, name: string): WeightPicture {
  const width = Math.max(1, Math.min(STRIP, count));
  return {
    kind: "strip",
    tileRows: 1,
    tileColumns: 1,
    height: Math.ceil(count / width),
    width,
    rows: "",
    columns: name,
    notes: count > width ? [`${width} values a line`] : [],
    placeOf: (row, column) => {
      const place = row * width + column;
      return place < count ? place : -1;
    },
  };
}

/**
 * Axes are joined to rows and columns where that is nearest to a square. The first of
 * joined axes, such as the heads of attention, and the parts of an axis, such as the
 * gates of an LSTM, are kept apart.
 */
function layOutMatrix(
  kept: readonly number[],
  axes: readonly VariableAxis[],
  firstAxis: number,
): WeightPicture {
  const count = product(kept);
  let rowAxes = 1;
  let best = Number.POSITIVE_INFINITY;
  for (let axis = 1; axis < kept.length; axis += 1) {
    const rows = product(kept.slice(0, axis));
    const skew = Math.abs(Math.log(Math.max(1, rows) ** 2 / Math.max(1, count)));
    if (skew < best - 1e-9) {
      best = skew;
      rowAxes = axis;
    }
  }
  const along = (from: number, to: number): Side => {
    const own = axes.length === kept.length ? axes.slice(from, to) : [];
    const names = Array.from({ length: to - from }, (_, at) =>
      own.length > 0 ? axisName(own, at) : `axis ${firstAxis + from + at}`,
    );
    const sizes = kept.slice(from, to);
    const parts = to - from === 1 ? axisParts(own, 0, sizes[0] ?? 0) : [];
    const groups = to - from > 1 ? (sizes[0] ?? 1) : Math.max(1, parts.length);
    const size = product(sizes);
    const name = names.join(" × ") + (parts.length > 0 ? ` (${parts.join(", ")})` : "");
    // Groups of one cell each would be nothing but gaps.
    return { name, size, groups: size > groups ? groups : 1 };
  };
  const down = along(0, rowAxes);
  const across = along(rowAxes, kept.length);
  if (down.size > LONG && down.size > TALL * across.size) {
    return foldRows(down, across);
  }
  if (across.size > LONG && across.size > WIDE * down.size) {
    return foldColumns(down, across);
  }
  return {
    kind: "matrix",
    tileRows: down.groups,
    tileColumns: across.groups,
    height: down.size / Math.max(1, down.groups),
    width: across.size / Math.max(1, across.groups),
    rows: down.name,
    columns: across.name,
    notes: [],
    placeOf: (row, column) => row * across.size + column,
  };
}

/** Rows, or columns, of a matrix. */
interface Side {
  readonly name: string;
  readonly size: number;
  /** Equal parts that are kept apart. */
  readonly groups: number;
}

/** About the wanted size of a block, so that the last one is nearly as large. */
function evenBlock(total: number, wanted: number): number {
  return Math.ceil(total / Math.max(1, Math.round(total / wanted)));
}

/** Blocks of the rows of a tall matrix beside each other. */
function foldRows(down: Side, across: Side): WeightPicture {
  const width = across.size;
  const height = evenBlock(down.size, Math.sqrt((down.size * width) / SHAPE));
  return {
    kind: "matrix",
    tileRows: 1,
    tileColumns: Math.ceil(down.size / height),
    height,
    width,
    rows: down.name,
    columns: across.name,
    notes: [`blocks of ${height} rows beside each other`],
    placeOf: (at, column) => {
      const row = Math.floor(column / width) * height + at;
      return row < down.size ? row * width + (column % width) : -1;
    },
  };
}

/** Blocks of the columns of a wide matrix below each other. */
function foldColumns(down: Side, across: Side): WeightPicture {
  const height = down.size;
  const columns = across.size;
  const width = evenBlock(columns, Math.sqrt(columns * height * SHAPE));
  return {
    kind: "matrix",
    tileRows: Math.ceil(columns / width),
    tileColumns: 1,
    height,
    width,
    rows: down.name,
    columns: across.name,
    notes: [`blocks of ${width} columns below each other`],
    placeOf: (at, inBlock) => {
      const column = Math.floor(at / height) * width + inBlock;
      return column < columns ? (at % height) * columns + column : -1;
    },
  };
}

/** A tile for each pair of channels; of a volume the depths beside each other. */
function layOutTiles(
  kept: readonly number[],
  spatialAxes: number,
  axes: readonly VariableAxis[],
): WeightPicture {
  const window = kept.slice(0, spatialAxes);
  const [tileRows = 1, tileColumns = 1] = kept.slice(spatialAxes);
  const height = spatialAxes > 1 ? (window.at(-2) ?? 1) : 1;
  const across = window.at(-1) ?? 1;
  const depth = product(window) / Math.max(1, height * across);
  const width = across * depth;
  return {
    kind: "tiles",
    tileRows,
    tileColumns,
    height,
    width,
    rows: axisName(axes, spatialAxes),
    columns: axisName(axes, spatialAxes + 1),
    notes: [
      `a tile of ${window.join(" x ")} for each pair of them`,
      ...(depth > 1 ? ["depths beside each other in a tile"] : []),
    ],
    placeOf: (row, column) => {
      const inTile = column % width;
      const slice = Math.floor(inTile / across);
      const position = (slice * height + (row % height)) * across + (inTile % across);
      const channel = Math.floor(row / height) * tileColumns;
      return position * tileRows * tileColumns + channel + Math.floor(column / width);
    },
  };
}

/** Tiles of many channels one way and few the other, in blocks. */
function foldTiles(picture: WeightPicture): WeightPicture {
  const { tileRows, tileColumns, height, width, placeOf } = picture;
  const tiles = tileRows * tileColumns;
  if (tileColumns > FEW_TILES && tileColumns * width > WIDE * tileRows * height) {
    const across = evenBlock(tileColumns, Math.sqrt((tiles * SHAPE * height) / width));
    return {
      ...picture,
      tileRows: tileRows * Math.ceil(tileColumns / across),
      tileColumns: across,
      notes: [...picture.notes, `blocks of ${across} tiles below each other`],
      placeOf: (row, column) => {
        const down = Math.floor(row / height);
        const tile = Math.floor(down / tileRows) * across + Math.floor(column / width);
        const inTile = tile * width + (column % width);
        return tile < tileColumns
          ? placeOf((down % tileRows) * height + (row % height), inTile)
          : -1;
      },
    };
  }
  if (tileRows > FEW_TILES && tileRows * height > TALL * tileColumns * width) {
    const down = evenBlock(tileRows, Math.sqrt((tiles * width) / (SHAPE * height)));
    return {
      ...picture,
      tileRows: down,
      tileColumns: tileColumns * Math.ceil(tileRows / down),
      notes: [...picture.notes, `blocks of ${down} tiles beside each other`],
      placeOf: (row, column) => {
        const across = Math.floor(column / width);
        const tile = Math.floor(across / tileColumns) * down + Math.floor(row / height);
        const inTile = (across % tileColumns) * width + (column % width);
        return tile < tileRows ? placeOf(tile * height + (row % height), inTile) : -1;
      },
    };
  }
  return picture;
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}

/** Index in the whole variable of a place among its kept values. */
export function indexOfPlace(
  indices: readonly (readonly number[])[],
  place: number,
): number[] {
  const index: number[] = [];
  let rest = place;
  for (let axis = indices.length - 1; axis >= 0; axis -= 1) {
    const along = indices[axis] ?? [];
    index.unshift(along[rest % along.length] ?? 0);
    rest = Math.floor(rest / along.length);
  }
  return index;
}

/** What is drawn: a number for each place, or nothing there. */
export interface DrawnWeights {
  readonly values: Float32Array;
  /** 1 where the other capture did not keep the value; null = nowhere. */
  readonly missing: Uint8Array | null;
  /** Lowest and highest finite value; both 0 if there is none. */
  readonly low: number;
  readonly high: number;
  /** How many of the values are finite. */
  readonly finite: number;
  /** How many of the values are NaN or infinite. */
  readonly nonfinite: number;
}

/** The values as they were captured. */
export function drawValues(values: Float32Array): DrawnWeights {
  return measure(values, null);
}

/** What a variable has more than another capture of it, value by value. */
export function drawDifference(
  values: Float32Array,
  indices: readonly (readonly number[])[],
  base: CapturedVariable,
): DrawnWeights {
  const changes = new Float32Array(values.length);
  const missing = new Uint8Array(values.length);
  const along = indices.map((kept, axis) => base.placesAlong(axis, kept));
  const sizes = indices.map((kept) => kept.length);
  const before = base.indices.map((kept) => kept.length);
  let at = 0;
  // Axis by axis: an index for each of two million values takes five times as long.
  const visit = (axis: number, place: number) => {
    if (axis === sizes.length) {
      if (place < 0) {
        missing[at] = 1;
      } else {
        changes[at] = (values[at] ?? 0) - (base.values[place] ?? 0);
      }
      at += 1;
      return;
    }
    const places = along[axis] as Int32Array;
    for (let i = 0; i < places.length; i += 1) {
      const next = places[i] as number;
      const isKept = place >= 0 && next >= 0;
      visit(axis + 1, isKept ? place * (before[axis] ?? 0) + next : -1);
    }
  };
  visit(0, 0);
  return measure(changes, missing.includes(1) ? missing : null);
}

function measure(values: Float32Array, missing: Uint8Array | null): DrawnWeights {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  let finite = 0;
  let nonfinite = 0;
  values.forEach((value, place) => {
    if (missing?.[place] === 1) {
      return;
    }
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
      finite += 1;
    } else {
      nonfinite += 1;
    }
  });
  return finite === 0
    ? { values, missing, low: 0, high: 0, finite, nonfinite }
    : { values, missing, low, high, finite, nonfinite };
}
