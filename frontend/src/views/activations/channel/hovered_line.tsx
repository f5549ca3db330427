/** A large plot over time that says the value under the pointer. */

import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { type Hover, HoverTip } from "../../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../../components/painted_canvas";
import type { LineScale } from "../../../draw/line_plot";

/** The plot, and what stands above it. */
export function HoveredLine({
  paint,
  scaleFor,
  linesAt,
  children,
  class: className = "",
}: {
  paint: Paint;
  /** The scale that it is painted by on so many pixels. */
  scaleFor: (width: number, height: number) => LineScale;
  /** What is said of a time step; nothing if there is none. */
  linesAt: (step: number) => readonly string[];
  children?: ComponentChildren;
  class?: string;
}) {
  const hover = useSignal<Hover | null>(null);
  const onPointerMove = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const step = scaleFor(box.width, box.height).indexAt(event.clientX - box.left);
    const lines = step === null ? [] : linesAt(step);
    hover.value =
      lines.length === 0 ? null : { x: event.clientX, y: event.clientY, lines };
  };
  return (
    <div class={`kv-detail-map ${className}`}>
      {children}
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
