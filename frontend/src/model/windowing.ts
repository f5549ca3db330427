/** Which rows of a long list are in view. */

/** Rows `from` (inclusive) to `to` (exclusive). */
export interface RowWindow {
  readonly from: number;
  readonly to: number;
}

/** Rows beyond the edges that are kept, so that scrolling shows no gaps. */
const MARGIN = 6;

/**
 * Rows of equal height that are in view.
 *
 * @param count Number of rows.
 * @param rowHeight Height of a row.
 * @param top How far the list is scrolled.
 * @param height Height of what is in view.
 */
export function windowRows(
  count: number,
  rowHeight: number,
  top: number,
  height: number,
): RowWindow {
  const first = Math.floor(top / rowHeight) - MARGIN;
  const last = Math.ceil((top + height) / rowHeight) + MARGIN;
  return {
    from: Math.max(0, Math.min(count, first)),
    to: Math.max(0, Math.min(count, last)),
  };
}

/** How far to scroll so that a row is in view, by as little as possible. */
export function scrollTo(
  row: number,
  rowHeight: number,
  top: number,
  height: number,
): number {
  const start = row * rowHeight;
  if (start < top) {
    return start;
  }
  return Math.max(top, start + rowHeight - height);
}
