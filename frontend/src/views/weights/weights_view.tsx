/** The weights of every variable, as they were captured. */

import { useEffect, useMemo } from "preact/hooks";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { createWeightsState } from "../../state/weights";
import { addStyle } from "../../theme/theme";
import { VariableList } from "./variable_list";
import { VariablePanel } from "./variable_panel";
import css from "./weights.css?inline";

addStyle(css);

/** The list of variables, and the one that is chosen. */
export function WeightsView({ store }: { store: Store }) {
  const state = useMemo(() => createWeightsState(store), [store]);
  useEffect(() => state.dispose, [state]);
  if (state.steps.value.length === 0) {
    return <NoWeights store={store} />;
  }
  const loadable = state.index.value;
  const index = shownValue(loadable);
  if (index === undefined) {
    return loadable.state === "error" ? (
      <ErrorNote message={loadable.message} onRetry={store.reload} />
    ) : (
      <Loading what="the weights" />
    );
  }
  return (
    <section class="kv-weights" aria-label="Weights">
      {loadable.state === "loading" && <BusyLine what="the weights" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {index.variables.length === 0 ? (
        <EmptyState title="This capture holds no variable">
          <p>
            {index.skipped[0]?.reason ??
              "The model had no variables when the capture was made."}
          </p>
        </EmptyState>
      ) : (
        <div class="kv-weights-main">
          <VariableList store={store} state={state} index={index} />
          <VariablePanel store={store} state={state} index={index} />
        </div>
      )}
    </section>
  );
}

function NoWeights({ store }: { store: Store }) {
  const notices = shownValue(store.status.value)?.notices ?? [];
  const reasons = notices.filter((notice) => notice.topic === "weights");
  return (
    <EmptyState title="No weights were captured yet">
      {reasons.map((notice) => (
        <p key={notice.message}>
          At step {notice.step}: {notice.message}
        </p>
      ))}
      <p>
        KerasViz captures them before the first step and at the end of every epoch,
        unless weights=None is given. A custom training loop logs them with
        write_weights:
      </p>
      <pre>{"writer.write_weights(step, model)"}</pre>
    </EmptyState>
  );
}
