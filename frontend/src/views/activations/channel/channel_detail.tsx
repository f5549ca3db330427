/** One channel, large, with its statistics. */

import { useEffect, useRef } from "preact/hooks";
import { ColorBar } from "../../../components/color_bar";
import { Icon } from "../../../components/icons";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import type { Store } from "../../../state/store";
import type { ScaleOf } from "../presentation";
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
  const onGo = store.setChannel;
  const root = useRef<HTMLElement>(null);
  const last = data.entry.channels - 1;
  const position = data.positionOf(channel);
  const unit = unitName(data);

  // The keys work at once, without a click into the picture first.
  useEffect(() => root.current?.focus({ preventScroll: true }), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      onGo(null);
    } else if (event.key === "ArrowLeft" && channel > 0) {
      onGo(channel - 1);
    } else if (event.key === "ArrowRight" && channel < last) {
      onGo(channel + 1);
    } else {
      return;
    }
    event.preventDefault();
  };
  const scale = position === null ? null : scaleOf(position);
  return (
    <section
      ref={root}
      class="kv-detail"
      aria-label={`${unit} ${channel}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <div class="kv-detail-head">
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label={`Previous ${unit}`}
          title={`Previous ${unit} (left arrow)`}
          disabled={channel === 0}
          onClick={() => onGo(channel - 1)}
        >
          <Icon name="previous" />
        </button>
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label={`Next ${unit}`}
          title={`Next ${unit} (right arrow)`}
          disabled={channel >= last}
          onClick={() => onGo(channel + 1)}
        >
          <Icon name="next" />
        </button>
        <h3>
          {unit} {channel} <span class="kv-muted">of 0 to {last}</span>
        </h3>
        {scale !== null && data.entry.kind === "map" && <ColorBar scale={scale} />}
        <button
          type="button"
          class="kv-button"
          title="Back to all of them (Escape)"
          onClick={() => onGo(null)}
        >
          <Icon name="close" />
          All {unit}s
        </button>
      </div>
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
