/** One head of attention, large: every query by every key. */

import { type Signal, useSignal } from "@preact/signals";
import { useCallback, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import {
  layoutMatrix,
  type MatrixAxis,
  matrixCellAt,
  paintMatrixAxes,
} from "../../../draw/attention_map";
import { type Atlas, drawMap } from "../../../draw/map_grid";
import { maskedRuns, paintMasked } from "../../../draw/masked";
import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import { showToken, type TokenAxis } from "../../../model/tokens/token_axis";
import { themeColors } from "../../../theme/theme";
import type { TokenNames } from "./token_names";

/** Draws the matrix; what is under the pointer is marked here and elsewhere. */
export function AttentionMatrix({
  data,
  position,
  atlas,
  names,
  query,
  dark,
}: {
  data: ActivationData;
  position: number;
  atlas: Atlas | null;
  names: TokenNames;
  /** The query that is looked at. */
  query: Signal<number | null>;
  dark: boolean;
}) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const hover = useSignal<Hover | null>(null);
  const key = useSignal<number | null>(null);
  const [queries, keys] = data.entry.kept_map;
  const texts = [...(names.queries?.texts ?? []), ...(names.keys?.texts ?? [])];
  const layout = layoutMatrix(queries, keys, width, height, texts);
  const shownQuery = query.value;
  const shownKey = key.value;
  const paint = useCallback<Paint>(
    (context) => {
      const { left, top, cell } = layout;
      if (atlas !== null) {
        drawMap(context, atlas, position, left, top, keys * cell, queries * cell);
      }
      const color = themeColors();
      for (const [from, to] of maskedRuns(data.mask)) {
        const x = left + from * cell;
        paintMasked(context, x, top, (to - from) * cell, queries * cell, color);
        if (queries === keys) {
          const y = top + from * cell;
          paintMasked(context, left, y, keys * cell, (to - from) * cell, color);
        }
      }
      const marked = { query: shownQuery, key: shownKey };
      const rows = axis("query", names.queries);
      const columns = axis("key", names.keys);
      paintMatrixAxes(context, layout, rows, columns, marked, data.mask, color);
    },
    [data, position, atlas, names, width, height, shownQuery, shownKey, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const cell = matrixCellAt(layout, event.clientX - at.left, event.clientY - at.top);
    key.value = cell?.key ?? null;
    if (cell === null) {
      hover.value = null;
      return;
    }
    query.value = cell.query;
    const weight = data.valueAt(position, cell.query * keys + cell.key);
    const masked = data.mask?.[cell.key] === 0;
    hover.value = {
      x: event.clientX,
      y: event.clientY,
      lines: [
        formatValue(weight),
        `query ${nameAt(names.queries, cell.query)}`,
        `key ${nameAt(names.keys, cell.key)}${masked ? ", masked" : ""}`,
      ],
    };
  };
  return (
    <div
      ref={box}
      class="kv-attention-matrix"
      data-cell={layout.cell}
      data-left={layout.left}
      data-top={layout.top}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
        key.value = null;
      }}
    >
      <PaintedCanvas
        paint={paint}
        class="kv-fill"
        label={`Attention of ${queries} queries to ${keys} keys`}
      />
      <HoverTip hover={hover} />
    </div>
  );
}

function axis(title: string, names: TokenAxis | null): MatrixAxis {
  return {
    title: names === null ? title : `${title}: ${names.input.slice(0, 40)}`,
    texts: names?.texts ?? null,
  };
}

/** A position with its token, such as `4 "the"`. */
export function nameAt(names: TokenAxis | null, at: number): string {
  const text = names?.texts[at];
  return text === undefined ? String(at) : `${at} “${showToken(text).slice(0, 60)}”`;
}
