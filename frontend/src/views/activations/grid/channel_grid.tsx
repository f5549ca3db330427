/** All maps of a layer, drawn on one canvas, with a button on each in view. */

import { type Signal, useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import { paintGrid, type Tile } from "../../../draw/grid_painter";
import {
  createAtlas,
  fitSize,
  GAP,
  layoutGrid,
  tileAt,
  tileCorner,
  visibleTiles,
} from "../../../draw/map_grid";
import { formatValue } from "../../../model/format";
import { unitName } from "../../../model/tensor_view";
import type { MapPoint } from "../../../state/grid_data";
import { themeColors } from "../../../theme/theme";
import type { ShownLayer } from "../shown_layer";
import { CrossHairs } from "./cross_hairs";
import { GridTip, type TipPlace } from "./grid_tip";
import { TileButtons } from "./tile_buttons";

/** The width that a scroll bar may take off the grid. */
const SCROLL_BAR = 14;

/** Shows the maps; a click on one opens it. */
export function ChannelGrid({
  shown,
  channels,
  keys,
  size,
  dark,
  pointer,
  returnTo,
  onOpen,
}: {
  shown: ShownLayer;
  /** Which channels, in order. */
  channels: readonly number[];
  /** What they are ordered by, one per channel of the layer; null = their index. */
  keys: Float64Array | null;
  /** Pixels of a map's longer side; null = so that all are in view. */
  size: number | null;
  dark: boolean;
  /** Where the pointer is, for all maps. */
  pointer: Signal<MapPoint | null>;
  /** Channel that was open before, to go on from; null = none. */
  returnTo: number | null;
  onOpen: (channel: number) => void;
}) {
  const { data, panes, scales } = shown;
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSize(scroller);
  const top = useSignal(0);
  const focused = useSignal(0);
  const tip = useSignal<TipPlace | null>(null);
  const [mapHeight, mapWidth] = data.entry.kept_map;
  const count = channels.length;

  const layout = useMemo(() => {
    const width = view.width - SCROLL_BAR;
    const fitting =
      size ?? fitSize(count, mapHeight, mapWidth, width, view.height, panes.length);
    return layoutGrid(count, mapHeight, mapWidth, fitting, width, panes.length);
  }, [count, mapHeight, mapWidth, size, view, panes.length]);
  const atlases = useMemo(
    () =>
      panes.map((maps) =>
        createAtlas(maps, (position) => scales.of(maps.channelAt(position))),
      ),
    [panes, scales],
  );
  const scroll = Math.min(top.value, Math.max(0, layout.height - view.height));
  const inView = visibleTiles(layout, count, scroll, view.height);

  const describe = useCallback(
    (tile: number): Tile => {
      const channel = channels[tile] ?? 0;
      const broken = panes.some((maps) => maps.isBroken(channel));
      return {
        positions: panes.map((maps) => maps.positionOf(channel)),
        constant: panes.map(
          (maps) => maps.positionOf(channel) !== null && maps.isConstant(channel),
        ),
        broken,
        label: broken ? `${channel} !` : String(channel),
        note: keys === null ? "" : formatValue(keys[channel] ?? Number.NaN),
      };
    },
    [channels, panes, keys],
  );
  const paint = useCallback<Paint>(
    (context, _, height) =>
      paintGrid(
        context,
        layout,
        atlases,
        count,
        describe,
        scroll,
        height,
        themeColors(),
      ),
    // The colours of the theme are read while painting.
    [layout, atlases, count, describe, scroll, dark],
  );

  // A layer with fewer rows may be scrolled beyond its end.
  useLayoutEffect(() => {
    if (scroller.current !== null && scroller.current.scrollTop > scroll) {
      scroller.current.scrollTop = scroll;
    }
  }, [scroll]);
  // What is marked lies in this grid only as long as it is there.
  useLayoutEffect(
    () => () => {
      pointer.value = null;
    },
    [pointer],
  );

  const showTile = (tile: number) => {
    const element = scroller.current;
    if (element === null) {
      return;
    }
    focused.value = tile;
    const { y } = tileCorner(layout, tile);
    const low = y + layout.tileHeight - view.height;
    element.scrollTop = Math.max(low, Math.min(element.scrollTop, y - GAP));
    requestAnimationFrame(() => {
      const selector = `[data-tile="${tile}"]`;
      element.querySelector<HTMLElement>(selector)?.focus({ preventScroll: true });
    });
  };
  // Whoever comes back from a channel goes on from there.
  const returning = useRef(returnTo);
  useLayoutEffect(() => {
    if (returning.current !== null && view.height > 0) {
      const tile = channels.indexOf(returning.current);
      returning.current = null;
      if (tile >= 0) {
        showTile(tile);
      }
    }
  });

  const onPointerMove = (event: PointerEvent) => {
    const box = scroller.current?.getBoundingClientRect();
    const at =
      box === undefined
        ? null
        : tileAt(
            layout,
            count,
            event.clientX - box.left,
            event.clientY - box.top + scroll,
          );
    if (at === null) {
      clearPointer();
      return;
    }
    tip.value = {
      x: event.clientX,
      y: event.clientY,
      channel: channels[at.tile] ?? 0,
      pane: at.pane,
    };
    const x = (Math.floor(at.x * mapWidth) + 0.5) / mapWidth;
    const y = (Math.floor(at.y * mapHeight) + 0.5) / mapHeight;
    if (pointer.value?.x !== x || pointer.value.y !== y) {
      pointer.value = { x, y };
    }
  };
  const clearPointer = () => {
    tip.value = null;
    pointer.value = null;
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -layout.columns,
      ArrowDown: layout.columns,
      Home: -focused.value,
      End: count - 1 - focused.value,
    }[event.key];
    const to = focused.value + (step ?? 0);
    if (step === undefined || to < 0 || to >= count) {
      return;
    }
    event.preventDefault();
    showTile(to);
  };
  const onFocus = useCallback((tile: number) => {
    focused.value = tile;
  }, []);

  return (
    <div
      ref={scroller}
      class="kv-scroller"
      role="group"
      aria-label={`${count} ${unitName(data)} maps`}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
        clearPointer();
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={clearPointer}
      onKeyDown={onKeyDown}
    >
      <div class="kv-sizer" style={{ height: `${layout.height}px` }}>
        <div class="kv-sticky" style={{ height: `${view.height}px` }}>
          <PaintedCanvas paint={paint} class="kv-fill" />
          <CrossHairs
            panes={panes}
            layout={layout}
            count={count}
            scroll={scroll}
            pointer={pointer}
          />
        </div>
        <TileButtons
          shown={shown}
          channels={channels}
          layout={layout}
          from={inView.from}
          to={inView.to}
          stop={Math.min(Math.max(focused.value, inView.from), inView.to - 1)}
          onFocus={onFocus}
          onOpen={onOpen}
        />
      </div>
      <GridTip shown={shown} place={tip} pointer={pointer} />
    </div>
  );
}
