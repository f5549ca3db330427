/** From one channel to the next, and back to all of them. */

import type { ComponentChildren } from "preact";
import { Icon } from "../../../components/icons";
import { StepButton } from "../../../components/step_button";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { Store } from "../../../state/store";

/** Arrow keys go on to the next channel, Escape goes back to all. */
export function followChannelKeys(
  store: Store,
  data: ActivationData,
  channel: number,
  event: KeyboardEvent,
): void {
  // Keys that are meant for a list or a text are theirs.
  if ((event.target as HTMLElement).matches("select, input, textarea")) {
    return;
  }
  if (event.key === "Escape") {
    store.setChannel(null);
  } else if (event.key === "ArrowLeft" && channel > 0) {
    store.setChannel(channel - 1);
  } else if (event.key === "ArrowRight" && channel < data.entry.channels - 1) {
    store.setChannel(channel + 1);
  } else {
    return;
  }
  event.preventDefault();
}

/** Buttons to the channels before and after, its name, and the way back. */
export function ChannelNavigation({
  store,
  data,
  channel,
  children,
}: {
  store: Store;
  data: ActivationData;
  channel: number;
  /** What stands between the name and the way back. */
  children?: ComponentChildren;
}) {
  const unit = unitName(data);
  const last = data.entry.channels - 1;
  return (
    <div class="kv-detail-head">
      <StepButton
        to="previous"
        what={unit}
        disabled={channel === 0}
        onGo={() => store.setChannel(channel - 1)}
      />
      <StepButton
        to="next"
        what={unit}
        disabled={channel >= last}
        onGo={() => store.setChannel(channel + 1)}
      />
      <h3>
        {unit} {channel} <span class="kv-muted">of 0 to {last}</span>
      </h3>
      {children}
      <button
        type="button"
        class="kv-button kv-detail-close"
        title="Back to all of them (Escape)"
        onClick={() => store.setChannel(null)}
      >
        <Icon name="close" />
        All {unit}s
      </button>
    </div>
  );
}
