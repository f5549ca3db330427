/** Finds equal blocks in series. */

import { type Dag, sourcesOf } from "../graph/dag";

/** `count` blocks of `period` items each, from item `start` on. */
export interface Repeat {
  readonly start: number;
  readonly period: number;
  readonly count: number;
}

/** Items in the order of the data flow. */
export interface Items {
  /** Equal numbers for equal items. */
  readonly signatures: Float64Array;
  /** Data flow between items; item i comes after all that lead to it. */
  readonly dag: Dag;
  /** 1 where an item is a good first one of a block: it has parameters. */
  readonly heads: Uint8Array;
  /** 1 where an item is a single call. */
  readonly single: Uint8Array;
}

const MAX_PERIOD = 24;
/** Fewer blocks than this are not worth a fold; of single calls, one more. */
const LEAST = 3;

/** Finds the repeats, from the front; they do not overlap. */
export function findRepeats(items: Items): Repeat[] {
  const { signatures } = items;
  const size = signatures.length;
  const runs = equalRuns(signatures);
  const found: Repeat[] = [];
  let at = 0;
  while (at < size) {
    const repeat = longestAt(items, runs, at);
    if (repeat === null) {
      at += 1;
      continue;
    }
    found.push(repeat);
    at = repeat.start + repeat.period * repeat.count;
  }
  return found;
}

/** For each period, how many items from each one on equal the one a period later. */
function equalRuns(signatures: Float64Array): Int32Array[] {
  const size = signatures.length;
  const most = Math.min(MAX_PERIOD, Math.floor(size / LEAST));
  return Array.from({ length: most }, (_, i) => {
    const period = i + 1;
    const run = new Int32Array(size + 1);
    for (let at = size - period - 1; at >= 0; at -= 1) {
      const equal = signatures[at] === signatures[at + period];
      run[at] = equal ? (run[at + 1] as number) + 1 : 0;
    }
    return run;
  });
}

function longestAt(
  items: Items,
  runs: readonly Int32Array[],
  at: number,
): Repeat | null {
  let best: Repeat | null = null;
  runs.forEach((run, i) => {
    const period = i + 1;
    const count = countAt(run, period, at);
    if (count >= LEAST) {
      const start = shifted(items, run, { start: at, period, count });
      const wired = inSeries(items, { start, period, count });
      const covered = best === null ? 0 : best.count * best.period;
      if (wired >= leastCount(items, start, period) && wired * period > covered) {
        best = { start, period, count: wired };
      }
    }
  });
  return best;
}

function countAt(run: Int32Array, period: number, at: number): number {
  return Math.floor((run[at] as number) / period) + 1;
}

/** Of several equal ways to cut a series into blocks, one with a good head. */
function shifted(items: Items, run: Int32Array, repeat: Repeat): number {
  const { start, period, count } = repeat;
  for (let shift = 0; shift < period; shift += 1) {
    const at = start + shift;
    if (countAt(run, period, at) < count) {
      break;
    }
    if (items.heads[at] === 1) {
      return at;
    }
  }
  return start;
}

function leastCount(items: Items, start: number, period: number): number {
  return period === 1 && items.single[start] === 1 ? LEAST + 1 : LEAST;
}

/** How many of the blocks are wired alike, each reading the one before it. */
function inSeries(items: Items, repeat: Repeat): number {
  const { start, period, count } = repeat;
  const first = wiring(items, start, start, period);
  let second: readonly number[] | null = null;
  for (let block = 1; block < count; block += 1) {
    const from = start + block * period;
    const inside = wiring(items, from, from, period);
    const series = wiring(items, from, from - period, period);
    if (series.length === inside.length || !same(inside, first)) {
      return block;
    }
    second ??= series;
    if (!same(series, second) || !sameFar(items, repeat, from)) {
      return block;
    }
  }
  return count;
}

/** Edges of a block whose sources are from an item on, as numbers within it. */
function wiring(items: Items, from: number, since: number, period: number): number[] {
  const edges: number[] = [];
  for (let i = 0; i < period; i += 1) {
    const sources = Array.from(sourcesOf(items.dag, from + i))
      .filter((source) => source >= since)
      .sort((a, b) => a - b);
    for (const source of sources) {
      edges.push(i * 4 * MAX_PERIOD + (source - from + 2 * MAX_PERIOD));
    }
  }
  return edges;
}

/**
 * Whether a block reads blocks before the last one as the block before it does,
 * as far as those are in the repeat.
 */
function sameFar(items: Items, { start, period }: Repeat, from: number): boolean {
  const before = farSources(items, start, from - period, period);
  const here = farSources(items, start, from, period);
  const known = new Set(before);
  const shared = here.filter((edge) => known.has(edge)).length;
  const newOnes = here.filter((edge) => {
    const distance = Math.floor(edge / MAX_PERIOD);
    return !known.has(edge) && from - period - distance >= start;
  });
  return shared === before.length && newOnes.length === 0;
}

function farSources(
  items: Items,
  start: number,
  from: number,
  period: number,
): number[] {
  const edges: number[] = [];
  for (let i = 0; i < period; i += 1) {
    for (const source of sourcesOf(items.dag, from + i)) {
      if (source >= start && source < from - period) {
        edges.push((from - source) * MAX_PERIOD + i);
      }
    }
  }
  return edges;
}

function same(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
