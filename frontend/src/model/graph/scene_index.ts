/** Questions about what is drawn: what is here, what leads where. */

import { GROUP, type Scene } from "../layout/nested_layout";
import type { LayerGraph } from "./layer_graph";
import { BORDER, type LiftedEdges } from "./lifted_edges";
import { membersOf, ROOT, representatives } from "./node_tree";
import type { Box } from "./viewport";

/** Room that the text of a header needs at the right end of its group. */
const HEADER_TEXT = 240;

/** What is lit because it belongs to one node; all by index in the scene. */
export interface Lit {
  readonly incoming: ReadonlySet<number>;
  readonly outgoing: ReadonlySet<number>;
  /** Nodes at the far ends. */
  readonly nodes: ReadonlySet<number>;
}

export const NOTHING_LIT: Lit = {
  incoming: new Set(),
  outgoing: new Set(),
  nodes: new Set(),
};

/** A way in which the arrow keys go. */
export type Direction = "up" | "down" | "left" | "right";

/** An index of one scene. */
export class SceneIndex {
  /** Place of a node in the scene. */
  readonly placeOf: ReadonlyMap<number, number>;
  /** left, top, right, bottom of each edge. */
  readonly edgeBoxes: Float32Array;
  private readonly edgePlace: ReadonlyMap<number, number>;
  private readonly shownAs: Int32Array;

  constructor(
    readonly graph: LayerGraph,
    readonly edges: LiftedEdges,
    readonly scene: Scene,
  ) {
    this.placeOf = new Map(Array.from(scene.nodes, (node, i) => [node, i]));
    this.edgePlace = new Map(Array.from(scene.edges, (edge, i) => [edge, i]));
    const open = new Uint8Array(graph.tree.size);
    scene.nodes.forEach((node, i) => {
      open[node] = scene.open[i] as number;
    });
    this.shownAs = representatives(graph.tree, open);
    this.edgeBoxes = boxesOf(scene);
  }

  /** The node that is drawn in place of this one. */
  shown(node: number): number {
    return this.shownAs[node] ?? ROOT;
  }

  /** Where a node is drawn, or null. */
  box(node: number): Box | null {
    const at = this.placeOf.get(node);
    if (at === undefined) {
      return null;
    }
    const { left, top, widths, heights } = this.scene;
    return {
      left: left[at] as number,
      top: top[at] as number,
      width: widths[at] as number,
      height: heights[at] as number,
    };
  }

  /**
   * The node whose card, or whose open group's header, is at a scene point.
   *
   * @param pinned Upper end of what is seen: headers above it are drawn there.
   */
  hit(x: number, y: number, pinned = Number.NEGATIVE_INFINITY): number | null {
    const { nodes, left, widths, heights, open } = this.scene;
    const header = this.headerAt(x, y, pinned);
    if (header !== null) {
      return header;
    }
    for (let i = nodes.length - 1; i >= 0; i -= 1) {
      const top = this.scene.top[i] as number;
      const height = heights[i] as number;
      const right = (left[i] as number) + (widths[i] as number);
      const beside = x < (left[i] as number) || x > right;
      if (open[i] === 0 && !beside && y >= top && y <= top + height) {
        return nodes[i] as number;
      }
    }
    return null;
  }

  /** Upper end of an open group's header: it stays in sight with its group. */
  headerTop(at: number, pinned: number): number {
    const top = this.scene.top[at] as number;
    const lowest = top + (this.scene.heights[at] as number) - GROUP.header;
    return top < pinned ? Math.min(pinned, lowest) : top;
  }

  /** Left end of what an open group's header says: it stays in sight as well. */
  headerLeft(at: number, pinned: number): number {
    const left = this.scene.left[at] as number;
    const least = Math.min(HEADER_TEXT, this.scene.widths[at] as number);
    const last = left + (this.scene.widths[at] as number) - least;
    return left < pinned ? Math.min(pinned, last) : left;
  }

  private headerAt(x: number, y: number, pinned: number): number | null {
    const { nodes, left, widths, open } = this.scene;
    // What is in a group comes after the group, and lies over it.
    for (let i = nodes.length - 1; i >= 0; i -= 1) {
      if (open[i] === 0 || x < (left[i] as number)) {
        continue;
      }
      const top = this.headerTop(i, pinned);
      const inside = x <= (left[i] as number) + (widths[i] as number);
      if (inside && y >= top && y <= top + GROUP.header) {
        return nodes[i] as number;
      }
    }
    return null;
  }

  /** Nodes that lie at least partly in a part of the scene, as scene places. */
  within(left: number, top: number, right: number, bottom: number): number[] {
    const { nodes, widths, heights } = this.scene;
    const found: number[] = [];
    for (let i = 0; i < nodes.length; i += 1) {
      const x = this.scene.left[i] as number;
      const y = this.scene.top[i] as number;
      const beside = x > right || x + (widths[i] as number) < left;
      if (!beside && y <= bottom && y + (heights[i] as number) >= top) {
        found.push(i);
      }
    }
    return found;
  }

