/** The values of one unit over time, large. */

import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { type LineScale, lineScale, paintLine } from "../../../draw/line_plot";
import { formatValue } from "../../../model/format";
import type { ActivationData } from "../../../model/tensor_view";
import { describeTime, timeSpan } from "../../../model/tokens/time_axis";
import { findTokenAxes, showToken } from "../../../model/tokens/token_axis";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import { themeColors } from "../../../theme/theme";

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
  const hover = useSignal<Hover | null>(null);
  const values = Array.from({ length: data.cells }, (_, cell) =>
    data.valueAt(position, cell),
  );
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const scale = lineScale(values, width, height);
      paintLine(context, values, scale, themeColors(), "time step");
    },
    [data, position, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const scale: LineScale = lineScale(values, box.width, box.height);
    const step = scale.indexAt(event.clientX - box.left);
    const value = step === null ? undefined : values[step];
    hover.value =
      value === undefined
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [formatValue(value), ...describeStep(state, data, step ?? 0)],
          };
  };
  return (
    <div class="kv-detail-map">
      <div
        class="kv-fill"
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <PaintedCanvas paint={paint} class="kv-fill" label="Values of the unit" />
      </div>
      <HoverTip hover={hover} />
    </div>
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
