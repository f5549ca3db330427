/** The slider over the loss curve. */

import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../components/painted_canvas";
import { type PlottedLoss, paintLossCurve, stepIndexAt } from "../../draw/loss_curve";
import { formatCount, formatValue } from "../../model/format";
import { pointAtStep, type Trend } from "../../model/overlay/trend";
import type { LossCurve } from "../../state/loss_curve";
import { themeColors } from "../../theme/theme";

/** A place for each logged step, all equally far apart. */
export function ScrubberTrack({
  steps,
  index,
  curve,
  dark,
  onGo,
}: {
  steps: readonly number[];
  index: number;
  curve: LossCurve | null;
  dark: boolean;
  onGo: (index: number) => void;
}) {
  const hover = useSignal<Hover | null>(null);
  const current = steps[index] ?? 0;
  const paint = useCallback<Paint>(
    (context, width, height) => {
      const curves = plotted(curve);
      paintLossCurve(context, steps, curves, width, height, themeColors());
    },
    [steps, curve, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const at = stepIndexAt(event.clientX - box.left, steps.length, box.width);
    const step = steps[at] ?? 0;
    const lines = [
      ...lossLines(curve, step),
      `step ${formatCount(step)}, ${at + 1} of ${steps.length} logged ones`,
    ];
    hover.value = { x: event.clientX, y: event.clientY, lines };
  };
  const loss = pointAtStep(curve?.train ?? NO_TREND, current);
  const value = loss === null ? null : (curve?.train.values[loss] ?? null);
  return (
    <div
      class="kv-scrubber-track"
      onPointerMove={onPointerMove}
      onPointerLeave={() => {
        hover.value = null;
      }}
    >
      <PaintedCanvas paint={paint} class="kv-scrubber-curve" />
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={index}
        disabled={steps.length < 2}
        aria-label="Step"
        aria-valuetext={`step ${current}${
          value === null ? "" : `, loss ${formatValue(value)}`
        }`}
        onInput={(event) => onGo(Number(event.currentTarget.value))}
      />
      <HoverTip hover={hover} />
    </div>
  );
}

const NO_TREND: Trend = { steps: [], values: [], cut: "" };

function plotted(curve: LossCurve | null): PlottedLoss[] {
  return curve === null
    ? []
    : [
        ...(curve.validation === null
          ? []
          : [{ trend: curve.validation, dashed: true }]),
        { trend: curve.train, dashed: false },
      ];
}

/** What was the loss at a step, of training and of validation. */
function lossLines(curve: LossCurve | null, step: number): string[] {
  const line = (name: string, trend: Trend | null) => {
    const at = trend === null ? null : pointAtStep(trend, step);
    const value = at === null ? null : (trend?.values[at] ?? null);
    return value === null ? [] : [`${name} ${formatValue(value)}`];
  };
  return [
    ...line("loss", curve?.train ?? null),
    ...line("validation loss", curve?.validation ?? null),
  ];
}
