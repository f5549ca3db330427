/** The capture that the shown one is compared with. */

import { computed, type ReadonlySignal } from "@preact/signals";
import type { DataSource, OutputKey } from "../data/data_source";
import type { ProbeIndex, RunInfo } from "../wire/generated";
import type { ComparedWith } from "./grid_place";
import { createLayerLookup, type FoundLayer } from "./layer_lookup";
import { createResource, type Loadable, shownValue } from "./loadable";
import { findStep, stepsOf } from "./steps";

/** What is shown, and what the comparison follows. */
export interface ComparisonSubject {
  readonly source: DataSource;
  readonly generation: ReadonlySignal<number>;
  readonly runs: ReadonlySignal<readonly RunInfo[]>;
  readonly run: ReadonlySignal<string | null>;
  /** Steps of the run that have a capture, ascending. */
  readonly captureSteps: ReadonlySignal<readonly number[]>;
  readonly captureStep: ReadonlySignal<number | null>;
  readonly sample: ReadonlySignal<number>;
  /** The output that is shown; null = none. */
  readonly output: ReadonlySignal<OutputKey | null>;
  readonly probe: ReadonlySignal<Loadable<ProbeIndex>>;
  readonly compared: ReadonlySignal<ComparedWith | null>;
}

/** A capture that is compared with. */
export interface ComparisonTarget {
  readonly run: string;
  readonly step: number;
  readonly sample: number;
}

/** What the shown capture is compared with. */
export interface ActivationComparison {
  /** null = nothing, or it is not there. */
  readonly target: ReadonlySignal<ComparisonTarget | null>;
  /** Why there is no target though one is asked for; empty if there is no reason. */
  readonly problem: ReadonlySignal<string>;
  /** What a user should know of the two, one sentence each. */
  readonly warnings: ReadonlySignal<readonly string[]>;
  readonly data: ReadonlySignal<Loadable<FoundLayer>>;
  dispose(): void;
}

type Resolved = ComparisonTarget | { readonly problem: string } | null;

/** Creates the resources of a comparison. */
export function createActivationComparison(
  subject: ComparisonSubject,
): ActivationComparison {
  const { source, generation } = subject;
  const infoOf = (run: string) =>
    subject.runs.value.find((info) => info.name === run) ?? null;
  const resolved = computed((): Resolved => {
    const compared = subject.compared.value;
    const run = subject.run.value;
    const step = subject.captureStep.value;
    const sample = subject.sample.value;
    if (compared === null || run === null || step === null) {
      return null;
    }
    switch (compared.kind) {
      case "sample":
        return { run, step, sample: compared.sample };
      case "step": {
        const found = resolveStep(compared.step, subject.captureSteps.value, step);
        return found === null
          ? { problem: `There is no capture before step ${step}.` }
          : { run, step: found, sample };
      }
      default: {
        const info = infoOf(compared.run);
        const found = findStep(stepsOf(info, "activations"), step);
        if (found !== null) {
          return { run: compared.run, step: found, sample };
        }
        return {
          problem:
            info === null
              ? `There is no run "${compared.run}" here.`
              : `The run "${compared.run}" has no captures of activations.`,
        };
      }
    }
  });
  const target = computed(() => {
    const found = resolved.value;
    return found !== null && "run" in found ? found : null;
  });
  const problem = computed(() => {
    const found = resolved.value;
    return found !== null && "problem" in found ? found.problem : "";
  });

  const data = createLayerLookup(source, generation, () => {
    const output = subject.output.value;
    return target.value === null || output === null
      ? null
      : { ...target.value, output };
  });
  // The probe of another run may be another one.
  const otherProbe = createResource<ProbeIndex>(() => {
    const wanted = target.value;
    const step =
      wanted === null
        ? null
        : findStep(stepsOf(infoOf(wanted.run), "probe"), wanted.step);
    return wanted === null || step === null || wanted.run === subject.run.value
      ? null
      : {
          key: JSON.stringify([wanted.run, step]),
          scope: wanted.run,
          load: (abort) => source.probe(wanted.run, step, abort),
        };
  }, generation);
  const warnings = computed(() => {
    const wanted = target.value;
    const here = shownValue(subject.probe.value);
    const there = shownValue(otherProbe.value.value);
    const sentences: string[] = [];
    if (wanted === null) {
      return sentences;
    }
    if (here !== undefined && there !== undefined && areDifferent(here, there)) {
      sentences.push(
        `The probe of "${wanted.run}" is another one: sample ${wanted.sample} is ` +
          "not the same input in both runs.",
      );
    }
    const step = subject.captureStep.value;
    if (
      wanted.run === subject.run.value &&
      wanted.step === step &&
      wanted.sample === subject.sample.value
    ) {
      sentences.push("A and B are the same: choose another step, sample or run.");
    }
    if (wanted.run !== subject.run.value && wanted.step !== step) {
      sentences.push(
        `"${wanted.run}" has no capture at step ${step}: its step ${wanted.step} is shown.`,
      );
    }
    return sentences;
  });

  return {
    target,
    problem,
    warnings,
    data: data.value,
    dispose: () => {
      data.dispose();
      otherProbe.dispose();
    },
  };
}

/** The captured step that is meant; null if there is none. */
export function resolveStep(
  wanted: number | "previous" | "first",
  steps: readonly number[],
  current: number,
): number | null {
  switch (wanted) {
    case "first":
      return steps[0] ?? null;
    case "previous":
      return steps.findLast((step) => step < current) ?? null;
    default:
      return findStep(steps, wanted);
  }
}

/** Whether two probes are known to differ; older logs do not say. */
function areDifferent(a: ProbeIndex, b: ProbeIndex): boolean {
  return a.digest !== "" && b.digest !== "" && a.digest !== b.digest;
}
