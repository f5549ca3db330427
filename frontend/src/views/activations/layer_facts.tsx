/** What the list says of a layer: its statistics, and what is the matter with it. */

import { Icon } from "../../components/icons";
import { formatCount, formatShare, formatValue } from "../../model/format";
import {
  describeTrouble,
  findTroubles,
  type QueriedLayer,
  summaryOf,
} from "../../model/layers/layer_query";
import type { LayerActivation } from "../../wire/generated";

const WORDS = {
  dead: "dead",
  saturated: "sat.",
  nonfinite: "non-finite",
  constant: "constant",
} as const;

/** Leads to the attention of a layer, which is another of its outputs. */
export function AttentionLink({
  layer,
  onOpen,
}: {
  layer: QueriedLayer;
  onOpen: (entry: LayerActivation) => void;
}) {
  const entry = layer.entries.find(({ kind }) => kind === "attention");
  return entry === undefined || layer.entries.length < 2 ? null : (
    // The list itself takes the keys; with them, the output is chosen in the panel.
    <button
      type="button"
      class="kv-link kv-layer-attention"
      tabIndex={-1}
      title="Shows the attention heads of this layer"
      onClick={(event) => {
        event.stopPropagation();
        onOpen(entry);
      }}
    >
      {entry.channels} heads
    </button>
  );
}

/** How many units are dead, saturated or not finite; nothing if none is. */
export function LayerTroubles({ layer }: { layer: QueriedLayer }) {
  const troubles = findTroubles(layer);
  return troubles.length === 0 ? null : (
    <span class="kv-layer-troubles">
      {troubles.map((trouble) => (
        <span
          key={trouble.kind}
          class={`kv-trouble kv-trouble-${trouble.kind}`}
          title={describeTrouble(trouble)}
        >
          <Icon name="warning" />
          {formatCount(trouble.count)} {WORDS[trouble.kind]}
        </span>
      ))}
    </span>
  );
}

/** Mean, spread and share of zeros of its first output. */
export function LayerStatistics({ entry }: { entry: LayerActivation }) {
  const mean = summaryOf(entry, "mean");
  const std = summaryOf(entry, "std");
  const zeros = summaryOf(entry, "zero_fraction");
  if (entry.summary.length === 0) {
    return null;
  }
  return (
    <span class="kv-layer-statistics kv-muted">
      {mean === null || std === null ? (
        <span class="kv-ellipsis">no finite value</span>
      ) : (
        <span
          class="kv-ellipsis"
          title="Mean and standard deviation over all channels and samples"
        >
          {formatShort(mean)} ± {formatShort(std)}
        </span>
      )}
      {zeros !== null && (
        <span
          class="kv-zeros"
          title="Share of the values that are exactly zero, over all channels and samples"
        >
          <span class="kv-zeros-bar">
            <span style={{ width: `${Math.round(zeros * 100)}%` }} />
          </span>
          {formatShare(zeros)}
          <span class="kv-zeros-word"> zeros</span>
        </span>
      )}
    </span>
  );
}

/** Three digits, as there is room for. */
function formatShort(value: number): string {
  return Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3
    ? formatValue(value)
    : String(Number(value.toPrecision(3)));
}
