/** A layer of sequences: its units over time, and what one can set of them. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { ChannelMaps } from "../../model/channels/channel_maps";
import { formatValue } from "../../model/format";
import type { TokenAxis } from "../../model/tokens/token_axis";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { LinkedColumns } from "./comparison/linked_columns";
import { ChannelsBody } from "./grid/channels_body";
import { type SequenceCell, SequenceMap } from "./sequence_map";
import type { ShownLayer } from "./shown_layer";
import {
  type ChosenTokens,
  chooseTokens,
  TokenPicker,
  tokenInput,
} from "./token_input";

/** All units of a layer over time. */
export function SequenceBody({
  store,
  state,
  shown,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
}) {
  const tokens = useTokens(store, state, shown);
  return (
    <ChannelsBody
      store={store}
      state={state}
      shown={shown}
      controls={
        <>
          <TokenPicker
            inputs={tokens.inputs}
            chosen={tokens.axes.find((axis) => axis !== null)?.input ?? ""}
          />
          <MaskNote mask={shown.data.mask} />
        </>
      }
      draw={(channels) => (
        <Sequences
          store={store}
          shown={shown}
          channels={channels}
          tokens={tokens.axes}
        />
      )}
    />
  );
}

/** How much of the sequence is masked; nothing if none of it is. */
function MaskNote({ mask }: { mask: Uint8Array | null }) {
  const masked = mask?.reduce((count, kept) => count + (kept === 0 ? 1 : 0), 0) ?? 0;
  return masked === 0 ? null : (
    <span
      class="kv-cut"
      title="Keras's mask leaves them out in later layers; they are drawn hatched, and statistics count them"
    >
      {masked} of {mask?.length} time steps masked
    </span>
  );
}

/** Texts of the time steps of each pane, where they are the same for all of it. */
function useTokens(
  store: Store,
  state: ActivationsState,
  { data, panes }: ShownLayer,
): {
  readonly axes: readonly (TokenAxis | null)[];
  readonly inputs: readonly string[];
} {
  const probe = shownValue(state.probe.value);
  const sample = state.sample.value;
  const target = state.grid.comparison.target.value;
  const whole = data.entry.full_map.join() === data.entry.kept_map.join();
  const length = whole ? data.entry.full_map[1] : 0;
  const input = tokenInput.value;
  return useMemo(() => {
    const here = chooseTokens(probe, sample, length);
    const same = target === null || target.run === store.run.value;
    const other = same ? chooseTokens(probe, target?.sample ?? sample, length) : NONE;
    const equal = other.axis?.texts.join("\n") === here.axis?.texts.join("\n");
    const axes =
      panes.length > 1
        ? [other.axis, here.axis]
        : [target === null || equal ? here.axis : null];
    return { axes, inputs: here.inputs };
  }, [probe, sample, length, target, panes, input]);
}

const NONE: ChosenTokens = { axis: null, inputs: [] };

function Sequences({
  store,
  shown,
  channels,
  tokens,
}: {
  store: Store;
  shown: ShownLayer;
  channels: readonly number[];
  /** One per pane. */
  tokens: readonly (TokenAxis | null)[];
}) {
  const { sides, panes, scales } = shown;
  const marked = useSignal<SequenceCell | null>(null);
  // The maps keep their pictures as long as their colours are the same.
  const scalesOf = useMemo(
    () =>
      panes.map((maps) => (position: number) => scales.of(maps.channelAt(position))),
    [panes, scales],
  );
  const describe =
    sides.length < 2
      ? undefined
      : (unit: number, step: number) =>
          sides.map(({ name, title, data }) => {
            const position = data.positionOf(unit);
            const value = position === null ? null : data.valueAt(position, step);
            return `${name}, ${title}: ${value === null ? "not kept" : formatValue(value)}`;
          });
  const draw = (maps: ChannelMaps, at: number) => (
    <SequenceMap
      data={maps}
      channels={channels}
      tokens={tokens[at] ?? null}
      mask={(panes.length > 1 ? sides[at]?.data : shown.data)?.mask ?? null}
      scaleOf={scalesOf[at] ?? scales.of}
      dark={store.page.dark.value}
      marked={marked}
      describe={describe}
      onOpen={store.setChannel}
    />
  );
  return panes.length === 1 && panes[0] !== undefined ? (
    draw(panes[0], 0)
  ) : (
    <LinkedColumns
      columns={panes.map((maps, at) => ({
        title: `${sides[at]?.name}: ${sides[at]?.title}`,
        content: draw(maps, at),
      }))}
    />
  );
}
