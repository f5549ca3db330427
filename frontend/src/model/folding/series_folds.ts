/**
 * Folds a long series of items until so few are left that they can be seen at
 * once: blocks between places that all data pass, equal blocks in series, stages
 * of one resolution, and ranges of what is left.
 */

import { createDag, cutsOf, type Dag } from "../graph/dag";
import type { Fold, FoldKind } from "../graph/layer_graph";
import { findRepeats } from "./repeats";
import { signatureOf } from "./signatures";
import { blocksOf, type Resolution, rangesOf, type Span, stagesOf } from "./spans";

/** What is folded: a call, or a group of them. */
export interface SeriesItem {
  readonly name: string;
  /** Whether the author gave it its name. */
  readonly named: boolean;
  /** What one of several of its kind is called. */
  readonly unit: string;
  /** Equal for equal items. */
  readonly signature: number;
  readonly params: number;
  readonly single: boolean;
  /** Number of calls in it. */
  readonly calls: number;
  /** Inputs of the model are never put into a fold of others. */
  readonly input: boolean;
  /** Of what it gives. */
  readonly resolution: Resolution;
  /** That resolution in words: "56×56"; empty if there is none. */
  readonly size: string;
}

/** A fold of some items, and what of it is folded again. */
export interface SeriesFold extends Span {
  readonly fold: Fold;
  readonly parts: readonly SeriesFold[];
}

/** Items `from` to `to - 1`: one item, or a fold of several. */
interface Piece extends Span {
  readonly fold: Fold | null;
  readonly parts: readonly Piece[];
}

/** Inside of a fold, more are shown at once than at first sight. */
const ENOUGH_INSIDE = 40;
/** Where there is room for all, only so many equal groups are folded. */
const LEAST_OF_FEW = 4;
const RANGES = { least: 3, most: 10, items: 12 } as const;
/** A block that is most of all is only a frame around it. */
const MOST = 0.8;
/** A part that is so much of a stage gives it its name. */
const MAIN = 0.7;

/**
 * Chooses the folds.
 *
 * @param items In the order of the data flow.
 * @param dag Data flow between them; item i comes after all that lead to it.
 * @param enough So many need no fold.
 */
export function foldSeries(
  items: readonly SeriesItem[],
  dag: Dag,
  enough: number,
): SeriesFold[] {
  return foldsIn(new Series(items, dag, enough).fold());
}

function foldsIn(pieces: readonly Piece[]): SeriesFold[] {
  const found: SeriesFold[] = [];
  for (const { from, to, fold, parts } of pieces) {
    if (fold !== null) {
      found.push({ from, to, fold, parts: foldsIn(parts) });
    }
  }
  return found;
}

class Series {
  private readonly signatures: Float64Array;
  private readonly scratch: Float64Array;

  constructor(
    private readonly items: readonly SeriesItem[],
    private readonly dag: Dag,
    private readonly enough: number,
  ) {
    this.signatures = Float64Array.from(items, (item) => item.signature);
    this.scratch = new Float64Array(items.length);
  }

  fold(): Piece[] {
    const size = this.items.length;
    if (size <= this.enough) {
      return this.foldRepeats(this.singles(0, size), LEAST_OF_FEW);
    }
    const order = Int32Array.from(this.items.keys());
    const blocks = blocksOf(cutsOf(this.dag, order)).filter(
      ({ from, to }) => to - from <= MOST * size,
    );
    const pieces = this.fill(0, size, blocks, (span) => {
      const inside = this.singles(span.from, span.to);
      const parts = inside.length > this.enough ? this.reduce(inside) : inside;
      return this.piece("block", span, parts, this.blockTitle(span));
    });
    return this.reduce(pieces);
  }

  private reduce(pieces: readonly Piece[]): Piece[] {
    const repeated = this.foldRepeats(pieces, 1);
    if (repeated.length <= this.enough) {
      return repeated;
    }
    const staged = this.foldStages(repeated);
    return staged.length <= this.enough ? staged : this.foldRanges(staged, "range");
  }

