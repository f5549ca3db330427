/** Everything about a channel that is not its map. */

import type { ComponentChildren } from "preact";
import type { ActivationData } from "../../../model/tensor_view";
import type { UnitData } from "../../../model/units/unit_data";
import type { ActivationsState } from "../../../state/activations";
import { type Loadable, shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { addStyle } from "../../../theme/theme";
import type { UnitTrend } from "../../../wire/generated";
import css from "./channel_facts.css?inline";
import { ChannelHistogram } from "./channel_histogram";
import { ChannelStatistics } from "./channel_statistics";
import { ChannelTrends } from "./channel_trends";
import { IncomingKernelSection } from "./incoming_kernel";

addStyle(css);

/** Statistics, distribution, course over steps, and incoming weights. */
export function ChannelFacts({
  store,
  state,
  data,
  channel,
  units,
  trend,
  dark,
  children,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  channel: number;
  units: UnitData | null;
  trend: Loadable<UnitTrend>;
  dark: boolean;
  /** What stands above. */
  children?: ComponentChildren;
}) {
  const measured = shownValue(state.index.value)?.measured_samples ?? 0;
  const facts = { data, channel, units, measured };
  return (
    <div class="kv-detail-facts" role="group" aria-label="Facts">
      {children}
      <ChannelStatistics {...facts} />
      <ChannelHistogram {...facts} dark={dark} />
      <ChannelTrends
        store={store}
        loadable={trend}
        step={state.captureStep.value}
        dark={dark}
      />
      <IncomingKernelSection store={store} state={state} dark={dark} />
    </div>
  );
}
