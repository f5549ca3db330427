/** The view that is chosen; each has code of its own, loaded when it is wanted. */

import { useEffect } from "preact/hooks";
import type { Store, View } from "../state/store";
import { ErrorBoundary } from "./parts/error_boundary";
import { idle } from "./parts/idle";
import { loadAhead } from "./parts/lazy_code";
import { createLazyPart, type LazyPart } from "./parts/lazy_part";

const VIEW_PARTS: Readonly<Record<View, LazyPart<{ store: Store }>>> = {
  architecture: createLazyPart("the view Architecture", async () => {
    const code = await import("./architecture/architecture_view");
    return code.ArchitectureView;
  }),
  activations: createLazyPart("the view Activations", async () => {
    const code = await import("./activations/activations_view");
    return code.ActivationsView;
  }),
  gradients: createLazyPart("the view Gradients", async () => {
    const code = await import("./gradients/gradients_view");
    return code.GradientsView;
  }),
  weights: createLazyPart("the view Weights", async () => {
    const code = await import("./weights/weights_view");
    return code.WeightsView;
  }),
};

/** The chosen view. The others are loaded behind it, so that they are there at once. */
export function ChosenView({ store }: { store: Store }) {
  const view = store.view.value;
  const { name, code, Part } = VIEW_PARTS[view];
  useEffect(() => {
    void code.load().then(({ failure }) => {
      if (failure === null) {
        void loadAhead(idle);
      }
    });
  }, [code]);
  return (
    <ErrorBoundary key={view} store={store} name={name}>
      <Part store={store} />
    </ErrorBoundary>
  );
}
