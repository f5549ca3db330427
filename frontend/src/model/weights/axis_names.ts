/** Words for the axes of a variable, and for a place along them. */

import type { VariableAxis } from "../../wire/generated";

/** What an axis is called; its number where nothing is known. */
export function axisName(axes: readonly VariableAxis[], axis: number): string {
  return axes[axis]?.name || `axis ${axis}`;
}

/** The parts that an axis is divided into evenly; none where it is not. */
export function axisParts(
  axes: readonly VariableAxis[],
  axis: number,
  size: number,
): readonly string[] {
  const parts = axes[axis]?.parts ?? [];
  return parts.length > 0 && size % parts.length === 0 ? parts : [];
}

/** Such as "row 1, column 0, input channel 3"; empty for a variable without axes. */
export function describePlace(
  axes: readonly VariableAxis[],
  shape: readonly number[],
  index: readonly number[],
): string {
  return index
    .map((at, axis) => {
      const size = shape[axis] ?? 1;
      const parts = axisParts(axes, axis, size);
      const name = axisName(axes, axis);
      if (parts.length === 0) {
        return axes[axis]?.name ? `${name} ${at}` : `${name}: ${at}`;
      }
      const each = size / parts.length;
      const part = parts[Math.floor(at / each)] ?? "";
      return each === 1 ? part : `${name} ${at % each} of the ${part}`;
    })
    .join(", ");
}
