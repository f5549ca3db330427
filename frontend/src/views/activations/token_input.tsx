/** Which input of the probe names the positions of sequences. */

import { signal } from "@preact/signals";
import { findTokenAxes, type TokenAxis } from "../../model/tokens/token_axis";
import type { ProbeIndex } from "../../wire/generated";

/** The input whose texts are wanted, where several fit; null = the first. */
export const tokenInput = signal<string | null>(null);

/** Texts for a sequence, and the inputs that fit. */
export interface ChosenTokens {
  /** null = no input fits. */
  readonly axis: TokenAxis | null;
  /** Names of all inputs that fit. */
  readonly inputs: readonly string[];
}

/** Chooses among the inputs that are as long as a sequence. */
export function chooseTokens(
  probe: ProbeIndex | undefined,
  sample: number,
  length: number,
): ChosenTokens {
  const found = findTokenAxes(probe, sample, length);
  const axis =
    found.find(({ input }) => input === tokenInput.value) ?? found[0] ?? null;
  return { axis, inputs: found.map(({ input }) => input) };
}

/** Picks the input, where several fit. */
export function TokenPicker({
  inputs,
  chosen,
}: {
  inputs: readonly string[];
  chosen: string;
}) {
  return inputs.length < 2 ? null : (
    <label class="kv-field">
      <span class="kv-label">Tokens of</span>
      <select
        class="kv-select"
        title="Several inputs of the model have as many positions"
        value={chosen}
        onChange={(event) => {
          tokenInput.value = event.currentTarget.value;
        }}
      >
        {inputs.map((input) => (
          <option key={input} value={input}>
            {input.slice(0, 60)}
          </option>
        ))}
      </select>
    </label>
  );
}
