/** All runs, a line each: which of them is broken, and where. */

import { useCallback, useEffect, useMemo } from "preact/hooks";
import { Icon } from "../../components/icons";
import { type Paint, PaintedCanvas } from "../../components/painted_canvas";
import { paintRatioStrip } from "../../draw/ratio_strip";
import {
  countMarks,
  markOf,
  toNumber,
  worstFirst,
} from "../../model/dynamics/verdicts";
import { goToGradient } from "../../state/go_to_gradient";
import type { Store } from "../../state/store";
import { createVerdicts } from "../../state/verdicts";
import { themeColors } from "../../theme/theme";
import type { TrainingVerdict } from "../../wire/generated";
import { VerdictIcon } from "./verdict_mark";

/** The list; nothing where there is only one run. */
export function RunsAtAGlance({ store }: { store: Store }) {
  const found = useMemo(() => createVerdicts(store.source, store.generation), [store]);
  useEffect(() => found.dispose, [found]);
  const { verdicts, total, error } = found.value.value;
  const sorted = useMemo(() => worstFirst(verdicts), [verdicts]);
  if ((total ?? 0) < 2 && error === null) {
    return null;
  }
  const isOpen = store.gradients.value.runs;
  return (
    <section class="kv-runs" aria-label="All runs">
      <header>
        <button
          type="button"
          class="kv-runs-toggle"
          aria-expanded={isOpen}
          title={isOpen ? "Folds the list of runs" : "Shows what is said of each run"}
          onClick={() => store.setGradients({ runs: !isOpen })}
        >
          <Icon name={isOpen ? "down" : "next"} />
          <span>All runs</span>
        </button>
        <span role="status">{error ?? countMarks(verdicts, total)}</span>
        {isOpen && (
          <span
            class="kv-runs-strip-name kv-muted"
            title={
              "Update ratio over the training, from 0.000001 at the bottom to 1: the " +
              "line is the median of all kernels, the band goes up to the largest of a " +
              "step. The dotted line is at 0.001, which is usual"
            }
          >
            update ratio
          </span>
        )}
      </header>
      {isOpen && (
        <ul>
          {sorted.map((verdict) => (
            <RunLine key={verdict.run} store={store} verdict={verdict} />
          ))}
        </ul>
      )}
    </section>
  );
}

function RunLine({ store, verdict }: { store: Store; verdict: TrainingVerdict }) {
  const { run, headline, findings, text } = verdict;
  const first = findings[0];
  const goesTo =
    first === undefined
      ? "A click shows this run"
      : `A click goes to ${[first.layer, `step ${first.step}`].filter(Boolean).join(", ")}`;
  const reason = findings.map((one) => `${one.text} ${one.rule}`).join("\n\n") || text;
  return (
    <li>
      <button
        type="button"
        class="kv-run-line"
        aria-current={run === store.run.value}
        title={`${reason === "" ? "" : `${reason}\n\n`}${goesTo}`.slice(0, 3000)}
        onClick={() =>
          goToGradient(store, {
            run,
            layer: first?.layer ?? "",
            step: first?.step ?? null,
          })
        }
        onKeyDown={onKeyDown}
      >
        <VerdictIcon mark={markOf(verdict)} />
        <span class="kv-run-name kv-ellipsis">
          <bdi>{run.slice(0, 300)}</bdi>
        </span>
        <span class="kv-run-headline kv-ellipsis">{headline.slice(0, 600)}</span>
        <Strip store={store} verdict={verdict} />
      </button>
    </li>
  );
}

/** Arrow keys go from line to line. */
function onKeyDown(event: KeyboardEvent) {
  const line = (event.currentTarget as HTMLElement).parentElement;
  const next =
    event.key === "ArrowDown"
      ? line?.nextElementSibling
      : event.key === "ArrowUp"
        ? line?.previousElementSibling
        : null;
  const button = next?.querySelector("button");
  if (button) {
    button.focus();
    event.preventDefault();
  }
}

function Strip({ store, verdict }: { store: Store; verdict: TrainingVerdict }) {
  const dark = store.page.dark.value;
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const color = themeColors();
      const strip = {
        steps: verdict.steps,
        median: verdict.ratio_median.map(toNumber),
        largest: verdict.ratio_largest.map(toNumber),
        broken: verdict.first_nonfinite?.step ?? null,
      };
      paintRatioStrip(context, strip, width, height, {
        line: color("accent"),
        guide: color("border-strong"),
      });
    },
    [verdict, dark],
  );
  return (
    <span class="kv-run-strip">
      <PaintedCanvas paint={paint} class="kv-fill" />
    </span>
  );
}
