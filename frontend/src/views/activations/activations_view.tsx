import type { Store } from "../../state/store";

/** The activations of one layer for one sample at one step. */
export function ActivationsView(_: { store: Store }) {
  return <div class="kv-activations" />;
}
