/** The one line above the views: which run, which view, which step. */

import { shownValue } from "../state/loadable";
import type { Store, View } from "../state/store";
import { addStyle } from "../theme/theme";
import { NoticesButton } from "./notices";
import { StepScrubber } from "./scrubber/step_scrubber";
import css from "./toolbar.css?inline";

addStyle(css);

const TABS: readonly { id: View; name: string; title: string }[] = [
  {
    id: "architecture",
    name: "Architecture",
    title: "How the model is wired: layers, shapes, parameters",
  },
  {
    id: "activations",
    name: "Activations",
    title: "What each layer returns for the samples of the probe",
  },
  {
    id: "gradients",
    name: "Gradients",
    title: "Gradients and updates of every variable at every step, with the loss",
  },
  {
    id: "weights",
    name: "Weights",
    title: "Values, histograms and statistics of every variable, as captured",
  },
];

/** Run, view, step and notices. */
export function Toolbar({ store }: { store: Store }) {
  return (
    <header class="kv-toolbar">
      <RunPicker store={store} />
      <ViewTabs store={store} />
      {store.steps.value.length > 0 && <StepScrubber store={store} />}
      <NoticesButton store={store} />
    </header>
  );
}

function RunPicker({ store }: { store: Store }) {
  const runs = shownValue(store.runs.value) ?? [];
  const name = store.run.value;
  const known = runs.some((run) => run.name === name);
  return (
    <div class="kv-field kv-run-picker">
      <label for="kv-run">Run</label>
      <select
        id="kv-run"
        class="kv-select"
        title={name ?? "No run yet"}
        disabled={runs.length === 0}
        value={name ?? ""}
        onChange={(event) => store.setRun(event.currentTarget.value)}
      >
        {!known && <option value={name ?? ""}>{name ?? "none"}</option>}
        {runs.map((run) => (
          <option key={run.name} value={run.name}>
            {runTitle(run.name)}
          </option>
        ))}
      </select>
    </div>
  );
}

/** "." is how a log directory that is a run itself is called. */
function runTitle(name: string): string {
  return name === "." ? ". (the log directory)" : name;
}

function ViewTabs({ store }: { store: Store }) {
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by === undefined) {
      return;
    }
    const at = TABS.findIndex(({ id }) => id === store.view.value);
    const other = TABS[(at + by + TABS.length) % TABS.length]?.id ?? "architecture";
    store.setView(other);
    document.getElementById(`kv-tab-${other}`)?.focus();
    event.preventDefault();
  };
  return (
    <div class="kv-tabs" role="tablist" aria-label="View" onKeyDown={onKeyDown}>
      {TABS.map(({ id, name, title }) => (
        <button
          key={id}
          id={`kv-tab-${id}`}
          type="button"
          role="tab"
          class="kv-tab"
          title={title}
          aria-selected={store.view.value === id}
          tabIndex={store.view.value === id ? 0 : -1}
          onClick={() => store.setView(id)}
        >
          {name}
        </button>
      ))}
    </div>
  );
}
