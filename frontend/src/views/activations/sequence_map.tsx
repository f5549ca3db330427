/** A sequence as one heat map, time by unit. */

import { type Signal, useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import { createAtlas } from "../../draw/map_grid";
import {
  layoutSequence,
  paintSequence,
  type SequencePicture,
  sequenceCellAt,
  type TimeAxis,
} from "../../draw/sequence";
import type { ChannelMaps } from "../../model/channels/channel_maps";
import { formatValue } from "../../model/format";
import { describeTime, timeSpan } from "../../model/tokens/time_axis";
import { showToken, type TokenAxis } from "../../model/tokens/token_axis";
import { themeColors } from "../../theme/theme";
import type { ScaleOf } from "./presentation";

/** A time step of the unit in a row. */
export interface SequenceCell {
  readonly row: number;
  readonly step: number;
}

/** Shows units over time; a click on one opens it. */
export function SequenceMap({
  data,
  channels,
  scaleOf,
  tokens,
  mask,
  dark,
  marked,
  describe,
  onOpen,
}: {
  data: ChannelMaps;
  /** The units that are shown, in their order. */
  channels: readonly number[];
  scaleOf: ScaleOf;
  /** Texts of the time steps; null = they have numbers only. */
  tokens: TokenAxis | null;
  /** 0 where a time step is masked; null = there is no mask. */
  mask: Uint8Array | null;
  dark: boolean;
  /** The cell under the pointer, on this map or on one beside it. */
  marked: Signal<SequenceCell | null>;
  /** What is said of a cell besides its value and place. */
  describe?: ((unit: number, step: number) => readonly string[]) | undefined;
  onOpen: (unit: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSize(scroller);
  const top = useSignal(0);
  const hover = useSignal<Hover | null>(null);
  const steps = data.cells;
  const atlas = useMemo(() => createAtlas(data, scaleOf, 1), [data, scaleOf]);
  const layout = useMemo(
    () =>
      layoutSequence(
        channels.length,
        steps,
        view.width,
        view.height,
        tokens?.texts.map(showToken),
      ),
    [channels, steps, view, tokens],
  );
  const picture = useMemo(
    (): SequencePicture => ({
      atlas,
      positions: channels.map((channel) => data.positionOf(channel)),
      names: channels.map(String),
      axis: createAxis(data, tokens),
      mask,
    }),
    [atlas, channels, data, tokens, mask],
  );
  const scroll = Math.min(top.value, Math.max(0, layout.height - view.height));
  // A map beside this one may be longer.
  const mark = marked.value !== null && marked.value.step < steps ? marked.value : null;
  const paint = useCallback<Paint>(
    (context, _, height) => {
      const color = themeColors();
      paintSequence(context, picture, layout, scroll, mark, height, color);
    },
    [picture, layout, scroll, mark, dark],
  );
  const findCell = (event: MouseEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    return box === undefined
      ? null
      : sequenceCellAt(
          layout,
          event.clientX - box.left,
          event.clientY - box.top + scroll,
        );
  };
  const linesOf = (unit: number, step: number): string[] => {
    const position = data.positionOf(unit);
    const text = tokens?.texts[step];
    return [
      position === null ? "not kept" : formatValue(data.valueAt(position, step)),
      ...(describe?.(unit, step) ?? []),
      `unit ${unit}, ${describeTime(timeSpan(data.entry, step))}`,
      ...(text === undefined ? [] : [`token “${showToken(text)}”`]),
      ...(mask?.[step] === 0 ? ["masked"] : []),
    ];
  };
  const onPointerMove = (event: PointerEvent) => {
    const cell = findCell(event);
    const unit = cell === null ? undefined : channels[cell.row];
    if (marked.value?.row !== cell?.row || marked.value?.step !== cell?.step) {
      marked.value = cell;
    }
    hover.value =
      cell === null || unit === undefined
        ? null
        : { x: event.clientX, y: event.clientY, lines: linesOf(unit, cell.step) };
  };
  return (
    // The table of units does the same for those who use the keyboard.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <div
      ref={scroller}
      class="kv-scroller"
      role="group"
      aria-label={`${channels.length} units over ${steps} time steps`}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
        hover.value = null;
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
        marked.value = null;
      }}
      onClick={(event) => {
        const unit = channels[findCell(event)?.row ?? -1];
        if (unit !== undefined) {
          onOpen(unit);
        }
      }}
    >
      <div class="kv-sizer kv-clickable" style={{ height: `${layout.height}px` }}>
        <div class="kv-sticky" style={{ height: `${view.height}px` }}>
          <PaintedCanvas paint={paint} class="kv-fill" />
        </div>
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}

/** What stands below the time steps: tokens, or numbers. */
function createAxis(data: ChannelMaps, tokens: TokenAxis | null): TimeAxis {
  return tokens === null
    ? {
        title: "time step",
        labels: Array.from({ length: data.cells }, (_, step) =>
          String(timeSpan(data.entry, step).from),
        ),
        upright: false,
      }
    : {
        title: `token of ${tokens.input.slice(0, 40)}`,
        labels: tokens.texts.map(showToken),
        upright: true,
      };
}
