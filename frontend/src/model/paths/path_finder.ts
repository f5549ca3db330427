/**
 * Paths along the data flow: what leads here, what follows from here, and all
 * paths from one node to another. Everything takes time linear in the graph.
 *
 * A group stands for all that is in it: paths begin where they leave it, and end
 * where they enter it.
 */

import { membersOf, type NodeTree } from "../graph/node_tree";

/** All paths from one node to another. */
export interface Paths {
  /** One flag per node: 1 on leaves that a path passes, its ends included. */
  readonly leaves: Uint8Array;
  /** One flag per link of the tree. */
  readonly links: Uint8Array;
  /**
   * How many there are: exact up to 2^53, then nearly; NaN where the data flow
   * goes round in a circle, so that they cannot be counted.
   */
  readonly count: number;
  /** Links of the shortest; 0 where there is no path. */
  readonly shortest: number;
}

/** What leads to a node and what follows from it; one flag per node or link. */
export interface Reach {
  readonly leavesBefore: Uint8Array;
  readonly leavesAfter: Uint8Array;
  readonly linksBefore: Uint8Array;
  readonly linksAfter: Uint8Array;
}

/** Links by their ends. */
interface Flow {
  /** Links out of leaf v: `out[outStart[v] .. outStart[v + 1]]`. */
  readonly outStart: Int32Array;
  readonly out: Int32Array;
  readonly intoStart: Int32Array;
  readonly into: Int32Array;
}

const flows = new WeakMap<NodeTree, Flow>();

/** Follows the data flow from a node, in both directions, to its ends. */
export function reachOf(tree: NodeTree, node: number): Reach {
  const members = membersOf(tree, node);
  const none = new Uint8Array(tree.size);
  const leavesBefore = spread(tree, members, none, false);
  const leavesAfter = spread(tree, members, none, true);
  const count = tree.links.length / 2;
  const linksBefore = new Uint8Array(count);
  const linksAfter = new Uint8Array(count);
  for (let link = 0; link < count; link += 1) {
    const source = tree.links[link * 2] as number;
    const target = tree.links[link * 2 + 1] as number;
    // A link that ends in a leaf from which the data come here leads here, too.
    const leads = leavesBefore[target] === 1 || members[target] === 1;
    linksBefore[link] = leads && members[source] === 0 ? 1 : 0;
    const follows = leavesAfter[source] === 1 || members[source] === 1;
    linksAfter[link] = follows && members[target] === 0 ? 1 : 0;
  }
  return { leavesBefore, leavesAfter, linksBefore, linksAfter };
}

/** Finds all paths; there are none between a group and what is in it. */
export function findPaths(tree: NodeTree, from: number, to: number): Paths {
  const starts = membersOf(tree, from);
  const ends = membersOf(tree, to);
  const leaves = new Uint8Array(tree.size);
  const links = new Uint8Array(tree.links.length / 2);
  if (starts[to] === 1 || ends[from] === 1) {
    return { leaves, links, count: 0, shortest: 0 };
  }
  const after = spread(tree, starts, ends, true);
  const before = spread(tree, ends, starts, false);
  for (let link = 0; link < links.length; link += 1) {
    const source = tree.links[link * 2] as number;
    const target = tree.links[link * 2 + 1] as number;
    const begins = starts[source] === 1 || (after[source] === 1 && ends[source] === 0);
    const leads = ends[target] === 1 || (before[target] === 1 && starts[target] === 0);
    if (begins && leads) {
      links[link] = 1;
      leaves[source] = 1;
      leaves[target] = 1;
    }
  }
  return { leaves, links, ...measure(tree, starts, ends, leaves, links) };
}

/**
 * Leaves that the data flow reaches from some leaves.
 *
 * @param from Where it begins; one flag per node. It does not come back to them.
 * @param stop Where it ends: these are reached, and not left.
 */
function spread(
  tree: NodeTree,
  from: Uint8Array,
  stop: Uint8Array,
  forward: boolean,
): Uint8Array {
  const flow = flowOf(tree);
  const start = forward ? flow.outStart : flow.intoStart;
  const links = forward ? flow.out : flow.into;
  const far = forward ? 1 : 0;
  const reached = new Uint8Array(tree.size);
  const stack: number[] = [];
  for (let id = 0; id < tree.size; id += 1) {
    if (from[id] === 1) {
      stack.push(id);
    }
  }
  while (stack.length > 0) {
    const leaf = stack.pop() as number;
    const to = start[leaf + 1] as number;
    for (let i = start[leaf] as number; i < to; i += 1) {
      const next = tree.links[(links[i] as number) * 2 + far] as number;
      if (reached[next] === 0 && from[next] === 0) {
        reached[next] = 1;
        if (stop[next] === 0) {
          stack.push(next);
        }
      }
    }
  }
  return reached;
}

