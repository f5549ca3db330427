/** Directed graphs as plain numbers: orders, components, ways. All of it is iterative. */

/** A directed graph of nodes 0 to `size - 1`; parallel edges are kept. */
export interface Dag {
  readonly size: number;
  /** Targets of node v's edges: `out[outStart[v] .. outStart[v + 1]]`. */
  readonly outStart: Int32Array;
  readonly out: Int32Array;
  /** Sources of the edges that lead to node v. */
  readonly inStart: Int32Array;
  readonly into: Int32Array;
}

/**
 * @param pairs (source, target), one after the other; edges from a node to itself
 *     are left out.
 */
export function createDag(size: number, pairs: ArrayLike<number>): Dag {
  const outStart = new Int32Array(size + 1);
  const inStart = new Int32Array(size + 1);
  let count = 0;
  for (let i = 0; i < pairs.length; i += 2) {
    const source = pairs[i] as number;
    const target = pairs[i + 1] as number;
    if (source !== target) {
      outStart[source + 1] = (outStart[source + 1] as number) + 1;
      inStart[target + 1] = (inStart[target + 1] as number) + 1;
      count += 1;
    }
  }
  for (let v = 0; v < size; v += 1) {
    outStart[v + 1] = (outStart[v + 1] as number) + (outStart[v] as number);
    inStart[v + 1] = (inStart[v + 1] as number) + (inStart[v] as number);
  }
  const out = new Int32Array(count);
  const into = new Int32Array(count);
  const nextOut = outStart.slice();
  const nextIn = inStart.slice();
  for (let i = 0; i < pairs.length; i += 2) {
    const source = pairs[i] as number;
    const target = pairs[i + 1] as number;
    if (source !== target) {
      out[nextOut[source] as number] = target;
      nextOut[source] = (nextOut[source] as number) + 1;
      into[nextIn[target] as number] = source;
      nextIn[target] = (nextIn[target] as number) + 1;
    }
  }
  return { size, outStart, out, inStart, into };
}

/** Targets of a node's edges. */
export function targetsOf(dag: Dag, node: number): Int32Array {
  return dag.out.subarray(dag.outStart[node], dag.outStart[node + 1]);
}

/** Sources of the edges that lead to a node. */
export function sourcesOf(dag: Dag, node: number): Int32Array {
  return dag.into.subarray(dag.inStart[node], dag.inStart[node + 1]);
}

