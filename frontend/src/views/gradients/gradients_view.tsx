/** Gradients and updates of every variable over the training. */

import { useSignal } from "@preact/signals";
import { useCallback, useEffect, useMemo } from "preact/hooks";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { createGradientsState, type GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import { Findings } from "./findings";
import css from "./gradients.css?inline";
import { GradientsControls } from "./gradients_controls";
import { GradientsMap } from "./gradients_map";
import { LayerCurves } from "./layer_curves";
import { RunsAtAGlance } from "./runs_at_a_glance";
import { TrainingCurves } from "./training_curves";

addStyle(css);

/** All runs at a glance, and the gradients of the chosen one. */
export function GradientsView({ store }: { store: Store }) {
  return (
    <section class="kv-gradients" aria-label="Gradients">
      <RunsAtAGlance store={store} />
      <RunGradients store={store} />
    </section>
  );
}

/** The map, the curves above it, and the layer that is selected. */
function RunGradients({ store }: { store: Store }) {
  const state = useMemo(() => createGradientsState(store), [store]);
  useEffect(() => state.dispose, [state]);
  // Without a scroll bar's room, which the map alone has at its side.
  const width = useSignal(0);
  const setWidth = useCallback((wanted: number) => {
    width.value = wanted;
  }, []);
  const loadable = state.summary.value;
  const summary = shownValue(loadable);
  if (summary === undefined) {
    return loadable.state === "error" ? (
      <ErrorNote message={loadable.message} onRetry={store.reload} />
    ) : (
      <Loading what="the gradients" />
    );
  }
  if (summary.variables.length === 0) {
    return <NoDynamics store={store} />;
  }
  return (
    <>
      {loadable.state === "loading" && <BusyLine what="the gradients" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      <Findings store={store} summary={summary} />
      <GradientsControls store={store} state={state} cut={summary.cut} />
      <div class="kv-gradients-main">
        <div class="kv-gradients-map">
          <TrainingCurves store={store} state={state} width={width.value} />
          <Maps
            store={store}
            state={state}
            variables={summary.variables}
            onWidth={setWidth}
          />
        </div>
        <LayerCurves store={store} state={state} variables={summary.variables} />
      </div>
    </>
  );
}

function Maps({
  store,
  state,
  variables,
  onWidth,
}: {
  store: Store;
  state: GradientsState;
  variables: readonly string[];
  onWidth: (width: number) => void;
}) {
  const loadable = state.map.value;
  const other = state.otherMap.value;
  const shown = shownValue(loadable);
  return (
    <>
      {loadable.state === "loading" && <BusyLine what="the map" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {other.state === "error" && <ErrorNote message={other.message} />}
      {shown === undefined ? (
        loadable.state === "loading" && <Loading what="the map" />
      ) : (
        <GradientsMap
          store={store}
          state={state}
          map={shown}
          other={shownValue(other) ?? null}
          variables={variables}
          onWidth={onWidth}
        />
      )}
    </>
  );
}

function NoDynamics({ store }: { store: Store }) {
  const notices = shownValue(store.status.value)?.notices ?? [];
  const reasons = notices.filter((notice) => notice.topic === "dynamics");
  if (reasons.length > 0) {
    return (
      <EmptyState title="Gradients could not be measured">
        {reasons.map((notice) => (
          <p key={notice.message}>
            At step {notice.step}: {notice.message}
          </p>
        ))}
        <p>The training and the rest of its log went on.</p>
      </EmptyState>
    );
  }
  return (
    <EmptyState title="No gradients were logged yet">
      <p>
        KerasViz measures the true gradients of every optimizer step, unless
        dynamics=None is given; the first numbers come with the end of the first epoch.
        A custom training loop logs them with write_gradients:
      </p>
      <pre>{"writer.write_gradients(step, model, grads)"}</pre>
    </EmptyState>
  );
}
