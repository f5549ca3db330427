/** Keys on the table of layers. */

import type { TableRow } from "../../model/table/summary_table";

/** What the keys act on. */
export interface TableKeyTargets {
  readonly rows: readonly TableRow[];
  readonly active: number;
  /** How many lines Page Up and Page Down go. */
  readonly page: number;
  readonly go: (index: number) => void;
  readonly toggle: (row: TableRow) => void;
  readonly open: (row: TableRow) => void;
}

/** @returns Whether the key means something here. */
export function handleTableKey(key: string, table: TableKeyTargets): boolean {
  const { rows, active, page, go, toggle, open } = table;
  const row = rows[active];
  switch (key) {
    case "ArrowDown":
      go(active + 1);
      return true;
    case "ArrowUp":
      go(active - 1);
      return true;
    case "PageDown":
      go(active + page);
      return true;
    case "PageUp":
      go(active - page);
      return true;
    case "Home":
      go(0);
      return true;
    case "End":
      go(rows.length - 1);
      return true;
    case " ":
      go(active);
      return true;
    case "Enter":
      if (row !== undefined) {
        open(row);
      }
      return true;
    case "ArrowRight":
      if (row?.expandable && !row.expanded) {
        toggle(row);
      } else if (row?.expanded) {
        go(active + 1);
      }
      return true;
    case "ArrowLeft":
      if (row?.expanded) {
        toggle(row);
      } else if (row !== undefined) {
        // On to what holds it.
        go(rows.findLastIndex((one, i) => i < active && one.depth < row.depth));
      }
      return true;
    default:
      return false;
  }
}
