/** What is known of one unit of a vector, beside the bars of all. */

import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { followUnitTrend } from "../../../state/channel_data";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { addStyle } from "../../../theme/theme";
import { useFollowed } from "../../use_followed";
import { ChannelFacts } from "./channel_facts";
import { SampleRank } from "./sample_rank";
import { SaveChannel } from "./save_channel";
import css from "./unit_panel.css?inline";
import { useUnits } from "./use_units";

addStyle(css);

/** Facts, samples and files of a unit. */
export function UnitPanel({
  store,
  state,
  data,
  unit,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  unit: number;
}) {
  const dark = store.page.dark.value;
  const { units } = useUnits(state, data.entry);
  const trend = useFollowed(() => followUnitTrend(store, state), [store, state]);
  return (
    <ChannelFacts
      store={store}
      state={state}
      data={data}
      channel={unit}
      units={units}
      trend={trend}
      dark={dark}
    >
      <div class="kv-unit-head">
        <span class="kv-unit-facts" role="status">
          unit {unit}: <strong>{formatValue(data.unitValue(unit))}</strong>
        </span>
        <SaveChannel
          store={store}
          state={state}
          data={data}
          channel={unit}
          stage={null}
          units={units}
          trend={shownValue(trend)}
        />
      </div>
      <SampleRank
        store={store}
        state={state}
        data={data}
        channel={unit}
        signed={false}
        dark={dark}
      />
    </ChannelFacts>
  );
}