  /** What leads to a node and from it, to the leaves at the far ends. */
  lit(node: number): Lit {
    const { tree } = this.graph;
    const incoming = new Set<number>();
    const outgoing = new Set<number>();
    const nodes = new Set<number>();
    const inside = membersOf(this.graph.tree, node);
    for (let link = 0; link * 2 < tree.links.length; link += 1) {
      const source = tree.links[link * 2] as number;
      const target = tree.links[link * 2 + 1] as number;
      const leaves = inside[source] === 1;
      const enters = inside[target] === 1;
      if (leaves === enters) {
        continue;
      }
      const far = this.placeOf.get(this.shown(leaves ? target : source));
      if (far !== undefined) {
        nodes.add(far);
      }
      const from = this.edges.linkStart[link] as number;
      const to = this.edges.linkStart[link + 1] as number;
      for (let i = from; i < to; i += 1) {
        const place = this.edgePlace.get(this.edges.linkEdges[i] as number);
        if (place !== undefined) {
          (leaves ? outgoing : incoming).add(place);
        }
      }
    }
    return { incoming, outgoing, nodes };
  }

  /** Which edges are drawn of some links; one flag per place, from one per link. */
  edgesOf(links: Uint8Array): Uint8Array {
    const { linkStart, linkEdges } = this.edges;
    const places = new Uint8Array(this.scene.edges.length);
    for (let link = 0; link < links.length; link += 1) {
      const to = links[link] === 1 ? (linkStart[link + 1] as number) : 0;
      for (let i = linkStart[link] as number; i < to; i += 1) {
        const place = this.edgePlace.get(linkEdges[i] as number);
        if (place !== undefined) {
          places[place] = 1;
        }
      }
    }
    return places;
  }

  /** Where some leaves are drawn, with the open groups that they are in. */
  placesOf(leaves: Uint8Array): Uint8Array {
    const { parent } = this.graph.tree;
    const places = new Uint8Array(this.scene.nodes.length);
    for (let leaf = 0; leaf < leaves.length; leaf += 1) {
      let node = leaves[leaf] === 1 ? this.shown(leaf) : ROOT;
      while (node !== ROOT) {
        const at = this.placeOf.get(node);
        if (at === undefined || places[at] === 1) {
          break;
        }
        places[at] = 1;
        node = parent[node] as number;
      }
    }
    return places;
  }

  /** The node that an arrow key leads to, or null. */
  neighbour(node: number, direction: Direction): number | null {
    if (direction === "up" || direction === "down") {
      return this.along(node, direction === "down");
    }
    return this.beside(node, direction === "right");
  }

  private along(node: number, forward: boolean): number | null {
    const own = this.box(node);
    const at = this.placeOf.get(node);
    if (own === null || at === undefined) {
      return null;
    }
    if (this.scene.open[at] === 1 && forward) {
      return this.firstInside(node);
    }
    const { tree } = this.graph;
    const inside = membersOf(this.graph.tree, node);
    let best: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (let i = 0; i < tree.links.length; i += 2) {
      const near = tree.links[forward ? i : i + 1] as number;
      const far = tree.links[forward ? i + 1 : i] as number;
      if (inside[near] === 0 || inside[far] === 1) {
        continue;
      }
      const shown = this.shown(far);
      const box = this.box(shown);
      if (box !== null) {
        const distance = distanceBetween(own, box);
        if (distance < least) {
          least = distance;
          best = shown;
        }
      }
    }
    return best;
  }

  private firstInside(group: number): number | null {
    const { nodes } = this.scene;
    for (let i = 0; i < nodes.length; i += 1) {
      if (this.graph.tree.parent[nodes[i] as number] === group) {
        return nodes[i] as number;
      }
    }
    return null;
  }

  /** The nearest node to one side whose card is at the same height. */
  private beside(node: number, right: boolean): number | null {
    const own = this.box(node);
    if (own === null) {
      return null;
    }
    const middle = own.left + own.width / 2;
    let best: number | null = null;
    let least = Number.POSITIVE_INFINITY;
    const { nodes, open } = this.scene;
    for (let i = 0; i < nodes.length; i += 1) {
      const other = nodes[i] as number;
      const box = this.box(other);
      if (box === null || other === node || open[i] === 1) {
        continue;
      }
      const away = (box.left + box.width / 2 - middle) * (right ? 1 : -1);
      const level = box.top < own.top + own.height && box.top + box.height > own.top;
      if (level && away > 1 && away < least) {
        least = away;
        best = other;
      }
    }
    return best;
  }

  /** Whether an edge ends in an arrow head: not where it goes on into a group. */
  hasHead(place: number): boolean {
    const target = this.edges.to[this.scene.edges[place] as number] as number;
    if (target === BORDER) {
      return false;
    }
    const at = this.placeOf.get(target);
    return at !== undefined && this.scene.open[at] === 0;
  }
}

function distanceBetween(a: Box, b: Box): number {
  const across = Math.abs(a.left + a.width / 2 - b.left - b.width / 2);
  const down = Math.abs(a.top + a.height / 2 - b.top - b.height / 2);
  // What is straight above or below is nearer than what is to the side.
  return down + across * 2;
}

function boxesOf(scene: Scene): Float32Array {
  const count = scene.edges.length;
  const boxes = new Float32Array(count * 4);
  for (let e = 0; e < count; e += 1) {
    let left = Number.POSITIVE_INFINITY;
    let top = Number.POSITIVE_INFINITY;
    let right = Number.NEGATIVE_INFINITY;
    let bottom = Number.NEGATIVE_INFINITY;
    const to = (scene.pointStart[e + 1] as number) * 2;
    for (let i = (scene.pointStart[e] as number) * 2; i < to; i += 2) {
      const x = scene.points[i] as number;
      const y = scene.points[i + 1] as number;
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
    boxes.set([left, top, right, bottom], e * 4);
  }
  return boxes;
}
