/** A variable of any rank as cells in rows and columns. */

import type { CapturedVariable } from "../kernel/incoming_kernel";

/** Where each kept value of a variable lies. */
export interface WeightPicture {
  readonly kind: "tiles" | "matrix" | "strip";
  /** Tiles below and beside each other; one where there are none. */
  readonly tileRows: number;
  readonly tileColumns: number;
  /** Cells of a tile. */
  readonly height: number;
  readonly width: number;
  /** What rows and columns are, as a phrase. */
  readonly meaning: string;
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

/** Lays the kept values out: tiles of a convolution, a matrix, or a strip. */
export function layOut(kept: readonly number[], spatialAxes: number): WeightPicture {
  if (spatialAxes > 0 && kept.length === spatialAxes + 2) {
    return foldTiles(layOutTiles(kept, spatialAxes));
  }
  return kept.length < 2 ? layOutStrip(kept[0] ?? 1) : layOutMatrix(kept);
}

function layOutStrip(count: number): WeightPicture {
  const width = Math.max(1, Math.min(STRIP, count));
  return {
    kind: "strip",
    tileRows: 1,
    tileColumns: 1,
    height: Math.ceil(count / width),
    width,
    meaning: count > width ? `${width} values a line` : "",
    placeOf: (row, column) => {
      const place = row * width + column;
      return place < count ? place : -1;
    },
  };
}

/** Axes are joined to rows and columns where that is nearest to a square. */
function layOutMatrix(kept: readonly number[]): WeightPicture {
  const count = product(kept);
  let rowAxes = 1;
  let best = Number.POSITIVE_INFINITY;
  for (let axes = 1; axes < kept.length; axes += 1) {
    const rows = product(kept.slice(0, axes));
    const skew = Math.abs(Math.log(Math.max(1, rows) ** 2 / Math.max(1, count)));
    if (skew < best - 1e-9) {
      best = skew;
      rowAxes = axes;
    }
  }
  const height = product(kept.slice(0, rowAxes));
  const width = product(kept.slice(rowAxes));
  const meaning = `rows are ${axesText(0, rowAxes)}, columns ${axesText(rowAxes, kept.length)}`;
  if (height > LONG && height > TALL * width) {
    return foldRows(height, width, meaning);
  }
  if (width > LONG && width > WIDE * height) {
    return foldColumns(height, width, meaning);
  }
  return {
    kind: "matrix",
    tileRows: 1,
    tileColumns: 1,
    height,
    width,
    meaning,
    placeOf: (row, column) => row * width + column,
  };
}

/** Blocks of the rows of a tall matrix beside each other. */
function foldRows(rows: number, width: number, meaning: string): WeightPicture {
  const height = Math.ceil(Math.sqrt((rows * width) / SHAPE));
  return {
    kind: "matrix",
    tileRows: 1,
    tileColumns: Math.ceil(rows / height),
    height,
    width,
    meaning: `${meaning}; blocks of ${height} rows beside each other`,
    placeOf: (at, column) => {
      const row = Math.floor(column / width) * height + at;
      return row < rows ? row * width + (column % width) : -1;
    },
  };
}

/** Blocks of the columns of a wide matrix below each other. */
function foldColumns(height: number, columns: number, meaning: string): WeightPicture {
  const width = Math.ceil(Math.sqrt(columns * height * SHAPE));
  return {
    kind: "matrix",
    tileRows: Math.ceil(columns / width),
    tileColumns: 1,
    height,
    width,
    meaning: `${meaning}; blocks of ${width} columns below each other`,
    placeOf: (at, inBlock) => {
      const column = Math.floor(at / height) * width + inBlock;
      return column < columns ? (at % height) * columns + column : -1;
    },
  };
}

/** A tile for each pair of channels; of a volume the depths beside each other. */
function layOutTiles(kept: readonly number[], spatialAxes: number): WeightPicture {
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
    meaning:
      `a tile of ${window.join(" x ")} for each pair of channels: ` +
      `axis ${spatialAxes} down, axis ${spatialAxes + 1} across`,
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
    const across = Math.ceil(Math.sqrt((tiles * SHAPE * height) / width));
    return {
      ...picture,
      tileRows: tileRows * Math.ceil(tileColumns / across),
      tileColumns: across,
      meaning: `${picture.meaning}, in blocks of ${across} below each other`,
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
    const down = Math.ceil(Math.sqrt((tiles * width) / (SHAPE * height)));
    return {
      ...picture,
      tileRows: down,
      tileColumns: tileColumns * Math.ceil(tileRows / down),
      meaning: `${picture.meaning}, in blocks of ${down} beside each other`,
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

function axesText(from: number, to: number): string {
  const axes = Array.from({ length: to - from }, (_, at) => from + at);
  return axes.length === 1 ? `axis ${axes[0]}` : `axes ${axes.join(" and ")} joined`;
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
  /** Largest finite absolute value; 0 if there is none. */
  readonly most: number;
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
  const missing = new Uint8Array(values.length);
  const changes = values.map((value, place) => {
    const before = base.at(indexOfPlace(indices, place));
    if (before === null) {
      missing[place] = 1;
      return 0;
    }
    return value - before;
  });
  return measure(changes, missing.includes(1) ? missing : null);
}

function measure(values: Float32Array, missing: Uint8Array | null): DrawnWeights {
  let most = 0;
  let nonfinite = 0;
  values.forEach((value, place) => {
    if (missing?.[place] === 1) {
      return;
    }
    if (Number.isFinite(value)) {
      most = Math.max(most, Math.abs(value));
    } else {
      nonfinite += 1;
    }
  });
  return { values, missing, most, nonfinite };
}
