/** The values of a variable, or their difference to another capture, as colours. */

import { useMemo } from "preact/hooks";
import { ColorBar } from "../../components/color_bar";
import { ErrorNote } from "../../components/states";
import { createColorScale, createDifferenceScale } from "../../model/color_scale";
import { formatCount } from "../../model/format";
import {
  type DrawnWeights,
  drawDifference,
  drawValues,
  layOut,
} from "../../model/weights/weight_picture";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { ShownWeights, WeightsState } from "../../state/weights";
import type { WeightBase } from "../../state/weights_place";
import { BaseChoice } from "./base_choice";
import { SaveVariable } from "./save_variable";
import { WeightGrid } from "./weight_grid";

/** The picture, what it is compared with, its legend, and what was cut. */
export function VariableValues({
  store,
  state,
  shown,
}: {
  store: Store;
  state: WeightsState;
  shown: ShownWeights;
}) {
  const { variable, values } = shown;
  const { capture } = variable;
  const place = store.weights.value.base;
  const loadable = state.base.value;
  const base = place === null ? null : (shownValue(loadable) ?? null);
  const fits =
    base === null ||
    (base.variable.shape.length === variable.shape.length &&
      base.variable.shape.every((size, axis) => size === variable.shape[axis]));
  const dark = store.page.dark.value;
  const picture = useMemo(
    () =>
      layOut(
        variable.indices.map((along) => along.length),
        capture.spatial_axes,
        capture.axes,
      ),
    [variable],
  );
  const drawn = useMemo(
    () =>
      base === null || !fits
        ? drawValues(values)
        : drawDifference(values, variable.indices, base.variable),
    [shown, base, fits],
  );
  const isDifference = base !== null && fits;
  const scale = useMemo(
    () =>
      isDifference
        ? createDifferenceScale(Math.max(-drawn.low, drawn.high), dark)
        : createColorScale(drawn.low, drawn.high, dark),
    [drawn, isDifference, dark],
  );
  const waits = place !== null && base === null && loadable.state !== "error";
  return (
    <section class="kv-weight-section" aria-label="Values">
      <div class="kv-weight-controls">
        <h3>Values</h3>
        <BaseChoice store={store} state={state} />
        {!waits && drawn.finite > 0 && (
          <ColorBar
            scale={scale}
            name={isDifference ? "difference" : "value"}
            title="Of the finite values that are shown"
          />
        )}
        {values.length > 0 && (
          <SaveVariable
            shown={shown}
            shownPicture={{ picture, drawn, scale }}
            trend={shownValue(state.trend.value)}
          />
        )}
        {drawn.nonfinite > 0 && (
          <span
            class="kv-weight-alarm"
            title="NaN ×, +Inf ▲ and -Inf ▼ have colours of their own"
          >
            × {formatCount(drawn.nonfinite)} not finite
          </span>
        )}
      </div>
      {place !== null && loadable.state === "error" && (
        <ErrorNote message={loadable.message} />
      )}
      {base !== null && (
        <p class="kv-muted kv-weight-note">
          {fits
            ? differenceText(shown, base, drawn, place)
            : `The run "${base.run}" has another shape of it, (${base.variable.shape.join(", ")}): the values themselves are shown.`}
        </p>
      )}
      <p class="kv-muted kv-weight-note">
        {[
          keptText(variable.shape, variable.indices),
          ...picture.notes,
          ...(isRounded(capture.dtype)
            ? [`kept as float32, not ${capture.dtype}`]
            : []),
        ].join("; ")}
        .
      </p>
      {capture.cut !== "" && (
        <p class="kv-cut kv-weight-note">
          The capture's budget of bytes was shared by all variables: of this one it kept{" "}
          {capture.cut}, evenly spaced. More is kept with a larger capture_mb.
          Histograms and statistics are of all values.
        </p>
      )}
      {values.length === 0 ? (
        <p class="kv-muted">
          {variable.shape.includes(0)
            ? "It has no values: one of its axes is empty."
            : "No value of it was kept."}
        </p>
      ) : (
        <WeightGrid
          key={capture.path}
          picture={picture}
          drawn={drawn}
          shown={shown}
          base={isDifference ? base : null}
          scale={scale}
          dark={dark}
        />
      )}
    </section>
  );
}

function differenceText(
  shown: ShownWeights,
  base: ShownWeights,
  { missing }: DrawnWeights,
  wanted: WeightBase | null,
): string {
  const other = base.run === shown.run ? "" : ` of the run "${base.run}"`;
  const lost = missing?.reduce((sum, one) => sum + one, 0) ?? 0;
  const rest =
    lost === 0 ? "" : `; ${formatCount(lost)} values were not kept there and are grey`;
  const instead =
    wanted?.kind === "step" && wanted.step !== base.step
      ? ` (there is no capture of step ${formatCount(wanted.step)})`
      : "";
  return `Step ${formatCount(shown.step)} minus step ${formatCount(base.step)}${other}${instead}${rest}.`;
}

/** Whether the values of a type may be others in float32. */
function isRounded(dtype: string): boolean {
  return /^(float64|u?int(32|64))$/.test(dtype);
}

/** Such as "64 x 64 of 512 x 512 values". */
function keptText(
  shape: readonly number[],
  indices: readonly (readonly number[])[],
): string {
  if (shape.length === 0) {
    return "One value";
  }
  const sizes = (some: readonly number[]) => some.map(formatCount).join(" x ");
  const kept = indices.map((along) => along.length);
  return kept.every((size, axis) => size === shape[axis])
    ? `All of ${sizes(shape)} values`
    : `${sizes(kept)} of ${sizes(shape)} values`;
}
