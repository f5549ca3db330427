/** One channel, large, with its statistics. */

import { useEffect, useRef } from "preact/hooks";
import { ColorBar } from "../../../components/color_bar";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import type { Store } from "../../../state/store";
import type { ScaleOf } from "../presentation";
import { ChannelNavigation, followChannelKeys } from "./channel_navigation";
import { StatisticsPanel } from "./channel_statistics";
import { LargeLine } from "./large_line";
import { LargeMap } from "./large_map";

/** Shows a channel; arrow keys go on to the next, Escape goes back to all. */
export function ChannelDetail({
  store,
  data,
  channel,
  scaleOf,
  dark,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  channel: number;
  scaleOf: ScaleOf;
  dark: boolean;
}) {
  const root = useRef<HTMLElement>(null);
  const position = data.positionOf(channel);
  const unit = unitName(data);

  // The keys work at once, without a click into the picture first.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) =>
    followChannelKeys(store, data, channel, event);
  const scale = position === null ? null : scaleOf(position);
  return (
    <section
      ref={root}
      class="kv-detail"
      aria-label={`${unit} ${channel}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <ChannelNavigation store={store} data={data} channel={channel}>
        {scale !== null && data.entry.kind === "map" && <ColorBar scale={scale} />}
      </ChannelNavigation>
      <div class="kv-detail-body">
        {position === null || scale === null ? (
          <p class="kv-detail-missing kv-muted">
            The {data.entry.kind === "sequence" ? "values" : "map"} of this {unit} were
            left out of the capture ({data.entry.cut}); its statistics are complete.
            More is kept with a larger capture_mb.
          </p>
        ) : data.entry.kind === "sequence" ? (
          <LargeLine data={data} position={position} dark={dark} />
        ) : (
          <LargeMap data={data} position={position} scale={scale} dark={dark} />
        )}
        <StatisticsPanel data={data} channel={channel} unit={unit} dark={dark} />
      </div>
    </section>
  );
}
