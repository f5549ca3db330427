/** Explains the marks that are on the screen, and only those. */

import { useMemo } from "preact/hooks";
import { MapDifference } from "../../model/channels/map_difference";
import {
  NONFINITE_COLORS,
  NONFINITE_NAMES,
  NONFINITE_SIGNS,
} from "../../model/color_scale";
import { formatCount } from "../../model/format";
import type { ActivationData } from "../../model/tensor_view";
import type { ShownLayer } from "./shown_layer";

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
export function findMarks(maps: ActivationData | MapDifference): Marks {
  let broken = 0;
  let constant = 0;
  let zero = 0;
  for (let channel = 0; channel < maps.entry.channels; channel += 1) {
    broken += maps.isBroken(channel) ? 1 : 0;
    if (maps.isConstant(channel)) {
      constant += 1;
      zero += isZero(maps, channel) ? 1 : 0;
    }
  }
  const codes = new Set<number>();
  for (const data of maps instanceof MapDifference ? [maps.a, maps.b] : [maps]) {
    for (const code of data.nonfinite ?? []) {
      if ((code & 3) !== 0) {
        codes.add(code & 3);
      }
    }
  }
  return { nonfinite: [...codes].sort(), broken, constant, zero };
}

/** Whether the one value of a constant channel is zero. */
function isZero(maps: ActivationData | MapDifference, channel: number): boolean {
  if (!(maps instanceof MapDifference)) {
    return maps.stat(channel, "min") === 0;
  }
  const position = maps.positionOf(channel);
  return position !== null && maps.rangeOf(position)?.low === 0;
}

const CONSTANT_HELP =
  "Every value of such a channel is the same for this sample. All zero after a ReLU: " +
  "the channel is silent here, and dead if it is so for every sample";
const ZERO_UNIT_HELP =
  "Units that return exactly zero for this sample. After a ReLU they are silent here, " +
  "and dead if it is so for every sample";
const SAME_HELP =
  "Channels whose difference is the same in every cell; none at all where A and B are equal";

/** The marks, and how many channels have them. */
export function Legend({ shown }: { shown: ShownLayer }) {
  const { sides, difference, data } = shown;
  const all = useMemo(
    () =>
      difference === null
        ? sides.map((side) => ({ name: side.name, marks: findMarks(side.data) }))
        : [{ name: "", marks: findMarks(difference) }],
    // The names of the sides say nothing of their marks.
    [difference, data, sides[0]?.data],
  );
  const isVector = data.entry.kind === "vector";
  const total = formatCount(data.entry.channels);
  const codes = [...new Set(all.flatMap(({ marks }) => marks.nonfinite))].sort();
  const sum = (of: keyof Omit<Marks, "nonfinite">) =>
    all.reduce((count, { marks }) => count + marks[of], 0);
  /** Like "3 of 16", or "A 3, B 5 of 16". */
  const count = (of: keyof Omit<Marks, "nonfinite">) =>
    `${all
      .map(({ name, marks }) => `${name} ${formatCount(marks[of])}`.trim())
      .join(", ")} of ${total}`;
  // One value is always the same as itself: of a unit, only zero tells something.
  const constant = isVector ? 0 : sum("constant");
  const zeroUnits = isVector && difference === null ? sum("zero") : 0;
  if (constant === 0 && zeroUnits === 0 && sum("broken") === 0) {
    return null;
  }
  return (
    <ul class="kv-legend" aria-label="Marks">
      {zeroUnits > 0 && (
        <li title={ZERO_UNIT_HELP}>{count("zero")} units are exactly zero</li>
      )}
      {constant > 0 && (
        <li title={difference === null ? CONSTANT_HELP : SAME_HELP}>
          <span class="kv-swatch kv-swatch-hatched" />
          {difference === null
            ? `${count("constant")} constant for ${all.length > 1 ? "its" : "this"} sample`
            : `${count("constant")} differ by one value everywhere`}
          {sum("zero") > 0 && `, ${describeZero(all, difference !== null)}`}
        </li>
      )}
      {codes.map((code) => (
        <li key={code} title={`Cells whose value is ${NONFINITE_NAMES[code]}`}>
          <span class="kv-swatch" style={{ background: NONFINITE_COLORS[code] }} />
          {NONFINITE_SIGNS[code]} {NONFINITE_NAMES[code]}
          {difference !== null && " in A or B"}
        </li>
      ))}
      {sum("broken") > 0 && (
        <li class="kv-alarm" title="Channels with at least one NaN or infinite value">
          ! {count("broken")} with non-finite values
        </li>
      )}
    </ul>
  );
}

/** How many of the constant channels are zero. */
function describeZero(
  all: readonly { readonly name: string; readonly marks: Marks }[],
  isDifference: boolean,
): string {
  const counts = all.map(({ name, marks }) =>
    `${name} ${formatCount(marks.zero)}`.trim(),
  );
  if (isDifference) {
    return `${counts.join(", ")} not at all`;
  }
  return all.every(({ marks }) => marks.zero === marks.constant)
    ? "all of them zero"
    : `${counts.join(", ")} of them zero`;
}
