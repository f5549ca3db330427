/** The state of the app: where we are, and what belongs there. */

import {
  batch,
  computed,
  effect,
  type ReadonlySignal,
  type Signal,
  signal,
} from "@preact/signals";
import type { DataSource } from "../data/data_source";
import type { AttentionOrder } from "../model/attention/orders";
import type { MetricId } from "../model/overlay/metrics";
import type { PathQuery } from "../model/paths/path_query";
import type { HealthKind, HealthOrder } from "../model/units/health_kinds";
import type { ModelGraph, RunInfo, RunList, Status } from "../wire/generated";
import { type Awaited, createAwaited } from "./awaited";
import { type Comparison, createComparison, type GraphVersion } from "./comparison";
import type { GradientsPlace } from "./gradients_place";
import type { GridPlace } from "./grid_place";
import { createResource, type Loadable, shownValue } from "./loadable";
import type { Page } from "./page";
import {
  type ActivationsMode,
  formatPlace,
  type Place,
  parsePlace,
  type View,
} from "./place";
import { findStep, stepsOf } from "./steps";
import type { WeightsPlace } from "./weights_place";

export type { GraphVersion } from "./comparison";
export type { Loadable } from "./loadable";
export type { ActivationsMode, View } from "./place";
export { findStep, stepsOf } from "./steps";

/** All state that more than one component sees. */
export interface Store {
  /** Where data come from. */
  readonly source: DataSource;
  /** The page around the app. */
  readonly page: Page;
  /** Moves on at every reload. */
  readonly generation: ReadonlySignal<number>;

  readonly runs: ReadonlySignal<Loadable<readonly RunInfo[]>>;
  readonly run: Signal<string | null>;
  /** The chosen run, once the list is there and it is in it. */
  readonly runInfo: ReadonlySignal<RunInfo | null>;
  readonly view: Signal<View>;
  /** null = follow the latest step. */
  readonly step: Signal<number | null>;
  /** Path of the selected layer; both views share it. */
  readonly layer: Signal<string | null>;
  /** Which call of the layer, for shared layers. */
  readonly node: Signal<number>;
  /** Which output of the call. */
  readonly output: Signal<number>;
  readonly sample: Signal<number>;
  readonly channel: Signal<number | null>;
  /** What the activations view shows. */
  readonly mode: Signal<ActivationsMode>;
  /** Which state of units the map of their health shows. */
  readonly health: Signal<HealthKind>;
  readonly healthOrder: Signal<HealthOrder>;
  /** In which order attention heads are shown. */
  readonly heads: Signal<AttentionOrder>;
  /** How the channels of a layer are shown. */
  readonly grid: Signal<GridPlace>;
  /** How the gradients are shown. */
  readonly gradients: Signal<GradientsPlace>;
  /** How the weights are shown. */
  readonly weights: Signal<WeightsPlace>;
  /** Whether the architecture is shown as a table. */
  readonly table: Signal<boolean>;
  /** What layers are searched for. */
  readonly find: Signal<string>;
  /** What the layers are coloured by; null = their families. */
  readonly color: Signal<MetricId | null>;
  /** Keys of the open groups of the architecture; null = as at first, or too many. */
  readonly open: Signal<string | null>;
  /** Which paths are shown; null = none. */
  readonly paths: Signal<PathQuery | null>;

  /** Steps that have something the view shows, ascending. */
  readonly steps: ReadonlySignal<readonly number[]>;
  /** The step that is shown: a logged one. */
  readonly currentStep: ReadonlySignal<number | null>;
  readonly graph: ReadonlySignal<Loadable<ModelGraph>>;
  /** The graph that is shown. */
  readonly shownGraph: ReadonlySignal<GraphVersion | null>;
  /** The graph that it is compared with. */
  readonly comparison: Comparison;
  readonly status: ReadonlySignal<Loadable<Status>>;
  /** What is shown and still on its way. */
  readonly awaited: Awaited;

