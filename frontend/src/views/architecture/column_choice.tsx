/** Chooses the columns of the table, and whether nested layers are side by side. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { COLUMNS, type Column, chosenColumns } from "../../model/table/table_columns";
import { createPreference } from "../../state/preference";
import type { ViewMemory } from "./view_memory";

const isText = (value: unknown): value is string =>
  typeof value === "string" && value.length < 1_000;

/** Ids of the chosen columns, with commas between; empty = nothing was chosen. */
const columnPreference = createPreference<string>("architecture.columns", "", isText);

/** Pages at least this wide have room for more columns. */
const WIDE = 1_100;

/** The columns that are shown now. */
export function shownColumns(comparing: boolean): Column[] {
  return chosenColumns(columnPreference.value, window.innerWidth >= WIDE, comparing);
}

/** A button with a list to tick. */
export function ColumnChoice({ memory }: { memory: ViewMemory }) {
  const shown = shownColumns(false);
  const open = useSignal(false);
  const button = useRef<HTMLButtonElement>(null);
  const choose = (id: Column, wanted: boolean) => {
    const ids = COLUMNS.map((column) => column.id).filter((one) =>
      one === id ? wanted : shown.includes(one),
    );
    columnPreference.value = ids.join(",");
  };
  return (
    <div
      class="kv-columns"
      role="group"
      aria-label="Table"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          open.value = false;
        }
      }}
      onKeyDown={(event) => {
        if (event.key === "Escape" && open.value) {
          open.value = false;
          button.current?.focus();
          event.stopPropagation();
        }
      }}
    >
      <button
        ref={button}
        type="button"
        class="kv-button"
        aria-expanded={open.value}
        title="Choose the columns"
        onClick={() => {
          open.value = !open.value;
        }}
      >
        Columns
      </button>
      {open.value && (
        <div class="kv-columns-list" role="group" aria-label="Columns">
          {COLUMNS.filter(({ id }) => id !== "layer" && id !== "difference").map(
            ({ id, title, definition }) => (
              <label key={id} title={definition}>
                <input
                  type="checkbox"
                  checked={shown.includes(id)}
                  onChange={(event) => choose(id, event.currentTarget.checked)}
                />
                {title}
              </label>
            ),
          )}
          <button
            type="button"
            class="kv-button"
            disabled={columnPreference.value === ""}
            onClick={() => {
              columnPreference.value = "";
              // The button is of no use now, and would take the focus with it.
              button.current?.focus();
            }}
          >
            As at first
          </button>
        </div>
      )}
      <button
        type="button"
        class="kv-button"
        aria-pressed={memory.flat.value}
        title="All layers side by side, so that they are sorted as one list"
        onClick={() => {
          memory.flat.value = !memory.flat.value;
        }}
      >
        Flat
      </button>
    </div>
  );
}
