/** One line of the table of layers. */

import type { TableRow } from "../../model/table/summary_table";
import { type Column, cellText, columnOf } from "../../model/table/table_columns";
import { Mark } from "./compare_bar";

/** Longer texts are cut before the browser lays them out. */
const MAX_TEXT = 400;

/** What a line asks for. */
export interface RowActions {
  readonly onSelect: () => void;
  readonly onOpen: () => void;
  readonly onToggle: () => void;
}

/** The line of a layer. */
export function LayerRow({
  row,
  index,
  columns,
  selected,
  active,
  found,
  actions,
}: {
  row: TableRow;
  /** Its number among all lines, from 0. */
  index: number;
  columns: readonly Column[];
  selected: boolean;
  /** Whether the keyboard is on it. */
  active: boolean;
  /** Whether it was searched for, and is not there because of what it holds. */
  found: boolean;
  actions: RowActions;
}) {
  return (
    <tr
      id={`kv-row-${index}`}
      class="kv-table-row"
      aria-selected={selected}
      aria-rowindex={index + 2}
      aria-level={row.depth + 1}
      aria-expanded={row.expandable ? row.expanded : undefined}
      data-path={row.layer.path}
      data-active={active ? "" : undefined}
      data-found={found ? "" : undefined}
      onClick={actions.onSelect}
      onDblClick={actions.onOpen}
    >
      {columns.map((column) =>
        column === "layer" ? (
          <NameCell
            key={column}
            row={row}
            withClass={!columns.includes("class")}
            onToggle={actions.onToggle}
          />
        ) : (
          <Cell key={column} row={row} column={column} />
        ),
      )}
    </tr>
  );
}

function NameCell({
  row,
  withClass,
  onToggle,
}: {
  row: TableRow;
  withClass: boolean;
  onToggle: () => void;
}) {
  const { layer } = row;
  return (
    <th scope="row">
      <div
        class="kv-table-layer"
        style={{ paddingLeft: `${Math.min(row.depth, 12) * 16}px` }}
      >
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
        {row.sign !== null && <Mark sign={row.sign} />}
        <span
          class="kv-table-name"
          data-removed={row.sign === "removed" ? "" : undefined}
          dir="auto"
          title={layer.path}
        >
          {layer.name.slice(0, MAX_TEXT)}
        </span>
        {withClass && (
          <span class="kv-muted kv-table-class" dir="auto">
            ({layer.class_name.slice(0, MAX_TEXT)})
          </span>
        )}
      </div>
    </th>
  );
}

const MONO: ReadonlySet<Column> = new Set(["input_shape", "output_shape", "path"]);

function Cell({ row, column }: { row: TableRow; column: Column }) {
  const text = cellText(row, column).slice(0, MAX_TEXT);
  const classes = [
    columnOf(column).numeric ? "kv-arch-number" : "",
    MONO.has(column) ? "kv-mono" : "",
  ];
  return (
    <td class={classes.filter(Boolean).join(" ") || undefined} dir="auto" title={text}>
      {text === "" ? (
        <span class="kv-muted">–</span>
      ) : column === "share" ? (
        <span class="kv-share" style={{ "--kv-share": `${row.share * 100}%` }}>
          {text}
        </span>
      ) : (
        text
      )}
    </td>
  );
}