  /** @param least Fewer blocks stay as they are; with more than one, single calls as well. */
  private foldRepeats(pieces: readonly Piece[], least: number): Piece[] {
    const first = (piece: Piece): SeriesItem => this.items[piece.from] as SeriesItem;
    const single = Uint8Array.from(pieces, (piece) =>
      piece.fold === null && first(piece).single ? 1 : 0,
    );
    const repeats = findRepeats({
      signatures: Float64Array.from(pieces, (piece) => this.signature(piece)),
      dag: this.between(pieces),
      heads: Uint8Array.from(pieces, (piece) => (this.params(piece) > 0 ? 1 : 0)),
      single,
    });
    const folded: Piece[] = [];
    let next = 0;
    for (const { start, period, count } of repeats) {
      if (count < least || (least > 1 && period === 1 && single[start] === 1)) {
        continue;
      }
      folded.push(...pieces.slice(next, start));
      next = start + period * count;
      const parts: Piece[] = [];
      for (let at = start; at < next; at += period) {
        const own = pieces.slice(at, at + period);
        const span = spanOf(own);
        const block = (): Piece =>
          this.piece("block", span, own, this.blockTitle(span));
        parts.push(period === 1 ? (own[0] as Piece) : block());
      }
      const shown =
        parts.length > ENOUGH_INSIDE ? this.foldRanges(parts, "range") : parts;
      const unit = this.unitOf(pieces.slice(start, start + period));
      folded.push({
        ...spanOf(parts),
        fold: { kind: "repeat", title: this.rangeTitle(parts), count, unit },
        parts: shown,
      });
    }
    folded.push(...pieces.slice(next));
    return folded;
  }

  private foldStages(pieces: readonly Piece[]): Piece[] {
    const last = (piece: Piece): SeriesItem => this.items[piece.to - 1] as SeriesItem;
    const resolutions = pieces.map((piece) => last(piece).resolution);
    const stages = stagesOf(resolutions).flatMap((span) =>
      this.withoutInputs(pieces, span),
    );
    if (stages.length === 1) {
      return [...pieces];
    }
    return stages.flatMap((span) => {
      const own = pieces.slice(span.from, span.to);
      const size = last(own[own.length - 1] as Piece).size;
      if (own.length < (size === "" ? 4 : 2)) {
        return own;
      }
      const parts = own.length > ENOUGH_INSIDE ? this.foldRanges(own, "range") : own;
      const title = size === "" ? this.rangeTitle(own) : this.stageTitle(own, size);
      return [this.piece("stage", spanOf(own), parts, title)];
    });
  }

  /** The parts of a span of pieces before, between and after inputs of the model. */
  private withoutInputs(pieces: readonly Piece[], span: Span): Span[] {
    const spans: Span[] = [];
    let from = span.from;
    for (let at = span.from; at <= span.to; at += 1) {
      const piece = pieces[at] as Piece;
      if (at === span.to || this.items[piece.from]?.input) {
        spans.push({ from, to: at }, { from: at, to: Math.min(at + 1, span.to) });
        from = at + 1;
      }
    }
    return spans.filter((part) => part.to > part.from);
  }

  private foldRanges(pieces: readonly Piece[], kind: FoldKind): Piece[] {
    const wanted = Math.ceil(pieces.length / RANGES.items);
    const parts = Math.min(RANGES.most, Math.max(RANGES.least, wanted));
    const ranges = rangesOf(crossingsOf(this.between(pieces)), parts);
    const spans = ranges.flatMap((span) => this.withoutInputs(pieces, span));
    return spans.flatMap((span) => {
      const own = pieces.slice(span.from, span.to);
      if (own.length === 1) {
        return own;
      }
      const inside = own.length > ENOUGH_INSIDE ? this.foldRanges(own, kind) : own;
      return [this.piece(kind, spanOf(own), inside, this.rangeTitle(own))];
    });
  }

  private piece(
    kind: FoldKind,
    span: Span,
    parts: readonly Piece[],
    title: string,
  ): Piece {
    return { ...span, fold: { kind, title, count: 1, unit: "" }, parts };
  }

  private singles(from: number, to: number): Piece[] {
    return Array.from({ length: to - from }, (_, i) => ({
      from: from + i,
      to: from + i + 1,
      fold: null,
      parts: [],
    }));
  }

  /** The items from one on as pieces: the spans, and one for each item between. */
  private fill(
    from: number,
    to: number,
    spans: readonly Span[],
    make: (span: Span) => Piece,
  ): Piece[] {
    const pieces: Piece[] = [];
    let next = from;
    for (const span of spans) {
      pieces.push(...this.singles(next, span.from), make(span));
      next = span.to;
    }
    pieces.push(...this.singles(next, to));
    return pieces;
  }

