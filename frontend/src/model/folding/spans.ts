/**
 * Cuts a long series of items into parts: blocks, stages, and ranges.
 *
 * Everything is a span of one order in which data flow. So no way ever leaves a
 * part and comes back, whatever the parts are.
 */

/** Items `from` to `to - 1`. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** How large the values are that an item gives: `null` where that is unknown. */
export type Resolution = { readonly size: number; readonly rank: number } | null;

/** Shorter changes of the resolution are a detail of what is around them. */
const DETAIL = 4;
const OTHER_SIZE = 1.4;

/**
 * Spans between places that all data pass, of three items or more.
 *
 * @param cuts 1 where all that goes on comes from this item.
 */
export function blocksOf(cuts: Uint8Array): Span[] {
  const blocks: Span[] = [];
  let from = 0;
  for (let at = 0; at < cuts.length; at += 1) {
    if (cuts[at] === 1) {
      if (at + 1 - from >= 3) {
        blocks.push({ from, to: at + 1 });
      }
      from = at + 1;
    }
  }
  return blocks;
}

/** Spans of about one resolution. */
export function stagesOf(resolutions: readonly Resolution[]): Span[] {
  const spans: Span[] = [];
  let from = 0;
  let first: Resolution = resolutions[0] ?? null;
  const end = (to: number): void => {
    if (to > from) {
      spans.push({ from, to });
      from = to;
    }
  };
  resolutions.forEach((here, at) => {
    if (here === null || alike(here, first)) {
      first ??= here;
      return;
    }
    const back = resolutions
      .slice(at + 1, at + 1 + DETAIL)
      .some((later) => later !== null && alike(later, first));
    if (!back) {
      end(at);
      first = here;
    }
  });
  end(resolutions.length);
  return spans;
}

function alike(a: Resolution, b: Resolution): boolean {
  if (a === null || b === null) {
    return true;
  }
  const ratio = Math.max(a.size, b.size) / Math.max(1e-9, Math.min(a.size, b.size));
  return a.rank === b.rank && ratio < OTHER_SIZE;
}

/**
 * Cuts items into spans of about equal length, where few edges are cut.
 *
 * @param crossings Number of edges from before each item to it or beyond.
 */
export function rangesOf(crossings: Int32Array, parts: number): Span[] {
  const size = crossings.length;
  const spans: Span[] = [];
  let from = 0;
  for (let part = 1; part < parts; part += 1) {
    const ideal = Math.round((size * part) / parts);
    const slack = Math.floor(size / parts / 4);
    let best = ideal;
    for (let at = ideal - slack; at <= ideal + slack; at += 1) {
      const fewer = (crossings[at] as number) - (crossings[best] as number);
      const nearer = Math.abs(at - ideal) - Math.abs(best - ideal);
      if (at > from && (fewer < 0 || (fewer === 0 && nearer < 0))) {
        best = at;
      }
    }
    if (best > from) {
      spans.push({ from, to: best });
      from = best;
    }
  }
  spans.push({ from, to: size });
  return spans;
}