  setRun(name: string): void;
  setView(view: View): void;
  setStep(step: number | null): void;
  setSample(sample: number): void;
  setChannel(channel: number | null): void;
  setMode(mode: ActivationsMode): void;
  /** Changes how the channels of a layer are shown. */
  setGrid(change: Partial<GridPlace>): void;
  /** Changes how the gradients are shown. */
  setGradients(change: Partial<GradientsPlace>): void;
  /** Changes how the weights are shown. */
  setWeights(change: Partial<WeightsPlace>): void;
  setTable(table: boolean): void;
  /** Compares with the graph of a run at a step (null = its latest); null = no more. */
  compareWith(run: string | null, step?: number | null): void;
  setColor(metric: MetricId | null): void;
  selectLayer(path: string | null, call?: number, output?: number): void;
  /** Goes to the activations of a layer; the way back leads here again. */
  openActivations(
    path: string,
    call?: number,
    output?: number,
    channel?: number | null,
  ): void;
  /** Goes to a layer in the architecture; the way back leads here again. */
  openArchitecture(path: string, call?: number): void;
  /** Goes to the gradients of a layer; the way back leads here again. */
  openGradients(path: string): void;
  /** Goes to the weights of a layer; the way back leads here again. */
  openWeights(path: string): void;
  /** Asks for everything anew, and keeps the place. */
  reload(): void;
  dispose(): void;
}

/**
 * Creates the state, from the place in the address, and keeps both in step.
 *
 * @param source Where data come from.
 * @param page The page, whose address holds the place.
 */
