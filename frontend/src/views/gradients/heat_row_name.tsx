/** The name of a row of the map, and what opens it. */

import { Icon } from "../../components/icons";
import { HEAT_ROW_HEIGHT } from "../../draw/dynamics_heat";
import type { HeatRow } from "./heat_rows";

/** Beside its cells. */
export function HeatRowName({
  at,
  one,
  versus,
  width,
  isSelected,
  isShown,
  onToggle,
  onSelect,
}: {
  at: number;
  one: HeatRow;
  versus: string | null;
  width: number;
  isSelected: boolean;
  isShown: boolean;
  onToggle: () => void;
  onSelect: () => void;
}) {
  const { row, source } = one;
  const state = `${isSelected ? " kv-heat-selected" : ""}${isShown ? " kv-heat-shown" : ""}`;
  const style = {
    top: `${at * HEAT_ROW_HEIGHT}px`,
    height: `${HEAT_ROW_HEIGHT}px`,
    width: `${width}px`,
    paddingLeft: `${8 + row.depth * 14}px`,
  };
  if (source === "other") {
    return (
      <div class={`kv-heat-name kv-muted${state}`} style={style}>
        <span class="kv-ellipsis" title={`The same of the run ${versus}`}>
          ↳ <bdi>{versus}</bdi>
        </span>
      </div>
    );
  }
  return (
    <div class={`kv-heat-name${state}`} style={style}>
      {row.opens ? (
        <button
          type="button"
          class="kv-heat-toggle"
          tabIndex={-1}
          aria-label={`${row.isOpen ? "Close" : "Open"} ${row.key.slice(0, 200)}`}
          title={
            row.isOpen
              ? "Closes it: then it shows its variables together"
              : `Opens it. Closed, it shows its ${row.variables.length} variables together: their norm as one vector, or the largest`
          }
          onClick={onToggle}
        >
          <Icon name={row.isOpen ? "down" : "next"} />
        </button>
      ) : (
        <span class="kv-heat-toggle" />
      )}
      <button
        type="button"
        class={`kv-heat-select kv-ellipsis${row.kind === "variable" ? " kv-muted" : ""}`}
        tabIndex={-1}
        title={`${row.key.slice(0, 500)}${row.className === "" ? "" : `: ${row.className}`}. A click shows its curves`}
        onClick={onSelect}
      >
        <bdi>{row.name.slice(0, 200)}</bdi>
      </button>
    </div>
  );
}
