/** The colours of a scale, with its ends as numbers. */

import { type ColorScale, scaleGradient } from "../model/color_scale";
import { formatValue } from "../model/format";

/** Colours from low to high; `ends` replaces the numbers by words. */
export function ColorBar({
  scale,
  ends,
}: {
  scale: ColorScale;
  ends?: readonly [string, string];
}) {
  const low = ends?.[0] ?? formatValue(scale.low);
  const high = ends?.[1] ?? formatValue(scale.high);
  if (ends === undefined && scale.low === scale.high) {
    return <div class="kv-color-bar">all {low}</div>;
  }
  const diverging = scale.kind === "diverging";
  return (
    <div
      class="kv-color-bar"
      role="img"
      aria-label={`Colours from ${low} to ${high}${diverging ? ", zero in the middle" : ""}`}
      title={
        diverging
          ? "Colours of the values, the same strength on both sides of zero"
          : "Colours of the values, from the lowest to the highest"
      }
    >
      <span class="kv-color-end">{low}</span>
      <span class="kv-color-ramp" style={{ background: scaleGradient(scale) }}>
        {diverging && <span class="kv-color-zero">0</span>}
      </span>
      <span class="kv-color-end">{high}</span>
    </div>
  );
}
