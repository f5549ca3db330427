/** What can be wrong with a unit, and what each word means. */

import { SATURATED_SHARE, SATURATION_MARGIN } from "../../wire/generated";
import { formatShare } from "../format";

/** A state that units are counted in; the counts of the log have these names. */
export type HealthKind = "dead" | "saturated" | "nonfinite" | "constant";

/** In which order the map shows the layers. */
export type HealthOrder = "layer" | "worst";

/** A state as it is called on the screen. */
export interface HealthDefinition {
  readonly kind: HealthKind;
  readonly title: string;
  /** What one says of units that are in it. */
  readonly phrase: string;
  readonly definition: string;
}

/** All states, in the order in which they are shown. */
export const HEALTH_KINDS: readonly HealthDefinition[] = [
  {
    kind: "dead",
    title: "Dead",
    phrase: "zero",
    definition:
      "Exactly zero at every position of every sample of the probe. After a ReLU " +
      "such a unit gets no gradient from them either",
  },
  {
    kind: "saturated",
    title: "Saturated",
    phrase: "saturated",
    definition:
      `More than ${formatShare(SATURATED_SHARE)} of its values are within ` +
      `${formatShare(SATURATION_MARGIN)} of a bound of its activation (sigmoid, ` +
      "tanh, softmax, ReLU6, ...), where the gradient is next to nothing",
  },
  {
    kind: "nonfinite",
    title: "Non-finite",
    phrase: "NaN or infinite",
    definition: "NaN or infinite at one position of one sample at least",
  },
  {
    kind: "constant",
    title: "Constant",
    phrase: "constant",
    definition:
      "One and the same finite value everywhere, so that it tells nothing about the " +
      "samples; the dead ones are among them",
  },
];

/** Finds a state by its name; null for any other word. */
export function findHealthKind(name: string): HealthDefinition | null {
  return HEALTH_KINDS.find(({ kind }) => kind === name) ?? null;
}