export function createStore(source: DataSource, page: Page): Store {
  const { address } = page;
  const start = parsePlace(address.read());
  const generation = signal(0);
  const run = signal(start.run);
  const view = signal(start.view);
  const step = signal(start.step);
  const layer = signal(start.layer);
  const node = signal(start.node);
  const output = signal(start.output);
  const sample = signal(start.sample);
  const channel = signal(start.channel);
  const mode = signal(start.mode);
  const health = signal(start.health);
  const healthOrder = signal(start.healthOrder);
  const heads = signal(start.heads);
  const grid = signal(start.grid);
  const gradients = signal(start.gradients);
  const weights = signal(start.weights);
  const table = signal(start.table);
  const withRun = signal(start.withRun);
  const withStep = signal(start.withStep);
  const find = signal(start.find);
  const color = signal(start.color);
  const open = signal(start.open);
  const paths = signal(start.paths);

  const runList = createResource<RunList>(
    () => ({ key: "runs", scope: "runs", load: (abort) => source.runs(abort) }),
    generation,
  );
  const runs = computed(() => mapLoadable(runList.value.value, (list) => list.runs));
  const runInfo = computed(
    () => shownValue(runs.value)?.find((info) => info.name === run.value) ?? null,
  );
  const steps = computed(() => {
    const of = (kind: string) => stepsOf(runInfo.value, kind);
    // Layers are coloured by what is made of statistics too; of the dynamics, which
    // may have thousands of steps, the first and the last are known. Where activations
    // or weights are shown, nothing changes at a step that has none; of the former
    // the start is kept.
    const all = new Set(
      view.value === "activations"
        ? [...of("model_graph").slice(0, 1), ...of("activations")]
        : view.value === "weights"
          ? of("weights")
          : ["model_graph", "activations", "weights", "dynamics"].flatMap(of),
    );
    return [...all].sort((a, b) => a - b);
  });
  const currentStep = computed(() => findStep(steps.value, step.value));

  const graphStep = computed(() =>
    findStep(stepsOf(runInfo.value, "model_graph"), currentStep.value),
  );
  const graph = createResource<ModelGraph>(() => {
    const name = run.value;
    const at = graphStep.value;
    return name === null || at === null
      ? null
      : {
          key: JSON.stringify([name, at]),
          scope: name,
          load: (abort) => source.modelGraph(name, at, abort),
        };
  }, generation);
  const shownGraph = computed(() =>
    run.value === null || graphStep.value === null
      ? null
      : { run: run.value, step: graphStep.value },
  );
  const comparison = createComparison({
    source,
    generation,
    runs: computed(() => shownValue(runs.value) ?? []),
    shown: shownGraph,
    withRun,
    withStep,
    active: computed(() => view.value === "architecture"),
  });
  const awaited = createAwaited();
  awaited.follow(graph.value);
  const hasStatus = computed(() => stepsOf(runInfo.value, "status").length > 0);
  const status = createResource<Status>(() => {
    const name = run.value;
    return name === null || !hasStatus.value
      ? null
      : { key: name, scope: name, load: (abort) => source.status(name, abort) };
  }, generation);

  const applyPlace = (place: Place) => {
    batch(() => {
      run.value = place.run ?? run.value;
      step.value = place.step;
      view.value = place.view;
      layer.value = place.layer;
      node.value = place.node;
      output.value = place.output;
      sample.value = place.sample;
      channel.value = place.channel;
      mode.value = place.mode;
      health.value = place.health;
      healthOrder.value = place.healthOrder;
      heads.value = place.heads;
      grid.value = place.grid;
      gradients.value = place.gradients;
      weights.value = place.weights;
      table.value = place.table;
      withRun.value = place.withRun;
      withStep.value = place.withStep;
      find.value = place.find;
      color.value = place.color;
      open.value = place.open;
      paths.value = place.paths;
    });
  };

  let push = false;
  const undo = [
    runList.dispose,
    graph.dispose,
    comparison.dispose,
    status.dispose,
    effect(() => {
      const list = shownValue(runs.value);
      if (run.value === null && list !== undefined && list[0] !== undefined) {
        run.value = list[0].name;
      }
    }),
    effect(() => {
      const entries = formatPlace({
        run: run.value,
        step: step.value,
        view: view.value,
        layer: layer.value,
        node: node.value,
        output: output.value,
        sample: sample.value,
        channel: channel.value,
        mode: mode.value,
        health: health.value,
        healthOrder: healthOrder.value,
        heads: heads.value,
        grid: grid.value,
        gradients: gradients.value,
        weights: weights.value,
        table: table.value,
        withRun: withRun.value,
        withStep: withStep.value,
        find: find.value,
        color: color.value,
        open: open.value,
        paths: paths.value,
      });
      address.write(entries, push);
      push = false;
    }),
    address.subscribe(() => applyPlace(parsePlace(address.read()))),
  ];

  const selectLayer = (path: string | null, call = 0, at = 0) => {
    batch(() => {
      if (path !== layer.value || call !== node.value || at !== output.value) {
        channel.value = null;
      }
      layer.value = path;
      node.value = call;
      output.value = at;
    });
  };

  return {
    source,
    page,
    generation,
    runs,
    run,
    runInfo,
    view,
    step,
    layer,
    node,
    output,
    sample,
    channel,
    mode,
    health,
    healthOrder,
    heads,
    grid,
    gradients,
    weights,
    table,
    find,
    color,
    open,
    paths,
    steps,
    currentStep,
    graph: graph.value,
    shownGraph,
    comparison,
    status: status.value,
    awaited,
    setRun: (name) => {
      batch(() => {
        run.value = name;
        // What is open in one model says nothing of another.
        open.value = null;
      });
    },
    setView: (wanted) => {
      push = wanted !== view.value;
      view.value = wanted;
    },
    setStep: (wanted) => {
      step.value = wanted;
    },
    setSample: (wanted) => {
      sample.value = wanted;
    },
    setChannel: (wanted) => {
      channel.value = wanted;
    },
    setMode: (wanted) => {
      push = wanted !== mode.value;
      mode.value = wanted;
    },
    setGrid: (change) => {
      grid.value = { ...grid.value, ...change };
    },
    setGradients: (change) => {
      gradients.value = { ...gradients.value, ...change };
    },
    setWeights: (change) => {
      weights.value = { ...weights.value, ...change };
    },
    setTable: (wanted) => {
      table.value = wanted;
    },
    compareWith: (other, at = null) => {
      batch(() => {
        withRun.value = other;
        withStep.value = other === null ? null : at;
      });
    },
    setColor: (wanted) => {
      color.value = wanted;
    },
    selectLayer,
    openActivations: (path, call = 0, at = 0, wanted = null) => {
      push = true;
      batch(() => {
        view.value = "activations";
        mode.value = "layers";
        selectLayer(path, call, at);
        channel.value = wanted ?? channel.value;
      });
    },
    openArchitecture: (path, call = 0) => {
      push = true;
      batch(() => {
        view.value = "architecture";
        selectLayer(path, call);
      });
    },
    openGradients: (path) => {
      push = true;
      batch(() => {
        view.value = "gradients";
        selectLayer(path);
      });
    },
    openWeights: (path) => {
      push = true;
      batch(() => {
        view.value = "weights";
        weights.value = { ...weights.value, variable: null };
        selectLayer(path);
      });
    },
    reload: () => {
      source.revalidate();
      generation.value += 1;
    },
    dispose: () => {
      for (const action of undo) {
        action();
      }
    },
  };
}

function mapLoadable<T, U>(loadable: Loadable<T>, map: (value: T) => U): Loadable<U> {
  switch (loadable.state) {
    case "ready":
      return { state: "ready", value: map(loadable.value) };
    case "idle":
      return loadable;
    default:
      break;
  }
  const { previous, ...rest } = loadable;
  return previous === undefined ? rest : { ...rest, previous: map(previous) };
}
