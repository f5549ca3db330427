/** Chooses what the graph is compared with, and sums up how they differ. */

import { Icon } from "../../components/icons";
import {
  describeTotal,
  formatTotal,
  SIGN_NAMES,
  SIGN_TITLES,
  SIGNS,
} from "../../model/compare/diff_text";
import { isSame, type Sign, type TotalChange } from "../../model/compare/graph_diff";
import { formatCount } from "../../model/layer_text";
import { toggleTerm } from "../../model/search/query";
import { shownValue } from "../../state/loadable";
import { type Store, stepsOf } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { type Compared, differingPaths, versionTitle } from "./compared";

const SHOWN_SIGNS: readonly Sign[] = ["added", "removed", "changed", "resized"];

/** The choice of a run or a version to compare with. */
export function CompareChoice({ store }: { store: Store }) {
  const runs = shownValue(store.runs.value) ?? [];
  const shown = store.shownGraph.value;
  const target = store.comparison.target.value;
  const own = stepsOf(store.runInfo.value, "model_graph");
  const others = runs.filter(
    (run) => run.name !== shown?.run && stepsOf(run, "model_graph").length > 0,
  );
  const steps = own.filter((step) => step !== shown?.step);
  if (steps.length === 0 && others.length === 0 && target === null) {
    return null;
  }
  const optionOf = (run: string, step: number) => JSON.stringify([run, step]);
  const latest = (run: (typeof runs)[number]) =>
    stepsOf(run, "model_graph").at(-1) as number;
  const chosen = target === null ? "" : optionOf(target.run, target.step);
  const offered = [
    ...steps.map((step) => optionOf(shown?.run ?? "", step)),
    ...others.map((run) => optionOf(run.name, latest(run))),
  ];
  return (
    <select
      class="kv-select kv-compare-choice"
      aria-label="Compare with"
      title={
        target === null
          ? "Mark what differs from another run, or from this one at another step"
          : `Compared with ${versionTitle(store, target)}`
      }
      value={chosen}
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value === "") {
          store.compareWith(null);
          return;
        }
        const [run, step] = JSON.parse(value) as [string, number];
        const other = runs.find((one) => one.name === run);
        // The latest of another run stays its latest as more is logged.
        const follow =
          run !== shown?.run && other !== undefined && latest(other) === step;
        store.compareWith(run, follow ? null : step);
      }}
    >
      <option value="">{target === null ? "Compare with…" : "Compare no more"}</option>
      {target !== null && !offered.includes(chosen) && (
        <option value={chosen}>vs {versionTitle(store, target)}</option>
      )}
      {steps.length > 0 && (
        <optgroup label="Other versions of this run">
          {steps.map((step) => (
            <option key={step} value={optionOf(shown?.run ?? "", step)}>
              vs step {formatCount(step)}
            </option>
          ))}
        </optgroup>
      )}
      {others.length > 0 && (
        <optgroup label="Other runs">
          {others.map((run) => (
            <option key={run.name} value={optionOf(run.name, latest(run))}>
              vs {run.name}
            </option>
          ))}
        </optgroup>
      )}
    </select>
  );
}

/** What the comparison comes to, and the ways through it. */
export function CompareBar({
  store,
  model,
  compared,
}: {
  store: Store;
  model: ArchitectureModel;
  compared: Compared | null;
}) {
  const { comparison } = store;
  const problem = problemOf(store);
  if (compared === null && problem === "" && comparison.target.value === null) {
    return null;
  }
  return (
    <div class="kv-compare-bar" role="region" aria-label="Comparison">
      {problem !== "" && (
        <span class="kv-compare-problem" role="alert">
          {problem}
        </span>
      )}
      {compared === null && problem === "" && (
        <span role="status">Loading the graph to compare with…</span>
      )}
      {compared !== null && <Summary store={store} model={model} compared={compared} />}
      <span class="kv-compare-ways">
        {compared !== null && compared.target.run !== store.run.value && (
          <button
            type="button"
            class="kv-button"
            title="Show the other one, compared with this one"
            onClick={() => swap(store, compared)}
          >
            Swap
          </button>
        )}
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="Stop comparing"
          title="Stop comparing"
          onClick={() => store.compareWith(null)}
        >
          <Icon name="close" />
        </button>
      </span>
    </div>
  );
}

function problemOf(store: Store): string {
  const { missing, graph } = store.comparison;
  if (missing.value !== "") {
    return `Nothing to compare with: ${missing.value}.`;
  }
  return graph.value.state === "error"
    ? `The graph to compare with could not be had: ${graph.value.message}`
    : "";
}

