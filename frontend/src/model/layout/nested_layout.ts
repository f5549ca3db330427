/**
 * The whole picture: every open group laid out by itself, from the inside out.
 *
 * A group's layout depends on nothing outside of it. So it is kept, and opening
 * a group lays out only that one and those around it.
 */

import { BORDER, edgesIn, type LiftedEdges } from "../graph/lifted_edges";
import { childrenOf, isGroup, type NodeTree, ROOT } from "../graph/node_tree";
import { layoutGraph } from "./graph_layout";
import type { LayoutProblem, Placement } from "./layout_types";

/** What is drawn, in one coordinate system; the origin is the upper left corner. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  /** Nodes that are shown, groups before what is in them. */
  readonly nodes: Int32Array;
  /** Upper left corner and size of each. */
  readonly left: Float32Array;
  readonly top: Float32Array;
  readonly widths: Float32Array;
  readonly heights: Float32Array;
  /** 1 where the node is a group that is open. */
  readonly open: Uint8Array;
  /** Lifted edges that are shown. */
  readonly edges: Int32Array;
  /** Points of edge e: `points[2 * pointStart[e] .. 2 * pointStart[e + 1]]`. */
  readonly pointStart: Int32Array;
  readonly points: Float32Array;
  /** 0 where an edge is so long that it goes straight. */
  readonly routed: Uint8Array;
}

/** Sizes of what is not open, one per node. */
export interface CardSizes {
  readonly widths: Float32Array;
  readonly heights: Float32Array;
}

/** Room inside of an open group. */
export const GROUP = { header: 34, padding: 16 } as const;

interface GroupLayout {
  readonly key: string;
  readonly placement: Placement;
  /** Where edges cross the group's upper and lower border, from its centre. */
  readonly inOffset: number;
  readonly outOffset: number;
  readonly children: Int32Array;
  readonly edges: Int32Array;
}

/** Lays out a tree of nodes for any choice of open groups. */
export class NestedLayout {
  private readonly kept = new Map<number, GroupLayout>();

  constructor(
    private readonly tree: NodeTree,
    private readonly edges: LiftedEdges,
    private readonly sizes: CardSizes,
  ) {}

  /**
   * @param open One flag per node; those of nodes that are no groups are ignored.
   * @param onGroup Told how many open groups are laid out, and how many there are.
   */
  layout(open: Uint8Array, onGroup?: (done: number, total: number) => void): Scene {
    const { tree } = this;
    const shown: number[] = [];
    const visible = new Uint8Array(tree.size);
    for (let id = 0; id < tree.size; id += 1) {
      const group = tree.parent[id] as number;
      if (group === ROOT || (visible[group] === 1 && open[group] === 1)) {
        visible[id] = 1;
        shown.push(id);
      }
    }
    const isOpen = (id: number): boolean => open[id] === 1 && isGroup(tree, id);
    const openSizes = new Map<number, GroupLayout>();
    const total = shown.filter(isOpen).length + 1;
    // Groups come before what is in them, so backwards is from the inside out.
    for (let i = shown.length - 1; i >= 0; i -= 1) {
      const id = shown[i] as number;
      if (isOpen(id)) {
        openSizes.set(id, this.group(id, openSizes));
        onGroup?.(openSizes.size, total);
      }
    }
    openSizes.set(ROOT, this.group(ROOT, openSizes));
    return compose(Int32Array.from(shown), this.edges, this.sizes, openSizes);
  }

  private group(id: number, inner: ReadonlyMap<number, GroupLayout>): GroupLayout {
    const children = childrenOf(this.tree, id);
    const parts: string[] = [];
    for (const child of children) {
      const own = inner.get(child);
      if (own !== undefined) {
        const { width, height } = own.placement;
        parts.push([child, width, height, own.inOffset, own.outOffset].join());
      }
    }
    const key = parts.join(";");
    const before = this.kept.get(id);
    if (before?.key === key) {
      return before;
    }
    const layout = this.layoutGroup(id, key, children, inner);
    this.kept.set(id, layout);
    return layout;
  }

