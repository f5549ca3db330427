/** Ways from one place in the app to another. */

import { batch } from "@preact/signals";
import type { MetricId } from "../model/overlay/metrics";
import type { GradientsPlace } from "./gradients_place";
import type { GridPlace } from "./grid_place";
import type { ActivationsMode, View } from "./place";
import type { KeptPlace } from "./place_signals";
import type { WeightsPlace } from "./weights_place";

/** What changes the place. */
export interface Navigation {
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
}

/** Creates the ways between places. */
export function createNavigation({ place, push }: KeptPlace): Navigation {
  const selectLayer = (path: string | null, call = 0, output = 0) => {
    batch(() => {
      const { layer, node } = place;
      if (
        path !== layer.value ||
        call !== node.value ||
        output !== place.output.value
      ) {
        place.channel.value = null;
      }
      layer.value = path;
      node.value = call;
      place.output.value = output;
    });
  };
  const open = (view: View, path: string, call = 0, output = 0) => {
    push();
    place.view.value = view;
    selectLayer(path, call, output);
  };
  return {
    setRun: (name) => {
      batch(() => {
        place.run.value = name;
        // What is open or pointed at in one training says nothing of another.
        place.open.value = null;
        place.gradients.value = { ...place.gradients.value, at: null };
      });
    },
    setView: (view) => {
      if (view !== place.view.value) {
        push();
        place.view.value = view;
      }
    },
    setStep: (step) => {
      place.step.value = step;
    },
    setSample: (sample) => {
      place.sample.value = sample;
    },
    setChannel: (channel) => {
      place.channel.value = channel;
    },
    setMode: (mode) => {
      if (mode !== place.mode.value) {
        push();
        place.mode.value = mode;
      }
    },
    setGrid: (change) => {
      place.grid.value = { ...place.grid.value, ...change };
    },
    setGradients: (change) => {
      place.gradients.value = { ...place.gradients.value, ...change };
    },
    setWeights: (change) => {
      place.weights.value = { ...place.weights.value, ...change };
    },
    setTable: (table) => {
      place.table.value = table;
    },
    compareWith: (run, step = null) => {
      batch(() => {
        place.withRun.value = run;
        place.withStep.value = run === null ? null : step;
      });
    },
    setColor: (metric) => {
      place.color.value = metric;
    },
    selectLayer,
    openActivations: (path, call, output, channel = null) => {
      batch(() => {
        open("activations", path, call, output);
        place.mode.value = "layers";
        place.channel.value = channel ?? place.channel.value;
      });
    },
    openArchitecture: (path, call) => {
      batch(() => open("architecture", path, call));
    },
    openGradients: (path) => {
      batch(() => open("gradients", path));
    },
    openWeights: (path) => {
      batch(() => {
        open("weights", path);
        place.weights.value = { ...place.weights.value, variable: null };
      });
    },
  };
}
