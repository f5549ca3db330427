/** What the model said of a sample at each captured step. */

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useCallback, useMemo, useRef } from "preact/hooks";
import { type Paint, PaintedCanvas, useSize } from "../../../components/painted_canvas";
import { linesScale, paintClassLines } from "../../../draw/class_lines";
import { formatCount } from "../../../model/format";
import { predictionLines } from "../../../model/predictions/prediction_lines";
import {
  formatOutput,
  type OutputValues,
} from "../../../model/predictions/predictions";
import type { ActivationsState } from "../../../state/activations";
import { chooseSteps, followOutputSteps, MOST_STEPS } from "../../../state/predictions";
import type { Store } from "../../../state/store";
import { themeColors } from "../../../theme/theme";
import { useFollowed } from "../../use_followed";

/** A line per class; a click goes to a step. */
export function PredictionCurves({
  store,
  state,
  which,
  output,
  classes,
}: {
  store: Store;
  state: ActivationsState;
  /** Which output of the model. */
  which: ReadonlySignal<number>;
  output: OutputValues;
  classes: readonly number[];
}) {
  const parts = useFollowed(
    () => followOutputSteps(store, state, which),
    [store, state, which],
  );
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box);
  const hovered = useSignal<number | null>(null);
  const all = state.captureSteps.value;
  const steps = useMemo(() => chooseSteps(all, MOST_STEPS), [all]);
  const sample = state.sample.value;
  const wanted = classes.join();
  const lines = useMemo(() => {
    const at = (step: number) => {
      const part = parts.get(step);
      return part?.state === "ready" ? part.value : null;
    };
    return predictionLines(steps, at, sample, classes);
  }, [parts, steps, sample, wanted]);
  const { probability } = output;
  const current = state.captureStep.value;
  const dark = store.page.dark.value;
  const scaleOf = (wide: number, tall: number) =>
    linesScale(lines, steps, probability, classes.length > 0, wide, tall);
  const at = hovered.value;
  const step = at === null ? null : (steps[at] ?? null);
  const paint = useCallback<Paint>(
    (context, wide, tall) =>
      paintClassLines(
        context,
        lines,
        steps,
        scaleOf(wide, tall),
        { shown: current, hovered: step },
        (value) => formatOutput(value, probability),
        themeColors(),
        dark,
      ),
    [lines, current, step, dark, probability],
  );
  const goTo = (place: number) => {
    const to = steps[Math.min(steps.length - 1, Math.max(0, place))];
    if (to !== undefined) {
      store.setStep(to);
    }
  };
  const indexAt = (event: MouseEvent) => {
    const left = (event.currentTarget as HTMLElement).getBoundingClientRect().left;
    return scaleOf(width, height).indexAt(event.clientX - left);
  };
  const shownAt = steps.findLastIndex((one) => one <= (current ?? 0));
  const read = [...parts.values()].filter((part) => part.state === "ready").length;
  const failed = parts.size - read;
  return (
    <div class="kv-prediction-curves">
      <div
        ref={box}
        class="kv-prediction-plot"
        role="slider"
        aria-label="Predictions over steps"
        aria-valuemin={steps[0] ?? 0}
        aria-valuemax={steps.at(-1) ?? 0}
        aria-valuenow={current ?? 0}
        title="Click to go to a step"
        tabIndex={0}
        onPointerMove={(event) => {
          hovered.value = indexAt(event);
        }}
        onPointerLeave={() => {
          hovered.value = null;
        }}
        onClick={(event) => {
          const place = indexAt(event);
          if (place !== null) {
            goTo(place);
          }
        }}
        onKeyDown={(event) => {
          const to = { ArrowLeft: shownAt - 1, ArrowRight: shownAt + 1 }[event.key];
          if (to !== undefined) {
            goTo(to);
            event.preventDefault();
          }
        }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" />
      </div>
      <p class="kv-muted kv-prediction-note">
        {step !== null && at !== null
          ? `step ${formatCount(step)}: ${lines
              .map(({ name, values }) => {
                const value = values[at];
                const text = value == null ? "–" : formatOutput(value, probability);
                return name === "" ? text : `${name} ${text}`;
              })
              .join(", ")}`
          : noteOf(steps.length, all.length, read, failed)}
      </p>
    </div>
  );
}

function noteOf(steps: number, all: number, read: number, failed: number): string {
  if (read + failed < steps) {
    return `${read} of ${steps} steps read`;
  }
  return [
    all > steps ? `${steps} of ${all} captures` : countText(all),
    ...(failed > 0 ? [`${failed} could not be read`] : []),
  ].join("; ");
}

function countText(captures: number): string {
  return captures === 1 ? "1 capture" : `${captures} captures`;
}
