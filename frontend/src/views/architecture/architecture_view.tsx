import type { Store } from "../../state/store";

/** The architecture of the model. */
export function ArchitectureView(_: { store: Store }) {
  return <div class="kv-architecture" />;
}
