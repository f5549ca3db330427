/** One head of attention, small: its matrix, its number, and what it does. */

import { useCallback } from "preact/hooks";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { paintCross } from "../../../draw/attention_map";
import { type Atlas, drawMap } from "../../../draw/map_grid";
import type { HeadFacts } from "../../../model/attention/head_facts";
import { describeFact, headLabel } from "../../../model/attention/head_text";
import { ATTENTION_ORDERS, type AttentionOrder } from "../../../model/attention/orders";
import type { ActivationData } from "../../../model/tensor_view";

/** A head that can be opened. */
export function HeadTile({
  data,
  position,
  atlas,
  facts,
  order,
  size,
  name,
  note,
  query = null,
  selected = false,
  onOpen,
}: {
  data: ActivationData;
  position: number;
  atlas: Atlas | null;
  facts: HeadFacts | undefined;
  /** What the heads are ordered by, which stands below each. */
  order: AttentionOrder;
  /** Pixels of the matrix's longer side. */
  size: number;
  name: string;
  /** Stands below in place of what the head does. */
  note?: string | undefined;
  /** Query to mark; null = none. */
  query?: number | null;
  selected?: boolean;
  onOpen: () => void;
}) {
  const [queries, keys] = data.entry.kept_map;
  const longer = Math.max(queries, keys, 1);
  const width = Math.max(8, Math.round((size * keys) / longer));
  const height = Math.max(8, Math.round((size * queries) / longer));
  const paint = useCallback<Paint>(
    (context, w, h) => {
      if (atlas !== null) {
        drawMap(context, atlas, position, 0, 0, w, h);
      }
      if (query !== null && query < queries) {
        const cell = h / queries;
        const layout = { queries, keys: w / cell, cell, left: 0, top: 0 };
        paintCross(context, layout, { query, key: null });
      }
    },
    [atlas, position, query, queries, keys],
  );
  const label = note ?? headLabel(facts, order).text;
  const clear = note === undefined && headLabel(facts, order).clear;
  return (
    <button
      type="button"
      class="kv-head-tile"
      data-head={data.channelAt(position)}
      style={{ width: `${size + 8}px` }}
      aria-label={`${name}${label === "" ? "" : `, ${label}`}`}
      aria-pressed={selected}
      title={describeHead(name, facts)}
      onClick={onOpen}
    >
      <span
        class="kv-head-picture"
        style={{ width: `${width}px`, height: `${height}px` }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" />
      </span>
      <span class="kv-ellipsis kv-head-name">{name}</span>
      <span class={clear ? "kv-ellipsis kv-head-clear" : "kv-ellipsis kv-head-what"}>
        {label}
      </span>
    </button>
  );
}

/** All facts of a head, a line each. */
function describeHead(name: string, facts: HeadFacts | undefined): string {
  const lines = ATTENTION_ORDERS.flatMap(({ order }) => {
    const value = order === "layer" ? null : (facts?.[order] ?? null);
    if (order === "layer" || value === null) {
      return [];
    }
    return [`${order === "entropy" ? "entropy " : ""}${describeFact(order, value)}`];
  });
  return [name, ...lines].join("\n");
}