function Summary({
  store,
  model,
  compared,
}: {
  store: Store;
  model: ArchitectureModel;
  compared: Compared;
}) {
  const { diff, title } = compared;
  const total = (name: string) => diff.totals.find((one) => one.name === name);
  return (
    <>
      <span class="kv-compare-title">
        Compared with <strong dir="auto">{title}</strong>
      </span>
      {isSame(diff) ? (
        <span role="status">No difference</span>
      ) : (
        <span class="kv-compare-counts" role="status">
          {SHOWN_SIGNS.filter((sign) => diff.counts[sign] > 0).map((sign) => (
            <CountChip
              key={sign}
              sign={sign}
              count={diff.counts[sign]}
              // What is removed is not in the graph that is searched.
              onClick={
                sign === "removed"
                  ? () => store.selectLayer(null)
                  : () => {
                      store.find.value = toggleTerm(store.find.value, `is:${sign}`);
                    }
              }
            />
          ))}
        </span>
      )}
      <Step store={store} model={model} compared={compared} />
      {["Parameters", "Multiply-adds"].map((name) => (
        <TotalText key={name} total={total(name)} />
      ))}
    </>
  );
}

function CountChip({
  sign,
  count,
  onClick,
}: {
  sign: Sign;
  count: number;
  onClick: () => void;
}) {
  return (
    <button
      type="button"
      class="kv-compare-chip"
      title={`${SIGN_TITLES[sign]}. ${sign === "removed" ? "Click to list them" : "Click to find them"}`}
      onClick={onClick}
    >
      <Mark sign={sign} />
      {formatCount(count)} {SIGN_NAMES[sign]}
    </button>
  );
}

/** The sign of a difference, in its colour. */
export function Mark({ sign }: { sign: Sign }) {
  return (
    <span
      class="kv-mark"
      style={{ background: `var(--kv-mark-${sign})` }}
      aria-hidden="true"
      title={SIGN_TITLES[sign]}
    >
      {SIGNS[sign]}
    </span>
  );
}

/** One total of both, as far as it has moved. */
function TotalText({ total }: { total: TotalChange | undefined }) {
  if (total === undefined || total.before === total.after) {
    return null;
  }
  const { name, unit } = total;
  return (
    <span
      class="kv-compare-total"
      title={`${name}: ${formatTotal(total.before, unit)} → ${formatTotal(total.after, unit)}`}
    >
      {name} {describeTotal(total)}
    </span>
  );
}

/** Goes from one difference to the next. */
function Step({
  store,
  model,
  compared,
}: {
  store: Store;
  model: ArchitectureModel;
  compared: Compared;
}) {
  if (compared.diff.signs.size === 0) {
    return null;
  }
  return (
    <span class="kv-segments">
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Previous difference"
        title="Previous difference ( [ )"
        onClick={() => goToDifference(store, model, compared, -1)}
      >
        <Icon name="up" />
      </button>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Next difference"
        title="Next difference ( ] )"
        onClick={() => goToDifference(store, model, compared, 1)}
      >
        <Icon name="down" />
      </button>
    </span>
  );
}

/** Selects the next layer that differs, round and round. */
export function goToDifference(
  store: Store,
  model: ArchitectureModel,
  compared: Compared,
  by: 1 | -1,
): void {
  const { layers, byPath } = model.graph;
  const paths = differingPaths(compared.diff, layers);
  if (paths.length === 0) {
    return;
  }
  const from = store.layer.value;
  let at = from === null ? -1 : paths.indexOf(from);
  if (at === -1 && from !== null && byPath.has(from)) {
    // From a layer that does not differ, on to what comes after or before it.
    const place = layers.findIndex((layer) => layer.path === from);
    const order = new Map(layers.map((layer, i) => [layer.path, i]));
    const next = paths.findIndex((path) => (order.get(path) ?? 0) > place);
    const before = next === -1 ? paths.length - 1 : next - 1;
    at = by === 1 ? before : before + 1;
  } else if (at === -1 && by === -1) {
    at = 0;
  }
  store.selectLayer(paths[(at + by + paths.length) % paths.length] as string);
}

function swap(store: Store, { target }: Compared): void {
  const shown = store.shownGraph.value;
  if (shown === null) {
    return;
  }
  const selected = store.layer.value;
  store.setRun(target.run);
  store.setStep(target.step);
  store.compareWith(shown.run, shown.step);
  store.selectLayer(selected);
}
