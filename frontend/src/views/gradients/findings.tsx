/** What was found in the shown run, in the order in which it came about. */

import { Icon } from "../../components/icons";
import { markOf } from "../../model/dynamics/verdicts";
import { goToGradient } from "../../state/go_to_gradient";
import type { Store } from "../../state/store";
import type { DynamicsSummary, TrainingFinding } from "../../wire/generated";
import { VerdictIcon } from "./verdict_mark";

const NOTHING =
  "None of the rules applies: values that are not finite, a loss that rose to ten " +
  "times its start, kernels that changed by more than 10% in three steps in a row, " +
  "kernels without a gradient, gradients that vanish, steps that are too small, spikes. " +
  "That is no proof that all is well";

/** A sentence for each finding, and the way to it; or that there is none. */
export function Findings({
  store,
  summary,
}: {
  store: Store;
  summary: DynamicsSummary;
}) {
  const { verdict } = summary;
  if (verdict.findings.length === 0) {
    return (
      <div class="kv-findings" role="status">
        <p class="kv-finding" title={NOTHING}>
          <VerdictIcon mark={markOf(verdict)} />
          <span>{verdict.text || `${verdict.headline}.`}</span>
        </p>
      </div>
    );
  }
  return (
    <ol class="kv-findings" aria-label="What was found in this run">
      {verdict.findings.map((finding) => (
        <Finding key={finding.kind} store={store} run={verdict.run} finding={finding} />
      ))}
    </ol>
  );
}

function Finding({
  store,
  run,
  finding,
}: {
  store: Store;
  run: string;
  finding: TrainingFinding;
}) {
  const { layer, step } = finding;
  const where = [...(layer === "" ? [] : [layer]), `step ${step}`].join(", ");
  return (
    <li class="kv-finding">
      <VerdictIcon mark={finding.broken ? "broken" : "unusual"} />
      <span class="kv-finding-text" title={finding.rule}>
        {finding.text}
      </span>
      <button
        type="button"
        class="kv-button"
        title={`Goes to ${where.slice(0, 300)}`}
        onClick={() => goToGradient(store, { run, layer, step })}
      >
        <Icon name="target" />
        Show it
      </button>
    </li>
  );
}
