/** The layers as a table: what `model.summary()` prints, and more. */

import { useEffect, useMemo, useRef } from "preact/hooks";
import { formatBytes, formatCount, formatShapes } from "../../model/layer_text";
import {
  COLUMNS,
  type Column,
  createRows,
  nextSorting,
  type Sorting,
  type TableRow,
} from "../../model/summary_table";
import type { Store } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import type { ArchitectureModel } from "./architecture_model";
import { formatShare } from "./facts";
import { totalsOf } from "./model_details";
import type { ViewMemory } from "./view_memory";

const TITLES: Readonly<Record<Column, string>> = {
  layer: "Layer (type)",
  output_shape: "Output Shape",
  params: "Param #",
  share: "Share",
  trainable: "Trainable",
  connected_to: "Connected to",
};
const NUMERIC: ReadonlySet<Column> = new Set(["params", "share"]);
/** More lines than this are shown in steps. */
const PAGE = 1_500;

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
  const filter = store.find.value;
  const selected = store.layer.value;
  const body = useRef<HTMLDivElement>(null);
  const rows = useMemo(
    () => createRows(model.graph, model.sources, { expanded, sorting, filter }),
    [model, expanded, sorting, filter],
  );
  const shown = rows.slice(0, PAGE);

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
    const row = body.current?.querySelector('tr[aria-selected="true"]');
    row?.scrollIntoView?.({ block: "nearest" });
  }, [selected, model, memory]);

  const toggle = (path: string) => {
    const open = new Set(memory.expanded.value);
    if (!open.delete(path)) {
      open.add(path);
    }
    memory.expanded.value = open;
  };
  return (
    <div class="kv-table-view">
      <div class="kv-table-scroll" ref={body}>
        <table class="kv-table" aria-label={`Layers of ${model.graph.graph.name}`}>
          <thead>
            <tr>
              {COLUMNS.map((column) => (
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
            {shown.map((row) => (
              <Row
                key={row.layer.path}
                row={row}
                selected={row.layer.path === selected}
                onSelect={() => store.selectLayer(row.layer.path)}
                onOpen={() => store.openActivations(row.layer.path)}
                onToggle={() => toggle(row.layer.path)}
              />
            ))}
            {rows.length === 0 && (
              <tr>
                <td colSpan={COLUMNS.length} class="kv-muted">
                  No layer has “{filter.slice(0, 80)}” in its name, class or path.
                </td>
              </tr>
            )}
            {rows.length > shown.length && (
              <tr>
                <td colSpan={COLUMNS.length} class="kv-muted">
                  {formatCount(rows.length - shown.length)} more lines: filter to see
                  them.
                </td>
              </tr>
            )}
          </tbody>
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

function ColumnHead({
  column,
  sorting,
  onSort,
}: {
  column: Column;
  sorting: Sorting;
  onSort: () => void;
}) {
  const own = sorting?.column === column;
  const order = own ? (sorting.descending ? "descending" : "ascending") : "none";
  return (
    <th
      scope="col"
      aria-sort={order}
      class={NUMERIC.has(column) ? "kv-arch-number" : undefined}
    >
      <button type="button" class="kv-sort" data-order={order} onClick={onSort}>
        {TITLES[column]}
      </button>
    </th>
  );
}

function Row({
  row,
  selected,
  onSelect,
  onOpen,
  onToggle,
}: {
  row: TableRow;
  selected: boolean;
  onSelect: () => void;
  onOpen: () => void;
  onToggle: () => void;
}) {
  const { layer } = row;
  const onKeyDown = (event: KeyboardEvent & { currentTarget: HTMLElement }) => {
    if (handleRowKey(event, row, { onSelect, onOpen, onToggle })) {
      event.preventDefault();
    }
  };
  return (
    <tr
      aria-selected={selected}
      data-path={layer.path}
      tabIndex={0}
      onClick={onSelect}
      onDblClick={onOpen}
      onKeyDown={onKeyDown}
    >
      <td>
        <div class="kv-table-layer" style={{ paddingLeft: `${row.depth * 18}px` }}>
          {row.expandable ? (
            <button
              type="button"
              class="kv-twisty"
              aria-expanded={row.expanded}
              aria-label={`Layers of ${layer.name}`}
              tabIndex={-1}
              onClick={(event) => {
                event.stopPropagation();
                onToggle();
              }}
              onDblClick={(event) => event.stopPropagation()}
            />
          ) : (
            <span class="kv-twisty-none" />
          )}
          <span class="kv-table-name" dir="auto" title={layer.path}>
            {layer.name}
          </span>
          <span class="kv-muted kv-table-class" dir="auto">
            ({layer.class_name})
          </span>
        </div>
      </td>
      <td class="kv-mono">{formatShapes(layer.output_shapes)}</td>
      <td class="kv-arch-number">{formatCount(layer.params)}</td>
      <td class="kv-arch-number">
        {layer.params > 0 && (
          <span class="kv-share" style={{ "--kv-share": `${row.share * 100}%` }}>
            {formatShare(row.share)}
          </span>
        )}
      </td>
      <td>{trainableText(layer)}</td>
      <td class="kv-table-sources" title={row.connectedTo.join(", ")}>
        {row.connectedTo.length === 0 ? (
          <span class="kv-muted">–</span>
        ) : (
          row.connectedTo.join(", ")
        )}
      </td>
    </tr>
  );
}

function trainableText(layer: LayerNode): string {
  if (layer.params === 0) {
    return "–";
  }
  if (layer.trainable_params === 0) {
    return "no";
  }
  return layer.trainable_params === layer.params
    ? "yes"
    : `${formatCount(layer.trainable_params)} of ${formatCount(layer.params)}`;
}

function handleRowKey(
  event: KeyboardEvent & { currentTarget: HTMLElement },
  row: TableRow,
  actions: { onSelect: () => void; onOpen: () => void; onToggle: () => void },
): boolean {
  const go = (to: Element | null): boolean => {
    if (to instanceof HTMLElement) {
      to.focus();
      to.click();
    }
    return true;
  };
  switch (event.key) {
    case " ":
      actions.onSelect();
      return true;
    case "Enter":
      actions.onOpen();
      return true;
    case "ArrowDown":
      return go(event.currentTarget.nextElementSibling);
    case "ArrowUp":
      return go(event.currentTarget.previousElementSibling);
    case "ArrowRight":
    case "ArrowLeft":
      if (row.expandable && row.expanded === (event.key === "ArrowLeft")) {
        actions.onToggle();
      }
      return true;
    default:
      return false;
  }
}
