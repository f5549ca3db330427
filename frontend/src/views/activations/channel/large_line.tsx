/** The values of one unit over time, large. */

import { useCallback } from "preact/hooks";
import type { Paint } from "../../../components/painted_canvas";
import { lineScale, paintLine } from "../../../draw/line_plot";
import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import { describeTime, timeSpan } from "../../../model/tokens/time_axis";
import { findTokenAxes, showToken } from "../../../model/tokens/token_axis";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import { themeColors } from "../../../theme/theme";
import { HoveredLine } from "./hovered_line";

/** Draws the curve; the value under the pointer is said. */
export function LargeLine({
  state,
  data,
  position,
  dark,
}: {
  state: ActivationsState;
  data: ActivationData;
  position: number;
  dark: boolean;
}) {
  const values = Array.from({ length: data.cells }, (_, cell) =>
    data.valueAt(position, cell),
  );
  const scaleFor = (width: number, height: number) => lineScale(values, width, height);
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const scale = scaleFor(width, height);
      paintLine(context, values, scale, themeColors(), "time step");
    },
    [data, position, dark],
  );
  return (
    <HoveredLine
      paint={paint}
      scaleFor={scaleFor}
      linesAt={(step) => [
        formatValue(values[step] ?? Number.NaN),
        ...describeStep(state, data, step),
      ]}
    />
  );
}

/** Which time step it is, and the token there, if the probe has one for each. */
function describeStep(
  state: ActivationsState,
  { entry }: ActivationData,
  kept: number,
): string[] {
  const span = timeSpan(entry, kept);
  const probe = shownValue(state.probe.value);
  const [axis] = findTokenAxes(probe, state.sample.value, entry.full_map[1]);
  const texts = axis?.texts.slice(span.from, span.to + 1).map(showToken) ?? [];
  return [
    describeTime(span),
    ...(texts.length > 0 ? [`\u201c${texts.join(" ").slice(0, 60)}\u201d`] : []),
  ];
}
