/** Explains the marks that are on the screen, and only those. */

import {
  NONFINITE_COLORS,
  NONFINITE_NAMES,
  NONFINITE_SIGNS,
} from "../../model/color_scale";
import { formatCount } from "../../model/format";
import type { ActivationData } from "../../model/tensor_view";

/** Which marks the maps have. */
export interface Marks {
  /** Which codes of `nonfinite` occur. */
  readonly nonfinite: readonly number[];
  /** Channels with a value that is not finite. */
  readonly broken: number;
  /** Channels whose values are all the same. */
  readonly constant: number;
  /** Those of them whose values are all zero. */
  readonly zero: number;
}

/** Finds out which marks there are. */
export function findMarks(data: ActivationData): Marks {
  const codes = new Set<number>();
  for (const code of data.nonfinite ?? []) {
    if ((code & 3) !== 0) {
      codes.add(code & 3);
    }
  }
  let broken = 0;
  let constant = 0;
  let zero = 0;
  for (let channel = 0; channel < data.entry.channels; channel += 1) {
    broken += data.stat(channel, "nonfinite") > 0 ? 1 : 0;
    if (data.isConstant(channel)) {
      constant += 1;
      zero += data.stat(channel, "min") === 0 ? 1 : 0;
    }
  }
  return { nonfinite: [...codes].sort(), broken, constant, zero };
}

/** The marks, and how many channels have them. */
export function Legend({ data, marks }: { data: ActivationData; marks: Marks }) {
  const total = formatCount(data.entry.channels);
  // One value is always the same as itself: of a unit, only zero tells something.
  const isVector = data.entry.kind === "vector";
  const constant = isVector ? 0 : marks.constant;
  const zeroUnits = isVector ? marks.zero : 0;
  if (constant === 0 && zeroUnits === 0 && marks.broken === 0) {
    return null;
  }
  return (
    <ul class="kv-legend" aria-label="Marks">
      {zeroUnits > 0 && (
        <li
          title={
            "Units that return exactly zero for this sample. After a ReLU they are " +
            "silent here, and dead if it is so for every sample"
          }
        >
          {formatCount(zeroUnits)} of {total} units are exactly zero
        </li>
      )}
      {constant > 0 && (
        <li
          title={
            "Every value of such a channel is the same for this sample. All zero " +
            "after a ReLU: the channel is silent here, and dead if it is so for " +
            "every sample"
          }
        >
          <span class="kv-swatch kv-swatch-hatched" />
          {formatCount(constant)} of {total} constant
          {marks.zero > 0 && `, ${formatCount(marks.zero)} all zero`}
        </li>
      )}
      {marks.nonfinite.map((code) => (
        <li key={code} title={`Cells whose value is ${NONFINITE_NAMES[code]}`}>
          <span class="kv-swatch" style={{ background: NONFINITE_COLORS[code] }} />
          {NONFINITE_SIGNS[code]} {NONFINITE_NAMES[code]}
        </li>
      ))}
      {marks.broken > 0 && (
        <li class="kv-alarm" title="Channels with at least one NaN or infinite value">
          ! {formatCount(marks.broken)} of {total} with non-finite values
        </li>
      )}
    </ul>
  );
}
