/** Heads of attention as small multiples. */

import { useSignal } from "@preact/signals";
import { useMemo, useRef } from "preact/hooks";
import { useSize } from "../../../components/painted_canvas";
import { createAtlas } from "../../../draw/map_grid";
import { orderByFact } from "../../../model/attention/head_facts";
import { callName, shortName } from "../../../model/attention/head_text";
import type { AttentionOrder } from "../../../model/attention/orders";
import { formatShape } from "../../../model/format";
import { windowRows } from "../../../model/windowing";
import type { CallAttention } from "../../../state/attention";
import { HeadTile } from "./head_tile";
import { headScale, weightEnd } from "./weight_scale";

const NAMES = 170;
const NAMES_NARROW = 118;
const NARROW = 760;
const GAP = 10;
const MARGIN = 10;
const MIN_SIZE = 56;
const MAX_SIZE = 148;
const FLAT_SIZE = 140;
/** Room for a head's number and for what it does. */
const LABELS = 46;

/** A head among all. */
interface Head {
  readonly call: CallAttention;
  readonly position: number;
}

interface Row {
  /** null = heads of several calls. */
  readonly call: CallAttention | null;
  readonly heads: readonly Head[];
}

/**
 * A row per call and a column per head, or all heads in the order of a fact.
 *
 * The heads of one call alone fill the rows.
 */
export function AttentionGlance({
  calls,
  order,
  alone = false,
  dark,
  onOpen,
}: {
  calls: readonly CallAttention[];
  order: AttentionOrder;
  alone?: boolean;
  dark: boolean;
  onOpen: (call: CallAttention, head: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(scroller);
  const top = useSignal(0);
  const end = weightEnd.value;
  const atlases = useMemo(
    () =>
      new Map(
        calls.map(({ data }) => [
          data,
          data === null
            ? null
            : createAtlas(data, (position) => headScale(data, position, end, dark)),
        ]),
      ),
    [calls, end, dark],
  );
  const byLayer = order === "layer" && !alone;
  const names = byLayer ? (width < NARROW ? NAMES_NARROW : NAMES) : MARGIN;
  const most = Math.max(1, ...calls.map(({ data }) => data?.count ?? 0));
  const size = byLayer
    ? Math.max(MIN_SIZE, Math.min(MAX_SIZE, (width - names) / most - GAP - 10))
    : alone
      ? MAX_SIZE
      : FLAT_SIZE;
  const perRow = Math.max(1, Math.floor((width - names) / (size + GAP + 8)));
  const rows = useMemo(
    () => arrange(calls, order, byLayer ? null : perRow),
    [calls, order, byLayer ? null : perRow],
  );
  const rowHeight = Math.ceil(size) + LABELS + GAP;
  const inView = windowRows(rows.length, rowHeight, top.value, height);
  const entries = calls.map(({ entry }) => entry);
  return (
    <div
      ref={scroller}
      class="kv-scroller kv-glance"
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <div class="kv-sizer" style={{ height: `${rows.length * rowHeight}px` }}>
        {rows.slice(inView.from, inView.to).map((row, at) => (
          <div
            key={inView.from + at}
            class="kv-glance-row"
            style={{
              top: `${(inView.from + at) * rowHeight}px`,
              left: row.call === null ? `${MARGIN}px` : 0,
            }}
          >
            {row.call !== null && (
              <div class="kv-glance-name" style={{ width: `${names}px` }}>
                <bdi title={row.call.entry.path}>
                  {callName(row.call.entry, entries)}
                </bdi>
                <span class="kv-muted">{row.call.entry.class_name}</span>
                <span class="kv-muted" title="Queries by keys">
                  {formatShape(row.call.entry.full_map)
                    .slice(1, -1)
                    .replace(", ", " × ")}
                </span>
              </div>
            )}
            {row.call?.data === null && (
              <p class="kv-glance-problem" role="alert">
                {row.call.problem}
              </p>
            )}
            {row.heads.map(({ call, position }) => {
              const { data, entry, facts } = call;
              const head = data?.channelAt(position) ?? 0;
              return (
                data !== null && (
                  <HeadTile
                    key={`${entry.path} ${entry.call} ${position}`}
                    data={data}
                    position={position}
                    atlas={atlases.get(data) ?? null}
                    facts={facts[position]}
                    order={order}
                    size={Math.floor(size)}
                    name={
                      byLayer || alone
                        ? `head ${head}`
                        : `head ${head}, ${shortName(entry)}`
                    }
                    onOpen={() => onOpen(call, head)}
                  />
                )
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

function arrange(
  calls: readonly CallAttention[],
  order: AttentionOrder,
  /** null = a row per call. */
  perRow: number | null,
): Row[] {
  const headsOf = (call: CallAttention): Head[] =>
    Array.from({ length: call.data?.count ?? 0 }, (_, position) => ({
      call,
      position,
    }));
  if (perRow === null) {
    return calls.map((call) => ({ call, heads: headsOf(call) }));
  }
  const heads = calls.flatMap(headsOf);
  const facts = heads.map(({ call, position }) => call.facts[position] ?? null);
  const ordered =
    order === "layer"
      ? heads
      : orderByFact(facts, order).flatMap((at) => heads[at] ?? []);
  const rows: Row[] = [];
  for (let at = 0; at < ordered.length; at += perRow) {
    rows.push({ call: null, heads: ordered.slice(at, at + perRow) });
  }
  return rows;
}
