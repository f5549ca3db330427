/** The layers as a table: what `model.summary()` prints, and more. */

import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatBytes, formatCount } from "../../model/layer_text";
import {
  createRows,
  nextSorting,
  type Sorting,
  sumUp,
  type TableRow,
  type TableTotals,
} from "../../model/table/summary_table";
import {
  type Column,
  columnOf,
  costText,
  formatPercent,
} from "../../model/table/table_columns";
import { scrollTo, windowRows } from "../../model/windowing";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { shownColumns } from "./column_choice";
import { comparedOf } from "./compared";
import { foundIn } from "./found";
import { totalsOf } from "./model_details";
import { handleTableKey } from "./table_keys";
import { LayerRow } from "./table_row";
import type { ViewMemory } from "./view_memory";

/** Height of a line, as the style has it. */
const ROW = 27;
/** Height of what stays in sight above and below the lines. */
const HEAD = 31;
const FOOT = 29;

/** Sorted, filtered, with nested models that open. */
export function TableView({
  store,
  model,
  memory,
}: {
  store: Store;
  model: ArchitectureModel;
  memory: ViewMemory;
}) {
  const expanded = memory.expanded.value;
  const sorting = memory.sorting.value;
  const flat = memory.flat.value;
  const selected = store.layer.value;
  const { matcher, layers: found } = foundIn(store, model);
  const diff = comparedOf(store, model.graph.graph)?.diff ?? null;
  const rows = useMemo(
    () =>
      createRows(model.graph, model.sources, {
        expanded,
        sorting,
        matcher,
        flat,
        diff,
      }),
    [model, expanded, sorting, matcher, flat, diff],
  );
  const matching = useMemo(() => new Set(found.map((layer) => layer.path)), [found]);
  const totals = useMemo(() => {
    const { layers } = model.graph;
    return sumUp(model.graph, matcher.empty ? layers : found);
  }, [model, matcher, found]);
  const columns = shownColumns(diff !== null);
  const scroller = useRef<HTMLDivElement>(null);
  const seen = useSignal({ top: 0, height: 600 });
  // A removed layer's line whose path is another layer's now, so that it cannot be
  // selected: the keyboard is on it until something else is selected.
  const ghost = useSignal<{ key: string; selected: string | null } | null>(null);
  const keys = useMemo(() => new Map(rows.map((row, i) => [row.key, i])), [rows]);
  // Asked anew at each key: several may come before anything is drawn.
  const findActive = (): number => {
    const path = store.layer.value;
    const own = ghost.value?.selected === path ? ghost.value?.key : undefined;
    return keys.get(own ?? path ?? "") ?? keys.get(`−${path}`) ?? -1;
  };
  const active = findActive();

  useEffect(() => {
    const element = scroller.current;
    if (element === null) {
      return undefined;
    }
    const measure = () => {
      seen.value = { top: element.scrollTop, height: element.clientHeight };
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    element.addEventListener("scroll", measure, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", measure);
    };
  }, [seen]);

  const bring = (index: number) => {
    const element = scroller.current;
    if (element !== null && index >= 0) {
      const height = element.clientHeight - HEAD - FOOT;
      element.scrollTop = scrollTo(index, ROW, element.scrollTop, height);
      // The lines are there before the browser says that it has scrolled.
      seen.value = { top: element.scrollTop, height: element.clientHeight };
    }
  };
  useEffect(() => {
    // A layer that was selected elsewhere is shown, whatever holds it.
    const open = new Set(memory.expanded.value);
    let holder = selected === null ? undefined : model.graph.holder.get(selected);
    while (holder !== undefined) {
      open.add(holder);
      holder = model.graph.holder.get(holder);
    }
    if (open.size > memory.expanded.value.size) {
      memory.expanded.value = open;
    }
  }, [selected, model, memory]);
  const shownIndex = keys.get(selected ?? "") ?? -1;
  // Only another selection moves the table.
  useEffect(() => bring(shownIndex), [selected, shownIndex >= 0]);

  const toggle = (row: TableRow) => {
    const open = new Set(memory.expanded.value);
    if (!open.delete(row.key)) {
      open.add(row.key);
    }
    memory.expanded.value = open;
  };
  const select = (row: TableRow) => {
    if (row.sign === "removed" && model.graph.byPath.has(row.layer.path)) {
      ghost.value = { key: row.key, selected: store.layer.value };
    } else {
      ghost.value = null;
      store.selectLayer(row.layer.path);
    }
  };
  const open = (row: TableRow) => {
    if (row.sign !== "removed") {
      store.openActivations(row.layer.path);
    }
  };
  const go = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (row !== undefined) {
      select(row);
      bring(keys.get(row.key) as number);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey) {
      return;
    }
    if (
      handleTableKey(event.key, {
        rows,
        active: findActive(),
        page: pageOf(seen.value.height),
        go,
        toggle,
        open,
      })
    ) {
      event.preventDefault();
      event.stopPropagation();
    }
  };
  const { from, to } = windowRows(rows.length, ROW, seen.value.top, seen.value.height);
  const fixed = columns.slice(1).reduce((sum, id) => sum + columnOf(id).width, 0);
  return (
    <div class="kv-table-view">
      <div class="kv-table-scroll" ref={scroller}>
        <table
          class="kv-table"
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its lines open, and keys go through them.
          role="treegrid"
          tabIndex={0}
          aria-label={`Layers of ${model.graph.graph.name}`}
          aria-rowcount={rows.length + 2}
          aria-activedescendant={
            active >= from && active < to ? `kv-row-${active}` : undefined
          }
          style={{ minWidth: `${fixed + columnOf("layer").width}px` }}
          onKeyDown={onKeyDown}
        >
          <colgroup>
            {columns.map((id, i) => (
              <col
                key={id}
                style={i === 0 ? {} : { width: `${columnOf(id).width}px` }}
              />
            ))}
          </colgroup>
          <thead>
            <tr aria-rowindex={1}>
              {columns.map((column) => (
                <ColumnHead
                  key={column}
                  column={column}
                  sorting={sorting}
                  onSort={() => {
                    memory.sorting.value = nextSorting(sorting, column);
                  }}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            <Gap rows={from} />
            {rows.slice(from, to).map((row, i) => (
              <LayerRow
                key={row.key}
                row={row}
                index={from + i}
                columns={columns}
                selected={row.key === selected}
                active={from + i === active}
                found={!matcher.empty && matching.has(row.layer.path)}
                actions={{
                  onSelect: () => select(row),
                  onOpen: () => open(row),
                  onToggle: () => toggle(row),
                }}
              />
            ))}
            <Gap rows={rows.length - to} />
            {rows.length === 0 && (
              <tr>
                <td colSpan={columns.length} class="kv-muted">
                  No layer is like this.
                </td>
              </tr>
            )}
          </tbody>
          <tfoot>
            <tr aria-rowindex={rows.length + 2}>
              {columns.map((column, i) =>
                i === 0 ? (
                  <th key={column} scope="row">
                    {matcher.empty ? "Total" : "Found"}: {formatCount(totals.layers)}
                    {!matcher.empty && ` of ${formatCount(model.graph.layers.length)}`}{" "}
                    layers
                  </th>
                ) : (
                  <td
                    key={column}
                    class={columnOf(column).numeric ? "kv-arch-number" : undefined}
                  >
                    {totalText(totals, column, model.graph.graph.params)}
                  </td>
                ),
              )}
            </tr>
          </tfoot>
        </table>
      </div>
      <table class="kv-table-totals" aria-label="Totals">
        <tbody>
          {totalsOf(model).map(({ name, params, bytes }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>
                {formatCount(params)} <span>({formatBytes(bytes)})</span>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function pageOf(height: number): number {
  return Math.max(1, Math.floor((height - HEAD - FOOT) / ROW) - 1);
}

/** Stands for lines that are out of sight. */
function Gap({ rows }: { rows: number }) {
  return rows <= 0 ? null : (
    <tr aria-hidden="true" class="kv-table-gap" style={{ height: `${rows * ROW}px` }}>
      <td />
    </tr>
  );
}

function ColumnHead({
  column,
  sorting,
  onSort,
}: {
  column: Column;
  sorting: Sorting;
  onSort: () => void;
}) {
  const { title, definition, numeric } = columnOf(column);
  const own = sorting?.column === column;
  const order = own ? (sorting.descending ? "descending" : "ascending") : "none";
  return (
    <th
      scope="col"
      aria-sort={order}
      class={numeric ? "kv-arch-number" : undefined}
      title={definition}
    >
      <button type="button" class="kv-sort" data-order={order} onClick={onSort}>
        {title}
      </button>
    </th>
  );
}

function totalText(totals: TableTotals, column: Column, params: number): string {
  switch (column) {
    case "params":
      return formatCount(totals.params);
    case "own_params":
      return formatCount(totals.ownParams);
    case "share":
      return params > 0 ? formatPercent(totals.params / params) : "";
    case "trainable":
      return formatCount(totals.trainable);
    case "multiply_adds":
      return costText(totals.multiplyAdds, totals.unknownMultiplyAdds, formatCount);
    case "activation_bytes":
      return costText(
        totals.activationBytes,
        totals.unknownActivationBytes,
        formatBytes,
      );
    default:
      return "";
  }
}
