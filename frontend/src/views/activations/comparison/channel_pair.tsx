/** One channel of two captures, large: beside each other, or their difference. */

import { type Signal, useSignal } from "@preact/signals";
import { useCallback, useEffect, useRef } from "preact/hooks";
import { HoverNote } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import { paintLargeMap } from "../../../draw/large_map";
import type { ChannelMaps } from "../../../model/channels/channel_maps";
import type { ColorScale } from "../../../model/color_scale";
import { unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import type { MapPoint } from "../../../state/grid_data";
import type { Store } from "../../../state/store";
import { addStyle } from "../../../theme/theme";
import { useFocusAtOnce } from "../../use_focus_at_once";
import { ChannelNavigation, followChannelKeys } from "../channel/channel_navigation";
import { describeCell } from "../grid/grid_tip";
import { RangeSwitch } from "../grid/range_switch";
import { ScaleBar } from "../scale_bar";
import type { ShownLayer } from "../shown_layer";
import css from "./channel_pair.css?inline";
import { CurvePair } from "./curve_pair";
import { PairStatistics } from "./pair_statistics";

addStyle(css);

/** Shows a channel; arrow keys go on to the next, Escape goes back to all. */
export function ChannelPair({
  store,
  state,
  shown,
  channel,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
  channel: number;
}) {
  const root = useRef<HTMLElement>(null);
  useFocusAtOnce(root);
  const { data, panes, scales, sides, difference } = shown;
  const dark = store.page.dark.value;
  return (
    <section
      ref={root}
      class="kv-detail kv-detail-compared"
      aria-label={`${unitName(data)} ${channel}, compared`}
      tabIndex={-1}
      onKeyDown={(event) => followChannelKeys(store, data, channel, event)}
    >
      <ChannelNavigation store={store} data={data} channel={channel}>
        {data.entry.kind !== "sequence" && (
          <>
            <RangeSwitch store={store} shown={shown} />
            <ScaleBar
              store={store}
              state={state}
              shown={{
                ...shown,
                scales: { ...scales, own: false, layer: scales.of(channel) },
              }}
            />
          </>
        )}
      </ChannelNavigation>
      <div class="kv-detail-body kv-pair-body">
        {data.entry.kind === "sequence" ? (
          <CurvePair shown={shown} channel={channel} dark={dark} />
        ) : (
          <div class="kv-pair">
            {panes.map((maps, at) => (
              <figure key={sides[at]?.name} class="kv-pair-side">
                {difference === null && (
                  <figcaption class="kv-ellipsis">
                    <strong>{sides[at]?.name}</strong> {sides[at]?.title}
                  </figcaption>
                )}
                <PairMap
                  shown={shown}
                  pane={at}
                  maps={maps}
                  channel={channel}
                  scale={scales.of(channel)}
                  dark={dark}
                  pointer={state.pointer}
                />
              </figure>
            ))}
          </div>
        )}
        <PairStatistics shown={shown} channel={channel} />
      </div>
    </section>
  );
}

function PairMap({
  shown,
  pane,
  maps,
  channel,
  scale,
  dark,
  pointer,
}: {
  shown: ShownLayer;
  pane: number;
  maps: ChannelMaps;
  channel: number;
  scale: ColorScale;
  dark: boolean;
  /** Where the pointer is, on the maps of both sides. */
  pointer: Signal<MapPoint | null>;
}) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box);
  const place = useSignal<{ x: number; y: number } | null>(null);
  const position = maps.positionOf(channel);
  const [rows, columns] = maps.entry.kept_map;
  const zoom = Math.min(size.width / columns, size.height / rows);
  // Whole pixels per cell, where that loses little.
  const cell = zoom > 4 ? Math.floor(zoom) : zoom;
  const paint = useCallback<Paint>(
    (context) => {
      if (position !== null) {
        paintLargeMap(context, maps, position, scale, cell);
      }
    },
    [maps, position, scale, cell, dark],
  );
  const clear = () => {
    place.value = null;
    pointer.value = null;
  };
  useEffect(() => clear, [pointer]);
  const onPointerMove = (event: PointerEvent) => {
    const at = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const column = Math.floor((event.clientX - at.left) / cell);
    const row = Math.floor((event.clientY - at.top) / cell);
    if (row < 0 || column < 0 || row >= rows || column >= columns) {
      clear();
      return;
    }
    place.value = { x: event.clientX, y: event.clientY };
    pointer.value = { x: (column + 0.5) / columns, y: (row + 0.5) / rows };
  };
  if (position === null) {
    return (
      <p class="kv-detail-missing kv-muted">
        The map of this channel was left out of this capture ({maps.entry.cut}); its
        statistics are complete. More is kept with a larger capture_mb.
      </p>
    );
  }
  const point = pointer.value;
  return (
    <div ref={box} class="kv-detail-map">
      <div
        class="kv-detail-canvas"
        style={{ width: `${cell * columns}px`, height: `${cell * rows}px` }}
        onPointerMove={onPointerMove}
        onPointerLeave={clear}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Map of the channel" />
        {point !== null && (
          <span
            class="kv-cell-mark"
            style={{
              left: `${Math.floor(point.x * columns) * cell}px`,
              top: `${Math.floor(point.y * rows) * cell}px`,
              width: `${Math.max(cell, 5)}px`,
              height: `${Math.max(cell, 5)}px`,
            }}
          />
        )}
      </div>
      {place.value !== null && point !== null && (
        <HoverNote
          at={{ ...place.value, lines: describeCell(shown, pane, channel, point) }}
        />
      )}
    </div>
  );
}
