/** Chooses between what was kept of a layer and the table of its statistics. */

import { Icon } from "../../components/icons";
import { STATS } from "../../model/definitions";
import type { ActivationData } from "../../model/tensor_view";
import { presentation } from "./presentation";

/** Whether the table is shown: by choice, or as nothing else was kept. */
export function isTableShown(data: ActivationData): boolean {
  return presentation.value === "statistics" || data.count === 0;
}

/** Two buttons: the picture, and the table. */
export function PresentationSwitch({ data }: { data: ActivationData }) {
  const asTable = isTableShown(data);
  const picture = {
    map: "Maps",
    sequence: "Sequence",
    vector: "Bars",
    attention: "Heads",
  }[data.entry.kind];
  return (
    <div class="kv-segments" role="group" aria-label="Show as">
      <button
        type="button"
        class="kv-button"
        aria-pressed={!asTable}
        disabled={data.count === 0}
        title={
          data.count === 0
            ? "No map of this layer fitted the capture; raise capture_mb"
            : "The values themselves"
        }
        onClick={() => {
          presentation.value = "maps";
        }}
      >
        <Icon name="grid" />
        {picture}
      </button>
      <button
        type="button"
        class="kv-button"
        aria-pressed={asTable}
        title={`${STATS.map((stat) => stat.title).join(", ")} of all ${data.entry.channels}, sortable`}
        onClick={() => {
          presentation.value = "statistics";
        }}
      >
        <Icon name="table" />
        Statistics
      </button>
    </div>
  );
}
