/** One channel, large, with all that is known of it. */

import { useMemo, useRef } from "preact/hooks";
import { unitName } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { followUnitTrend } from "../../../state/channel_data";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { useFocusAtOnce } from "../../use_focus_at_once";
import { useFollowed } from "../../use_followed";
import type { ShownLayer } from "../shown_layer";
import { ChannelFacts } from "./channel_facts";
import { ChannelNavigation, followChannelKeys } from "./channel_navigation";
import { LargeLine } from "./large_line";
import { LargeMap } from "./large_map";
import { SampleRank } from "./sample_rank";
import { SaveChannel } from "./save_channel";
import { StageControls } from "./stage_controls";
import { useStage } from "./use_stage";
import { useUnits } from "./use_units";

/** Shows a channel; arrow keys go on to the next, Escape goes back to all. */
export function ChannelDetail({
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
  const { data, scales } = shown;
  const dark = store.page.dark.value;
  const root = useRef<HTMLElement>(null);
  const position = data.positionOf(channel);
  const unit = unitName(data);
  const scale = useMemo(
    () => (position === null ? null : scales.of(channel)),
    [position, channel, scales],
  );
  const stage = useStage(store, state, data, position, scale);
  const { units } = useUnits(state, data.entry);
  const trend = useFollowed(() => followUnitTrend(store, state), [store, state]);

  useFocusAtOnce(root);
  const onKeyDown = (event: KeyboardEvent) =>
    followChannelKeys(store, data, channel, event);
  return (
    <section
      ref={root}
      class="kv-detail"
      aria-label={`${unit} ${channel}`}
      tabIndex={-1}
      onKeyDown={onKeyDown}
    >
      <ChannelNavigation store={store} data={data} channel={channel}>
        <SaveChannel
          store={store}
          state={state}
          data={data}
          channel={channel}
          stage={stage}
          units={units}
          trend={shownValue(trend)}
        />
      </ChannelNavigation>
      <div class="kv-detail-body">
        <div class="kv-detail-main">
          {position === null ? (
            <p class="kv-detail-missing kv-muted">
              The {data.entry.kind === "sequence" ? "values" : "map"} of this {unit}{" "}
              were left out of the capture ({data.entry.cut}); its statistics are
              complete. More is kept with a larger capture_mb.
            </p>
          ) : stage === null || scale === null ? (
            <LargeLine state={state} data={data} position={position} dark={dark} />
          ) : (
            <>
              <StageControls store={store} shown={shown} stage={stage} scale={scale} />
              <LargeMap state={state} stage={stage} dark={dark} />
            </>
          )}
          <SampleRank
            store={store}
            state={state}
            data={data}
            channel={channel}
            signed={scale?.kind === "diverging"}
            dark={dark}
          />
        </div>
        <ChannelFacts
          store={store}
          state={state}
          data={data}
          channel={channel}
          units={units}
          trend={trend}
          dark={dark}
        />
      </div>
    </section>
  );
}
