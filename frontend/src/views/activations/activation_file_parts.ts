/** What the names and the metadata of saved activations are made of. */

import type { FileContext } from "../../model/export/activation_files";
import { fileName } from "../../model/export/file_name";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { LayerActivation } from "../../wire/generated";

/** Where what is shown is from. */
export function fileContext(store: Store, state: ActivationsState): FileContext {
  const sample = state.sample.value;
  return {
    run: store.run.value ?? "",
    step: state.captureStep.value ?? 0,
    sample,
    label: shownValue(state.probe.value)?.labels[sample] ?? "",
  };
}

/** Name of a file of a layer: `digits_stem_sample-3_step-120.npz`. */
export function activationFileName(
  context: FileContext,
  entry: LayerActivation,
  parts: readonly string[],
  extension: string,
): string {
  const which = [
    ...(entry.call > 0 ? [`call-${entry.call}`] : []),
    ...(entry.output > 0 ? [`output-${entry.output}`] : []),
  ];
  const layer = entry.path.replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-").slice(0, 100);
  const what = [layer, ...which, ...parts].join("_");
  return fileName(context.run, what, context.step, extension);
}
