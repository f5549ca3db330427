import type { Store } from "../state/store";
import { ActivationsView } from "./activations/activations_view";
import { ArchitectureView } from "./architecture/architecture_view";

/** The whole tab: toolbar and the chosen view. */
export function App({ store }: { store: Store }) {
  return store.view.value === "activations" ? (
    <ActivationsView store={store} />
  ) : (
    <ArchitectureView store={store} />
  );
}
