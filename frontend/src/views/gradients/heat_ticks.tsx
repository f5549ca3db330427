import type { StepAxis } from "../../draw/dynamics_heat";
import { formatCount } from "../../model/format";

/** First, middle and last step below the map. */
export function HeatTicks({ axis, names }: { axis: StepAxis; names: number }) {
  const middle = Math.round((axis.first + axis.last) / 2);
  const shown =
    axis.last - axis.first > 3 ? [axis.first, middle, axis.last] : [axis.last];
  return (
    <div class="kv-heat-ticks kv-muted" style={{ paddingLeft: `${names}px` }}>
      {shown.map((step) => (
        <span key={step}>{formatCount(step)}</span>
      ))}
      <span class="kv-heat-axis" style={{ width: `${names}px` }}>
        optimizer step
      </span>
    </div>
  );
}
