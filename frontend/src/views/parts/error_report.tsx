/** What went wrong in the app itself, and how to report it. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { copyText } from "../../components/copy_text";
import { EmptyState } from "../../components/states";
import { capitalize } from "../../model/format";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { ModelGraph } from "../../wire/generated";

/** All that what failed may depend on. */
export interface Attempt {
  readonly here: string;
  readonly graph: ModelGraph | undefined;
}

/** With what something that is drawn now is drawn. */
export function currentAttempt(store: Store): Attempt {
  const here = `${describePlace(store).join("\n")}\n${store.generation.value}`;
  return { here, graph: shownValue(store.graph.value) };
}

/** Stands in the place of what failed; elsewhere, or with another graph, it is tried again. */
export function ErrorReport({
  store,
  name,
  error,
  tried,
  onRetry,
}: {
  store: Store;
  /** What failed, as its user knows it. */
  name: string;
  error: unknown;
  /** With what it failed. */
  tried: Attempt;
  onRetry: () => void;
}) {
  const shown = useRef<HTMLPreElement>(null);
  const copied = useSignal<boolean | null>(null);
  const place = describePlace(store).join("\n");
  const { here, graph } = currentAttempt(store);
  useEffect(() => {
    if (here !== tried.here || graph !== tried.graph) {
      onRetry();
    }
  }, [here, graph, tried]);
  const message = error instanceof Error ? error.message : String(error);
  const details = `${place}\n${navigator.userAgent}\n\n${stackOf(error)}`;
  return (
    <EmptyState title={`${capitalize(name)} cannot be shown`}>
      <p role="alert">
        An error in tb_kerasviz stopped it: <span dir="auto">{message}</span>
      </p>
      <p>
        The log and the training are not touched by this, and the rest of the tab works.
        Please report the error with these details; they name the run and the layer.
      </p>
      <pre ref={shown} class="kv-report">
        {details}
      </pre>
      <div class="kv-report-buttons">
        <button type="button" class="kv-button" onClick={onRetry}>
          Try again
        </button>
        <button
          type="button"
          class="kv-button"
          onClick={async () => {
            if (shown.current !== null) {
              copied.value = await copyText(details, shown.current);
            }
          }}
        >
          Copy the details
        </button>
        <span role="status" class="kv-muted">
          {copied.value === true && "Copied"}
          {copied.value === false && "They are selected: copy them with Ctrl+C or ⌘C"}
        </span>
      </div>
    </EmptyState>
  );
}

function describePlace(store: Store): string[] {
  const { view, run, currentStep, layer, status } = store;
  const version = shownValue(status.value)?.package_version;
  return [
    `view: ${view.value}, run: ${run.value}, step: ${currentStep.value}`,
    `layer: ${layer.value}`,
    `logged by tb_kerasviz ${version ?? "of unknown version"}`,
  ];
}

/** Where it happened; not every browser's stack begins with the message. */
function stackOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const { message, stack = "" } = error;
  return stack.includes(message) ? stack : `${error.name}: ${message}\n${stack}`;
}
