/** The whole tab: the toolbar, and the chosen view or why there is none. */

import { BusyLine, EmptyState, ErrorNote, Loading } from "../components/states";
import { shownValue } from "../state/loadable";
import type { Store } from "../state/store";
import { ChosenView } from "./chosen_view";
import { ErrorBoundary } from "./parts/error_boundary";
import { Toolbar } from "./toolbar";

const FIRST_USE = `import tb_kerasviz

model.fit(x, y, callbacks=[tb_kerasviz.KerasViz("logs/run1", probe=x_val[:8])])
# tensorboard --logdir logs`;

/** Toolbar and view. */
export function App({ store }: { store: Store }) {
  return (
    <div class="kv-app">
      <ErrorBoundary store={store} name="the toolbar">
        <Toolbar store={store} />
      </ErrorBoundary>
      <main class="kv-main">
        <ErrorBoundary store={store} name="the tab">
          <Content store={store} />
        </ErrorBoundary>
      </main>
    </div>
  );
}

function Content({ store }: { store: Store }) {
  const loadable = store.runs.value;
  const runs = shownValue(loadable);
  if (runs === undefined) {
    return loadable.state === "error" ? (
      <ErrorNote message={loadable.message} onRetry={store.reload} />
    ) : (
      <Loading what="the runs" />
    );
  }
  if (runs.length === 0) {
    return <NoRuns />;
  }
  const info = store.runInfo.value;
  if (info === null) {
    return store.run.value === null ? null : (
      <EmptyState title={`There is no run "${store.run.value}" here`}>
        <p>
          The address names a run that this log directory does not hold. Choose one
          above: there {runs.length === 1 ? "is one" : `are ${runs.length}`}.
        </p>
      </EmptyState>
    );
  }
  return (
    <>
      {loadable.state === "loading" && <BusyLine what="the runs" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {info.error !== "" ? (
        <ErrorNote message={info.error} onRetry={store.reload} />
      ) : (
        <ChosenView store={store} />
      )}
    </>
  );
}

function NoRuns() {
  return (
    <EmptyState title="No training was logged here yet">
      <p>Add the callback to a training, into a folder below this log directory:</p>
      <pre>{FIRST_USE}</pre>
      <p>
        The model shows up here as soon as training has begun; press TensorBoard's
        reload button, or let it reload by itself (in its settings).
      </p>
    </EmptyState>
  );
}
