/** All kept maps of a layer, drawn on one canvas, with a button on each in view. */

import { useSignal } from "@preact/signals";
import { useCallback, useLayoutEffect, useMemo, useRef } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../components/painted_canvas";
import {
  createAtlas,
  drawHatching,
  drawMap,
  fitSize,
  GAP,
  layoutGrid,
  tileCorner,
  visibleTiles,
} from "../../draw/map_grid";
import { formatValue } from "../../model/format";
import type { ActivationData } from "../../model/tensor_view";
import { themeColors } from "../../theme/theme";
import type { ScaleOf } from "./presentation";

/** The width that a scroll bar may take off the grid. */
const SCROLL_BAR = 14;

/** Shows the maps; a click on one opens it. */
export function ChannelGrid({
  data,
  positions,
  scaleOf,
  size,
  dark,
  returnTo,
  onOpen,
}: {
  data: ActivationData;
  /** Which maps, in order. */
  positions: readonly number[];
  scaleOf: ScaleOf;
  /** Pixels of a map's longer side; null = so that all are in view. */
  size: number | null;
  dark: boolean;
  /** Channel that was open before, to go on from; null = none. */
  returnTo: number | null;
  onOpen: (channel: number) => void;
}) {
  const scroller = useRef<HTMLDivElement>(null);
  const view = useSize(scroller);
  const top = useSignal(0);
  const focused = useSignal(0);
  const hover = useSignal<Hover | null>(null);
  const [mapHeight, mapWidth] = data.entry.kept_map;

  const layout = useMemo(() => {
    const width = view.width - SCROLL_BAR;
    const fitting =
      size ?? fitSize(positions.length, mapHeight, mapWidth, width, view.height);
    return layoutGrid(positions.length, mapHeight, mapWidth, fitting, width);
  }, [positions, mapHeight, mapWidth, size, view]);
  const atlas = useMemo(() => createAtlas(data, scaleOf), [data, scaleOf]);
  const scroll = Math.min(top.value, Math.max(0, layout.height - view.height));
  const shown = visibleTiles(layout, positions.length, scroll, view.height);

  const paint = useCallback<Paint>(
    (context) => {
      const color = themeColors();
      const at = visibleTiles(layout, positions.length, scroll, view.height);
      context.font = "11px system-ui, sans-serif";
      context.textBaseline = "top";
      for (let tile = at.from; tile < at.to; tile += 1) {
        const position = positions[tile] ?? 0;
        const channel = data.channelAt(position);
        const corner = tileCorner(layout, tile);
        const y = corner.y - scroll;
        const { mapWidth: width, mapHeight: height } = layout;
        if (atlas !== null) {
          drawMap(context, atlas, position, corner.x, y, width, height);
        }
        const constant = data.isConstant(channel);
        if (constant) {
          drawHatching(context, corner.x, y, width, height);
        }
        context.strokeStyle = color("border");
        context.lineWidth = 1;
        context.strokeRect(corner.x - 0.5, y - 0.5, width + 1, height + 1);
        const bad = data.stat(channel, "nonfinite") > 0;
        context.fillStyle = bad ? color("error") : color("muted");
        const text = bad ? `${channel} !` : String(channel);
        context.fillText(text, corner.x, y + height + 3);
      }
    },
    // The colours of the theme are read while painting.
    [atlas, data, dark, layout, positions, scroll, view.height],
  );

  // A layer with fewer rows may be scrolled beyond its end.
  useLayoutEffect(() => {
    if (scroller.current !== null && scroller.current.scrollTop > scroll) {
      scroller.current.scrollTop = scroll;
    }
  }, [scroll]);

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
      const tile = positions.findIndex(
        (position) => data.channelAt(position) === returning.current,
      );
      returning.current = null;
      if (tile >= 0) {
        showTile(tile);
      }
    }
  });

  const onPointerMove = (event: PointerEvent) => {
    hover.value = findCell(event);
  };
  const findCell = (event: PointerEvent): Hover | null => {
    const box = scroller.current?.getBoundingClientRect();
    if (box === undefined) {
      return null;
    }
    const x = event.clientX - box.left - GAP;
    const y = event.clientY - box.top + scroll - GAP;
    const tileColumn = Math.floor(x / layout.tileWidth);
    const tile = Math.floor(y / layout.tileHeight) * layout.columns + tileColumn;
    const position = positions[tile];
    const inMapX = x - tileColumn * layout.tileWidth;
    const inMapY = y - Math.floor(y / layout.tileHeight) * layout.tileHeight;
    if (
      position === undefined ||
      x < 0 ||
      y < 0 ||
      tileColumn >= layout.columns ||
      inMapX >= layout.mapWidth ||
      inMapY >= layout.mapHeight
    ) {
      return null;
    }
    const row = Math.floor((inMapY / layout.mapHeight) * mapHeight);
    const column = Math.floor((inMapX / layout.mapWidth) * mapWidth);
    return {
      x: event.clientX,
      y: event.clientY,
      lines: [
        formatValue(data.valueAt(position, row * mapWidth + column)),
        `channel ${data.channelAt(position)}, row ${row}, column ${column}`,
      ],
    };
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const step = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -layout.columns,
      ArrowDown: layout.columns,
    }[event.key];
    const to = focused.value + (step ?? 0);
    if (step === undefined || to < 0 || to >= positions.length) {
      return;
    }
    event.preventDefault();
    showTile(to);
  };

  const stop = Math.min(Math.max(focused.value, shown.from), shown.to - 1);
  return (
    <div
      ref={scroller}
      class="kv-scroller"
      role="group"
      aria-label={`${positions.length} channel maps`}
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
        hover.value = null;
      }}
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
      }}
      onKeyDown={onKeyDown}
    >
      <div class="kv-sizer" style={{ height: `${layout.height}px` }}>
        <div class="kv-sticky" style={{ height: `${view.height}px` }}>
          <PaintedCanvas paint={paint} class="kv-fill" />
        </div>
        {Array.from({ length: Math.max(0, shown.to - shown.from) }, (_, at) => {
          const tile = shown.from + at;
          const channel = data.channelAt(positions[tile] ?? 0);
          const { x, y } = tileCorner(layout, tile);
          return (
            <button
              key={channel}
              type="button"
              class="kv-tile"
              data-tile={tile}
              tabIndex={tile === stop ? 0 : -1}
              aria-label={describeChannel(data, channel)}
              style={{
                left: `${x}px`,
                top: `${y}px`,
                width: `${layout.mapWidth}px`,
                height: `${layout.mapHeight}px`,
              }}
              onFocus={() => {
                focused.value = tile;
              }}
              onClick={() => onOpen(channel)}
            />
          );
        })}
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}

/** A channel in words, for those who do not see its map. */
export function describeChannel(data: ActivationData, channel: number): string {
  const low = formatValue(data.stat(channel, "min"));
  const high = formatValue(data.stat(channel, "max"));
  const bad = data.stat(channel, "nonfinite");
  return [
    `Channel ${channel}`,
    data.isConstant(channel) ? `constant ${low}` : `${low} to ${high}`,
    ...(bad > 0 ? [`${bad} non-finite values`] : []),
  ].join(", ");
}