  /** Data flow between pieces. */
  private between(pieces: readonly Piece[]): Dag {
    const start = pieces[0]?.from ?? 0;
    const end = pieces[pieces.length - 1]?.to ?? 0;
    const pieceOf = new Int32Array(end - start);
    pieces.forEach((piece, at) => {
      pieceOf.fill(at, piece.from - start, piece.to - start);
    });
    const pairs: number[] = [];
    for (let item = start; item < end; item += 1) {
      for (
        let e = this.dag.outStart[item] as number;
        e < (this.dag.outStart[item + 1] as number);
        e += 1
      ) {
        const target = this.dag.out[e] as number;
        if (target < end) {
          const own = pieceOf[item - start] as number;
          pairs.push(own, pieceOf[target - start] as number);
        }
      }
    }
    return createDag(pieces.length, pairs);
  }

  private signature(piece: Piece): number {
    if (piece.fold === null) {
      return this.signatures[piece.from] as number;
    }
    const order = Int32Array.from({ length: piece.to - piece.from }, (_, i) => {
      return piece.from + i;
    });
    return signatureOf(this.dag, order, this.signatures, this.scratch);
  }

  private params(piece: Piece): number {
    let params = 0;
    for (let item = piece.from; item < piece.to; item += 1) {
      params += (this.items[item] as SeriesItem).params;
    }
    return params;
  }

  private nameOf(piece: Piece): string {
    return piece.fold?.title ?? (this.items[piece.from] as SeriesItem).name;
  }

  private rangeTitle(pieces: readonly Piece[]): string {
    const span = spanOf(pieces);
    const first = pieces[0] as Piece;
    const last = pieces[pieces.length - 1] as Piece;
    if (first.fold?.kind === "block" && pieces.length > 1) {
      return this.spanTitle(span);
    }
    return `${this.nameOf(first)} … ${this.nameOf(last)}`;
  }

  /** A stage is called by its size, and by the group that it is nearly all of. */
  private stageTitle(pieces: readonly Piece[], size: string): string {
    const calls = pieces.map((piece) => {
      const items = this.items.slice(piece.from, piece.to);
      return items.reduce((sum, item) => sum + item.calls, 0);
    });
    const all = calls.reduce((sum, own) => sum + own, 0);
    const main = pieces.find((piece, i) => {
      const group = piece.fold === null && !this.items[piece.from]?.single;
      return group && (calls[i] as number) > MAIN * all;
    });
    return main === undefined ? size : `${this.nameOf(main)} · ${size}`;
  }

  /** A block is called like its end, if that has a name. */
  private blockTitle(span: Span): string {
    const last = this.items[span.to - 1] as SeriesItem;
    return last.named ? last.name : this.spanTitle(span);
  }

  private spanTitle(span: Span): string {
    const first = this.items[span.from] as SeriesItem;
    const last = this.items[span.to - 1] as SeriesItem;
    return `${first.name} … ${last.name}`;
  }

  private unitOf(block: readonly Piece[]): string {
    const span = spanOf(block);
    const size = span.to - span.from;
    if (size > 3) {
      return `block of ${size}`;
    }
    const units = this.items.slice(span.from, span.to).map((item) => item.unit);
    return units.join(" + ");
  }
}

function spanOf(pieces: readonly Piece[]): Span {
  return {
    from: (pieces[0] as Piece).from,
    to: (pieces[pieces.length - 1] as Piece).to,
  };
}

/** For each item, how many edges lead past its beginning. */
function crossingsOf(dag: Dag): Int32Array {
  const crossings = new Int32Array(dag.size + 1);
  for (let item = 0; item < dag.size; item += 1) {
    for (
      let e = dag.outStart[item] as number;
      e < (dag.outStart[item + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      crossings[item + 1] = (crossings[item + 1] as number) + 1;
      crossings[target + 1] = (crossings[target + 1] as number) - 1;
    }
  }
  for (let item = 1; item <= dag.size; item += 1) {
    crossings[item] = (crossings[item] as number) + (crossings[item - 1] as number);
  }
  return crossings.subarray(0, dag.size);
}
