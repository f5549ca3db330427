/** Single weights: all as a strip, the largest as bars. */

import { useSignal } from "@preact/signals";
import { useCallback, useMemo } from "preact/hooks";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import { SIGN_COLORS } from "../../../draw/bars";
import { type ColorScale, colorCss } from "../../../model/color_scale";
import { formatCount, formatValue } from "../../../model/format";
import {
  type IncomingKernel,
  strongestInputs,
} from "../../../model/kernel/incoming_kernel";

const MOST_BARS = 12;

/** The strip in the order of the inputs; the bars in that of their strength. */
export function KernelBars({
  kernel,
  scale,
  dark,
}: {
  kernel: IncomingKernel;
  scale: ColorScale;
  dark: boolean;
}) {
  const hover = useSignal<Hover | null>(null);
  const { inputs, values } = kernel;
  const count = inputs.length;
  const strongest = useMemo(
    () => strongestInputs(kernel).slice(0, MOST_BARS),
    [kernel],
  );
  const paint = useCallback<Paint>(
    (context, width, height) => {
      values.forEach((value, place) => {
        const from = Math.floor((place / count) * width);
        const to = Math.max(from + 1, Math.floor(((place + 1) / count) * width));
        context.fillStyle = Number.isFinite(value) ? colorCss(scale, value) : "#e6007e";
        context.fillRect(from, 0, to - from, height);
      });
    },
    [kernel, scale.high, dark],
  );
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const place = Math.floor(((event.clientX - box.left) / box.width) * count);
    const value = values[place];
    hover.value =
      value === undefined
        ? null
        : {
            x: event.clientX,
            y: event.clientY,
            lines: [formatValue(value), `input ${inputs[place]}`],
          };
  };
  const colors = SIGN_COLORS[dark ? "dark" : "light"];
  const most = scale.high || 1;
  return (
    <>
      {count > 1 && (
        <div
          class="kv-kernel-strip"
          onPointerMove={onPointerMove}
          onPointerLeave={() => {
            hover.value = null;
          }}
        >
          <PaintedCanvas
            paint={paint}
            class="kv-fill"
            label={`Weights from ${formatCount(count)} inputs, in their order`}
          />
        </div>
      )}
      {count > MOST_BARS && (
        <p class="kv-muted">
          The {MOST_BARS} largest of {formatCount(count)}:
        </p>
      )}
      <ol class="kv-kernel-bars">
        {strongest.map((place) => {
          const value = values[place] ?? Number.NaN;
          const share = Number.isFinite(value) ? (50 * Math.abs(value)) / most : 0;
          return (
            <li key={place}>
              <span class="kv-muted">input {inputs[place]}</span>
              <span class="kv-kernel-bar">
                <span
                  style={{
                    width: `${share}%`,
                    [value < 0 ? "right" : "left"]: "50%",
                    background: value < 0 ? colors.below : colors.above,
                  }}
                />
              </span>
              <span class="kv-kernel-value">{formatValue(value)}</span>
            </li>
          );
        })}
      </ol>
      <HoverTip hover={hover} />
    </>
  );
}
