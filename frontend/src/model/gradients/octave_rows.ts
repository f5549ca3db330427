/** Octaves of a gradient's values as the rows of a map. */

import { formatValue } from "../format";
import type { BinnedHistograms, HistogramAxis } from "../histogram_series";
import type { GradientTrend } from "./gradient_trend";

/** Rows on each side of zero, of the octaves that are told apart. */
const MOST_SIDE = 28;

/** Numbers on each side of zero. */
const MOST_TICKS = 3;

/** Octaves below this share of every step's values are one row. */
const TAIL = 0.005;

/** The rows of a map, the lowest one first. */
export interface OctaveRows {
  readonly histograms: BinnedHistograms;
  readonly axis: HistogramAxis;
}

/** Rows of one sign: sizes that they begin and end with, from zero outwards. */
interface Side {
  readonly ends: readonly number[];
  /** Row of each octave. */
  readonly rowOf: readonly number[];
}

/**
 * Makes rows of the octaves that matter.
 *
 * The few smallest values of a gradient may lie dozens of decades below the others:
 * those octaves are one row on each side. What is left of many octaves shares rows.
 */
export function octaveRows(trend: GradientTrend): OctaveRows {
  const { bins, counts, edges } = trend;
  const zero = edges.findLastIndex((edge) => edge < 0);
  const sizes = edges.subarray(zero + 1);
  const positive = bins - zero - 1;
  const octaves = Math.max(zero, positive);
  // Sizes of the longer side: those of the other are the first of them.
  const all =
    positive >= zero
      ? sizes
      : edges
          .slice(0, zero + 1)
          .map(Math.abs)
          .reverse();
  const low = smallestOctave(trend, zero, octaves);
  const grouped = Math.max(1, Math.ceil((octaves - low) / MOST_SIDE));
  const [below, above] = [zero, positive].map((count) =>
    layOut(all, count, low, grouped),
  ) as [Side, Side];
  const middle = below.ends.length - 1;
  const rows = middle + above.ends.length;
  const total = trend.steps.length;
  const summed = new Float64Array(total * rows);
  for (let t = 0; t < total; t += 1) {
    for (let bin = 0; bin < bins; bin += 1) {
      const row =
        bin < zero
          ? middle - 1 - (below.rowOf[zero - 1 - bin] ?? 0)
          : bin > zero
            ? middle + 1 + (above.rowOf[bin - zero - 1] ?? 0)
            : middle;
      const at = t * rows + row;
      summed[at] = (summed[at] ?? 0) + (counts[t * bins + bin] ?? 0);
    }
  }
  const none = new Float64Array(total);
  return {
    histograms: { bins: rows, counts: summed, below: none, above: none },
    axis: {
      ticks: placeTicks(below, above, middle, rows),
      lines: rows === 1 ? [] : [middle / rows, (middle + 1) / rows],
      describe: (row) => describeRow(row, middle, below, above),
    },
  };
}

/** The first octave below which no step has more than a small share of its values. */
function smallestOctave(
  { steps, bins, counts }: GradientTrend,
  zero: number,
  octaves: number,
): number {
  let low = octaves;
  for (let t = 0; t < steps.length; t += 1) {
    const sums = Array.from({ length: octaves }, (_, octave) => {
      const up = zero + 1 + octave;
      const down = zero - 1 - octave;
      return (
        (up < bins ? (counts[t * bins + up] ?? 0) : 0) +
        (down >= 0 ? (counts[t * bins + down] ?? 0) : 0)
      );
    });
    const most = TAIL * sums.reduce((a, b) => a + b, 0);
    let left = 0;
    const first = sums.findIndex((count) => {
      left += count;
      return left > most;
    });
    low = Math.min(low, first < 0 ? octaves : first);
  }
  return low === octaves ? 0 : low;
}

function layOut(
  sizes: Float64Array,
  octaves: number,
  low: number,
  grouped: number,
): Side {
  const ends: number[] = [0];
  const rowOf: number[] = [];
  const small = low > 0 && octaves > 0 ? 1 : 0;
  for (let octave = 0; octave < octaves; octave += 1) {
    rowOf.push(octave < low ? 0 : small + Math.floor((octave - low) / grouped));
  }
  if (octaves > 0) {
    ends[0] = sizes[0] ?? 0;
  }
  for (let octave = 0; octave < octaves; octave += 1) {
    ends[(rowOf[octave] ?? 0) + 1] = sizes[octave + 1] ?? 0;
  }
  return { ends, rowOf };
}

function describeRow(row: number, middle: number, below: Side, above: Side): string {
  if (row === middle) {
    return "exactly zero";
  }
  const [side, at, sign] =
    row > middle ? [above, row - middle - 1, 1] : [below, middle - 1 - row, -1];
  const ends = [side.ends[at] ?? 0, side.ends[at + 1] ?? 0].map((end) => end * sign);
  const [from = 0, to = 0] = sign > 0 ? ends : ends.reverse();
  return `from ${formatValue(from)} to ${formatValue(to)}`;
}

function placeTicks(below: Side, above: Side, middle: number, rows: number) {
  const ticks = [{ place: (middle + 0.5) / rows, text: "0" }];
  for (const [side, sign] of [
    [above, 1],
    [below, -1],
  ] as const) {
    for (const decade of chooseDecades(side)) {
      const rise = placeOfSize(side, 10 ** decade);
      ticks.push({
        place: (middle + 0.5 + sign * (0.5 + rise)) / rows,
        text: `${sign < 0 ? "-" : ""}1${decade === 0 ? "" : `e${decade}`}`,
      });
    }
  }
  return ticks;
}

/** Exponents of the powers of ten that are written on a side. */
function chooseDecades({ ends }: Side): number[] {
  const largest = ends.at(-1) ?? 0;
  const smallest = ends[0] ?? 0;
  if (!(largest > smallest)) {
    return [];
  }
  const last = Math.floor(Math.log10(largest) + 1e-9);
  // What is small is one row: nothing is written inside of it.
  const from = ends.length > 2 && (ends[1] ?? 0) > 4 * smallest ? ends[1] : smallest;
  const first = Math.ceil(Math.log10(from ?? smallest) - 1e-9);
  const apart = Math.max(1, Math.ceil((last - first + 1) / MOST_TICKS));
  const decades: number[] = [];
  for (let decade = last; decade >= first; decade -= apart) {
    decades.push(decade);
  }
  return decades;
}

/** How many rows a size lies above zero's. */
function placeOfSize({ ends }: Side, size: number): number {
  const row = Math.max(
    0,
    ends.findLastIndex((end) => end <= size),
  );
  const from = ends[row] ?? size;
  const to = ends[row + 1] ?? 2 * from;
  return row + Math.log(size / from) / Math.log(to / from);
}