/** Counts the paths, and finds the length of the shortest. */
function measure(
  tree: NodeTree,
  starts: Uint8Array,
  ends: Uint8Array,
  leaves: Uint8Array,
  links: Uint8Array,
): { count: number; shortest: number } {
  const { outStart, out } = flowOf(tree);
  // Paths to each leaf, and the shortest of them, once all that leads to it is known.
  const ways = new Float64Array(tree.size);
  const shortest = new Float64Array(tree.size).fill(Number.POSITIVE_INFINITY);
  const waiting = new Int32Array(tree.size);
  let open = 0;
  for (let link = 0; link < links.length; link += 1) {
    const source = tree.links[link * 2] as number;
    if (links[link] === 1 && starts[source] === 0) {
      const target = tree.links[link * 2 + 1] as number;
      waiting[target] = (waiting[target] as number) + 1;
    }
  }
  const ready: number[] = [];
  for (let id = 0; id < tree.size; id += 1) {
    if (leaves[id] === 1 && starts[id] === 1) {
      ways[id] = 1;
      shortest[id] = 0;
      ready.push(id);
    } else if (leaves[id] === 1) {
      open += 1;
    }
  }
  const begins = ready.length;
  let done = 0;
  const arrive = (source: number, link: number): void => {
    const target = tree.links[link * 2 + 1] as number;
    ways[target] = (ways[target] as number) + (ways[source] as number);
    const length = (shortest[source] as number) + 1;
    shortest[target] = Math.min(shortest[target] as number, length);
    if (starts[source] === 0) {
      waiting[target] = (waiting[target] as number) - 1;
    }
  };
  // What the start leads to is counted before anything is taken to be complete.
  for (const source of ready) {
    eachOut(source, (link) => arrive(source, link));
  }
  ready.length = 0;
  for (let id = 0; id < tree.size; id += 1) {
    if (leaves[id] === 1 && starts[id] === 0 && waiting[id] === 0) {
      ready.push(id);
    }
  }
  let count = 0;
  let least = Number.POSITIVE_INFINITY;
  while (ready.length > 0) {
    const leaf = ready.pop() as number;
    done += 1;
    if (ends[leaf] === 1) {
      count += ways[leaf] as number;
      least = Math.min(least, shortest[leaf] as number);
      continue;
    }
    eachOut(leaf, (link) => {
      arrive(leaf, link);
      const target = tree.links[link * 2 + 1] as number;
      if (waiting[target] === 0) {
        ready.push(target);
      }
    });
  }
  if (begins === 0) {
    return { count: 0, shortest: 0 };
  }
  // What never got ready is on a circle, or behind one.
  return done < open
    ? { count: Number.NaN, shortest: shortestAround(tree, starts, ends, links) }
    : { count, shortest: least };

  function eachOut(leaf: number, visit: (link: number) => void): void {
    const to = outStart[leaf + 1] as number;
    for (let i = outStart[leaf] as number; i < to; i += 1) {
      const link = out[i] as number;
      if (links[link] === 1) {
        visit(link);
      }
    }
  }
}

/** Length of the shortest path where there are circles: level by level. */
function shortestAround(
  tree: NodeTree,
  starts: Uint8Array,
  ends: Uint8Array,
  links: Uint8Array,
): number {
  const { outStart, out } = flowOf(tree);
  const seen = starts.slice();
  let level: number[] = [];
  for (let id = 0; id < tree.size; id += 1) {
    if (starts[id] === 1) {
      level.push(id);
    }
  }
  for (let length = 1; level.length > 0; length += 1) {
    const next: number[] = [];
    for (const leaf of level) {
      for (
        let i = outStart[leaf] as number;
        i < (outStart[leaf + 1] as number);
        i += 1
      ) {
        const link = out[i] as number;
        const target = tree.links[link * 2 + 1] as number;
        if (links[link] === 0 || seen[target] === 1) {
          continue;
        }
        if (ends[target] === 1) {
          return length;
        }
        seen[target] = 1;
        next.push(target);
      }
    }
    level = next;
  }
  return 0;
}

function flowOf(tree: NodeTree): Flow {
  let flow = flows.get(tree);
  if (flow === undefined) {
    const [outStart, out] = byEnd(tree, 0);
    const [intoStart, into] = byEnd(tree, 1);
    flow = { outStart, out, intoStart, into };
    flows.set(tree, flow);
  }
  return flow;
}

/** Links by their source (0) or their target (1). */
function byEnd(tree: NodeTree, end: 0 | 1): [Int32Array, Int32Array] {
  const start = new Int32Array(tree.size + 1);
  const count = tree.links.length / 2;
  for (let link = 0; link < count; link += 1) {
    const slot = (tree.links[link * 2 + end] as number) + 1;
    start[slot] = (start[slot] as number) + 1;
  }
  for (let id = 0; id < tree.size; id += 1) {
    start[id + 1] = (start[id + 1] as number) + (start[id] as number);
  }
  const next = start.slice();
  const links = new Int32Array(count);
  for (let link = 0; link < count; link += 1) {
    const leaf = tree.links[link * 2 + end] as number;
    const place = next[leaf] as number;
    links[place] = link;
    next[leaf] = place + 1;
  }
  return [start, links];
}
