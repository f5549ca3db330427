/** Where a key leads to in a grid of cells, or in a list of rows. */

/** A place in a grid. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** How many rows Page Up and Page Down go. */
const PAGE_ROWS = 10;

const UP_AND_DOWN: ReadonlyMap<string, number> = new Map([
  ["ArrowUp", -1],
  ["ArrowDown", 1],
  ["PageUp", -PAGE_ROWS],
  ["PageDown", PAGE_ROWS],
]);

const SIDEWAYS: ReadonlyMap<string, number> = new Map([
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
]);

const TO_THE_ENDS: ReadonlyMap<string, number> = new Map([
  ["Home", Number.NEGATIVE_INFINITY],
  ["End", Number.POSITIVE_INFINITY],
]);

/**
 * The cell that a key leads to from another; Home and End lead to the ends of its row.
 *
 * @param key Name of the key.
 * @param from The cell to go on from.
 * @param rows Number of rows.
 * @param columns Number of columns.
 * @returns null if the key means nothing in a grid.
 */
export function cellAfterKey(
  key: string,
  from: CellPlace,
  rows: number,
  columns: number,
): CellPlace | null {
  const down = UP_AND_DOWN.get(key);
  const right = SIDEWAYS.get(key) ?? TO_THE_ENDS.get(key);
  return down === undefined && right === undefined
    ? null
    : {
        row: clamp(from.row + (down ?? 0), rows),
        column: clamp(from.column + (right ?? 0), columns),
      };
}

/**
 * The row that a key leads to from another; Home and End lead to the first and last.
 *
 * @param key Name of the key.
 * @param from The row to go on from; -1 = none, then before the first.
 * @param count Number of rows.
 * @returns null if the key means nothing in a list, or if there is no row.
 */
export function rowAfterKey(key: string, from: number, count: number): number | null {
  const by = UP_AND_DOWN.get(key) ?? TO_THE_ENDS.get(key);
  return by === undefined || count === 0 ? null : clamp(from + by, count);
}

function clamp(at: number, count: number): number {
  return Math.max(0, Math.min(count - 1, at));
}
