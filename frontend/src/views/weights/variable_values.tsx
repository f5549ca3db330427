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
import { BaseChoice } from "./base_choice";
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
        ? createDifferenceScale(drawn.most, dark)
        : createColorScale(-drawn.most, drawn.most, dark, true),
    [drawn, isDifference, dark],
  );
  const waits = place !== null && base === null && loadable.state !== "error";
  return (
    <section class="kv-weight-section" aria-label="Values">
      <div class="kv-weight-controls">
        <h3>Values</h3>
        <BaseChoice store={store} state={state} />
        {!waits && (
          <ColorBar
            scale={scale}
            name={isDifference ? "difference" : "value"}
            title="Up to the largest finite value that is shown"
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
            ? differenceText(shown, base, drawn)
            : `The run "${base.run}" has another shape of it, (${base.variable.shape.join(", ")}): the values themselves are shown.`}
        </p>
      )}
      <p class="kv-muted kv-weight-note">
        {keptText(variable.shape, variable.indices)}
        {picture.meaning !== "" && `; ${picture.meaning}`}
        {capture.cut !== "" &&
          `; ${capture.cut}. More is kept with a larger capture_mb`}
        .
      </p>
      {values.length === 0 ? (
        <p class="kv-muted">No value of it was kept.</p>
      ) : (
        <WeightGrid
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
): string {
  const other = base.run === shown.run ? "" : ` of the run "${base.run}"`;
  const lost = missing?.reduce((sum, one) => sum + one, 0) ?? 0;
  const rest =
    lost === 0 ? "" : `; ${formatCount(lost)} values were not kept there and are grey`;
  return `Step ${formatCount(shown.step)} minus step ${formatCount(base.step)}${other}${rest}.`;
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
