/** What a sample of the probe is called. */

import type { ProbeIndex } from "../../../wire/generated";

/** Its label, else its number. */
export function sampleName(probe: ProbeIndex | undefined, sample: number): string {
  const label = probe?.labels[sample];
  return label === undefined || label === "" ? `sample ${sample}` : label;
}