/** The graph of some of the nodes; node i of it is `members[i]`. */
export function subgraph(dag: Dag, members: Int32Array, local: Int32Array): Dag {
  const pairs: number[] = [];
  members.forEach((node, i) => {
    local[node] = i;
  });
  members.forEach((node, i) => {
    for (
      let e = dag.outStart[node] as number;
      e < (dag.outStart[node + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      const at = local[target] as number;
      // What another subgraph left in `local` does not fit its own members.
      if (at >= 0 && members[at] === target) {
        pairs.push(i, at);
      }
    }
  });
  return createDag(members.length, pairs);
}

/**
 * An order in which every node comes after all that lead to it, and ways are
 * followed as long as they go on, so that what is in series stays together.
 *
 * Where there is a cycle, it is entered at its first node.
 */
export function topologicalOrder(dag: Dag): Int32Array {
  const { size } = dag;
  const waiting = new Int32Array(size);
  const stack: number[] = [];
  for (let v = size - 1; v >= 0; v -= 1) {
    waiting[v] = (dag.inStart[v + 1] as number) - (dag.inStart[v] as number);
    if (waiting[v] === 0) {
      stack.push(v);
    }
  }
  const order = new Int32Array(size);
  const done = new Uint8Array(size);
  let count = 0;
  let scan = 0;
  while (count < size) {
    let node = stack.pop();
    if (node === undefined) {
      while (done[scan] === 1) {
        scan += 1;
      }
      node = scan;
    }
    if (done[node] === 1) {
      continue;
    }
    done[node] = 1;
    order[count] = node;
    count += 1;
    const ready: number[] = [];
    for (
      let e = dag.outStart[node] as number;
      e < (dag.outStart[node + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      waiting[target] = (waiting[target] as number) - 1;
      if (waiting[target] === 0) {
        ready.push(target);
      }
    }
    // The first of them is to be the next.
    ready.sort((a, b) => b - a);
    for (const target of ready) {
      stack.push(target);
    }
  }
  return order;
}

/** Length of the longest way to each node, in edges. */
export function depthsOf(dag: Dag, order: Int32Array): Int32Array {
  const depth = new Int32Array(dag.size);
  for (const node of order) {
    const below = (depth[node] as number) + 1;
    for (
      let e = dag.outStart[node] as number;
      e < (dag.outStart[node + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      depth[target] = Math.max(depth[target] as number, below);
    }
  }
  return depth;
}

/** Numbers the strongly connected components; equal numbers are on one cycle. */
export function strongComponents(dag: Dag): Int32Array {
  const { size, outStart, out } = dag;
  const component = new Int32Array(size).fill(-1);
  const index = new Int32Array(size).fill(-1);
  const low = new Int32Array(size);
  const next = outStart.slice(0, size);
  const open: number[] = [];
  const walk: number[] = [];
  let count = 0;
  let components = 0;
  for (let root = 0; root < size; root += 1) {
    if (index[root] !== -1) {
      continue;
    }
    walk.push(root);
    while (walk.length > 0) {
      const node = walk[walk.length - 1] as number;
      if (index[node] === -1) {
        index[node] = count;
        low[node] = count;
        count += 1;
        open.push(node);
      }
      const edge = next[node] as number;
      if (edge < (outStart[node + 1] as number)) {
        next[node] = edge + 1;
        const target = out[edge] as number;
        if (index[target] === -1) {
          walk.push(target);
        } else if (component[target] === -1) {
          low[node] = Math.min(low[node] as number, index[target] as number);
        }
        continue;
      }
      walk.pop();
      const before = walk[walk.length - 1];
      if (before !== undefined) {
        low[before] = Math.min(low[before] as number, low[node] as number);
      }
      if (low[node] === index[node]) {
        let last = -1;
        while (last !== node) {
          last = open.pop() as number;
          component[last] = components;
        }
        components += 1;
      }
    }
  }
  return component;
}

/**
 * Numbers what hangs together of the nodes with one label, over edges between
 * nodes of that label; -1 where the label is negative.
 */
export function connectedParts(dag: Dag, labels: Int32Array): Int32Array {
  const part = new Int32Array(dag.size).fill(-1);
  const stack: number[] = [];
  let parts = 0;
  for (let root = 0; root < dag.size; root += 1) {
    if ((labels[root] as number) < 0 || part[root] !== -1) {
      continue;
    }
    stack.push(root);
    part[root] = parts;
    while (stack.length > 0) {
      const node = stack.pop() as number;
      for (const list of [targetsOf(dag, node), sourcesOf(dag, node)]) {
        for (const other of list) {
          if (part[other] === -1 && labels[other] === labels[root]) {
            part[other] = parts;
            stack.push(other);
          }
        }
      }
    }
    parts += 1;
  }
  return part;
}

/**
 * Marks, at each place of an order, whether all that goes on from there comes
 * from the node at that place: every way passes through it.
 *
 * Edges from nodes that nothing leads to are left out of account, but for the
 * first: another input that is read everywhere, like a mask, is on nobody's way.
 */
export function cutsOf(dag: Dag, order: Int32Array): Uint8Array {
  const { size } = dag;
  const place = new Int32Array(size);
  order.forEach((node, at) => {
    place[node] = at;
  });
  const cuts = new Uint8Array(size);
  // The furthest place that anything before reaches.
  let reach = -1;
  for (let at = 0; at < size; at += 1) {
    const node = order[at] as number;
    if (reach <= at) {
      cuts[at] = 1;
    }
    if (at > 0 && dag.inStart[node] === dag.inStart[node + 1]) {
      continue;
    }
    for (
      let e = dag.outStart[node] as number;
      e < (dag.outStart[node + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      reach = Math.max(reach, place[target] as number);
    }
  }
  return cuts;
}