  private layoutGroup(
    id: number,
    key: string,
    children: Int32Array,
    inner: ReadonlyMap<number, GroupLayout>,
  ): GroupLayout {
    const own = edgesIn(this.edges, id);
    const count = children.length;
    const local = new Map<number, number>();
    children.forEach((child, i) => {
      local.set(child, i);
    });
    let first = -1;
    let last = -1;
    let total = count;
    for (const e of own) {
      if (this.edges.from[e] === BORDER && first < 0) {
        first = total;
        total += 1;
      }
      if (this.edges.to[e] === BORDER && last < 0) {
        last = total;
        total += 1;
      }
    }
    const problem: LayoutProblem = {
      widths: new Float32Array(total),
      heights: new Float32Array(total),
      inOffsets: new Float32Array(total),
      outOffsets: new Float32Array(total),
      edges: new Int32Array(own.length * 2),
      first,
      last,
    };
    children.forEach((child, i) => {
      const group = inner.get(child);
      problem.widths[i] = group
        ? group.placement.width + GROUP.padding * 2
        : (this.sizes.widths[child] as number);
      problem.heights[i] = group
        ? group.placement.height + GROUP.header + GROUP.padding
        : (this.sizes.heights[child] as number);
      problem.inOffsets[i] = group?.inOffset ?? 0;
      problem.outOffsets[i] = group?.outOffset ?? 0;
    });
    own.forEach((e, i) => {
      const from = this.edges.from[e] as number;
      const to = this.edges.to[e] as number;
      problem.edges[i * 2] = from === BORDER ? first : (local.get(from) as number);
      problem.edges[i * 2 + 1] = to === BORDER ? last : (local.get(to) as number);
    });
    const placement = layoutGraph(problem);
    const middle = placement.width / 2;
    return {
      key,
      placement,
      inOffset: first < 0 ? 0 : (placement.x[first] as number) - middle,
      outOffset: last < 0 ? 0 : (placement.x[last] as number) - middle,
      children,
      edges: own,
    };
  }
}

function compose(
  shown: Int32Array,
  lifted: LiftedEdges,
  sizes: CardSizes,
  groups: ReadonlyMap<number, GroupLayout>,
): Scene {
  const place = new Map<number, number>();
  shown.forEach((id, i) => {
    place.set(id, i);
  });
  const left = new Float32Array(shown.length);
  const top = new Float32Array(shown.length);
  const widths = new Float32Array(shown.length);
  const heights = new Float32Array(shown.length);
  const open = new Uint8Array(shown.length);
  const edges: number[] = [];
  const lines: { group: number; x: number; y: number }[] = [];
  let edgeCount = 0;
  let pointCount = 0;
  const root = groups.get(ROOT) as GroupLayout;
  const enter = (id: number, x: number, y: number): void => {
    const layout = groups.get(id) as GroupLayout;
    const { placement } = layout;
    layout.children.forEach((child, i) => {
      const group = groups.get(child);
      const at = place.get(child) as number;
      const width = group
        ? group.placement.width + GROUP.padding * 2
        : (sizes.widths[child] as number);
      widths[at] = width;
      heights[at] = group
        ? group.placement.height + GROUP.header + GROUP.padding
        : (sizes.heights[child] as number);
      left[at] = x + (placement.x[i] as number) - width / 2;
      top[at] = y + (placement.y[i] as number);
      open[at] = group ? 1 : 0;
    });
    for (const e of layout.edges) {
      edges.push(e);
    }
    lines.push({ group: id, x, y });
    edgeCount += layout.edges.length;
    pointCount += placement.points.length / 2;
  };
  enter(ROOT, 0, 0);
  // Groups come before what is in them: each is placed when its turn comes.
  shown.forEach((id, at) => {
    if (groups.has(id)) {
      enter(
        id,
        (left[at] as number) + GROUP.padding,
        (top[at] as number) + GROUP.header,
      );
    }
  });
  const pointStart = new Int32Array(edgeCount + 1);
  const points = new Float32Array(pointCount * 2);
  const routed = new Uint8Array(edgeCount);
  let e = 0;
  let p = 0;
  for (const { group, x, y } of lines) {
    const { placement, edges: own } = groups.get(group) as GroupLayout;
    const base = p;
    for (let i = 0; i < placement.points.length; i += 2) {
      points[p * 2] = (placement.points[i] as number) + x;
      points[p * 2 + 1] = (placement.points[i + 1] as number) + y;
      p += 1;
    }
    own.forEach((edge, i) => {
      const end = base + (placement.pointStart[i + 1] as number);
      if (lifted.to[edge] === BORDER) {
        // The last bit, through the padding, to where the group ends.
        const last = end * 2 - 1;
        points[last] = (points[last] as number) + GROUP.padding;
      }
      routed[e] = placement.routed[i] as number;
      e += 1;
      pointStart[e] = end;
    });
  }
  return {
    width: root.placement.width,
    height: root.placement.height,
    nodes: shown,
    left,
    top,
    widths,
    heights,
    open,
    edges: Int32Array.from(edges),
    pointStart,
    points,
    routed,
  };
}
