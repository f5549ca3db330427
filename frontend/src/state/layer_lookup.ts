/** One output of a layer for one sample, wherever it was captured. */

import type { ReadonlySignal } from "@preact/signals";
import type { DataSource, OutputKey } from "../data/data_source";
import { type ActivationData, activationData } from "../model/tensor_view";
import type { ActivationIndex, LayerActivation } from "../wire/generated";
import { createResource, type Resource } from "./loadable";

/** Where it is. */
export interface LayerLookup {
  readonly run: string;
  readonly step: number;
  readonly output: OutputKey;
  readonly sample: number;
}

/** Why there is none; a sentence for the user. */
export interface MissingLayer {
  readonly missing: string;
}

/** What was found: the data, or why there are none. */
export type FoundLayer = ActivationData | MissingLayer;

/** Finds an output in a capture. */
export function findOutput(
  index: ActivationIndex,
  { layer, call, output }: OutputKey,
): LayerActivation | null {
  return (
    index.layers.find(
      (one) => one.path === layer && one.call === call && one.output === output,
    ) ?? null
  );
}

/** The capture of an output; says why where there is none. */
export function createLayerLookup(
  source: DataSource,
  generation: ReadonlySignal<number>,
  wanted: () => LayerLookup | null,
): Resource<FoundLayer> {
  return createResource<FoundLayer>(() => {
    const where = wanted();
    return where === null
      ? null
      : {
          key: JSON.stringify(where),
          scope: where.run,
          load: (abort) => load(source, where, abort),
        };
  }, generation);
}

async function load(
  source: DataSource,
  { run, step, output, sample }: LayerLookup,
  abort: AbortSignal,
): Promise<FoundLayer> {
  const index = await source.activations(run, step, abort);
  const entry = findOutput(index, output);
  if (entry === null) {
    return { missing: explain(index, run, output) };
  }
  if (sample >= index.samples) {
    return {
      missing: `The capture of "${run}" at step ${step} keeps ${index.samples} samples: there is no sample ${sample} in it.`,
    };
  }
  const key = { ...output, sample };
  return activationData(await source.activationData(run, step, key, abort), entry);
}

function explain(index: ActivationIndex, run: string, output: OutputKey): string {
  const path = output.layer.slice(0, 200);
  const where = `in the capture of "${run}" at step ${index.step}`;
  const skipped = index.skipped.find((layer) => layer.path === output.layer);
  if (skipped !== undefined) {
    return `${path} was not captured ${where}: ${skipped.reason}`;
  }
  return index.layers.some((entry) => entry.path === output.layer)
    ? `${path} has no call ${output.call} with output ${output.output} ${where}.`
    : `There is no layer ${path} ${where}. Layers are matched by their path.`;
}
