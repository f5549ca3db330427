/** What each row of the map shows: this run, the other one, or both divided. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { HeatCells } from "../../draw/dynamics_heat";
import {
  type CellStatistic,
  cellOfStep,
  type DynamicsMap,
  sameVariables,
} from "../../model/dynamics/dynamics_map";
import {
  closedAbove,
  type DynamicsRow,
  followLayers,
  listRows,
} from "../../model/dynamics/dynamics_rows";
import { joinVariables } from "../../model/dynamics/joined_variables";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";

/** One drawn row. */
export interface HeatRow {
  readonly row: DynamicsRow;
  /** Whose values they are. */
  readonly source: "this" | "other" | "ratio";
}

/** The rows, and what opens and closes them. */
export interface Rows {
  readonly rows: readonly DynamicsRow[];
  toggle(key: string): void;
  /** Opens what a layer is in. */
  reveal(layer: string): void;
}

/** The layers in graph order, open as the user left them. */
export function useRows(store: Store, variables: readonly string[]): Rows {
  const toggled = useSignal<ReadonlySet<string>>(new Set());
  const graph = shownValue(store.graph.value);
  const layers = useMemo(
    () => followLayers(graph?.layers ?? [], variables),
    [graph, variables],
  );
  const rows = useMemo(
    () => listRows(layers, variables, toggled.value),
    [layers, variables, toggled.value],
  );
  return {
    rows,
    toggle: (key) => {
      const next = new Set(toggled.value);
      if (!next.delete(key)) {
        next.add(key);
      }
      toggled.value = next;
    },
    reveal: (layer) => {
      const closed = closedAbove(layers, layer, toggled.value);
      if (closed.length > 0) {
        const next = new Set(toggled.value);
        for (const key of closed) {
          if (!next.delete(key)) {
            next.add(key);
          }
        }
        toggled.value = next;
      }
    },
  };
}

/** Rows that are drawn: where two runs are shown, each twice. */
export function drawnRows(
  rows: readonly DynamicsRow[],
  compared: "none" | "both" | "ratio",
): HeatRow[] {
  return rows.flatMap((row): HeatRow[] => {
    switch (compared) {
      case "both":
        return [
          { row, source: "this" },
          { row, source: "other" },
        ];
      case "ratio":
        return [{ row, source: "ratio" }];
      default:
        return [{ row, source: "this" }];
    }
  });
}

/** Cells of a row. */
export function cellsOfRow(
  { row, source }: HeatRow,
  map: DynamicsMap,
  other: DynamicsMap | null,
  statistic: CellStatistic,
): HeatCells {
  if (source === "this" || other === null) {
    return { ...joinVariables(map, row.variables, statistic), cells: map };
  }
  const theirs = sameVariables(map, other, row.variables);
  const found = joinVariables(other, theirs, statistic);
  if (source === "other") {
    return { ...found, cells: other };
  }
  const mine = joinVariables(map, row.variables, statistic);
  const values = mine.values.map((value, cell) => {
    const first = map.firstSteps[cell] ?? 0;
    const last = map.steps[cell] ?? 0;
    const at = cellOfStep(other, (first + last) / 2);
    const overlaps =
      (other.firstSteps[at] ?? 0) <= last && (other.steps[at] ?? -1) >= first;
    const by = overlaps ? (found.values[at] ?? Number.NaN) : Number.NaN;
    // Infinity is where only the other one is zero, and zero where this one is.
    return Number.isNaN(by) || value === 0 ? by * value : value / by;
  });
  return { values, nonfinite: mine.nonfinite, cells: map };
}
