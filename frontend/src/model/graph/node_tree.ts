/**
 * The tree of what is drawn, as plain numbers.
 *
 * A *node* is one drawn thing. One that has nodes inside it is a *group*: it is
 * drawn as a card while it is closed, and as a frame around them while it is
 * open. Everything here is iterative, so that depth is no limit.
 */

/** Stands for "no node": the parent of the outermost nodes. */
export const ROOT = -1;

/** The tree of nodes and the data flow between its leaves. */
export interface NodeTree {
  /** Number of nodes. */
  readonly size: number;
  /** Group that each node is in, or `ROOT`. Always below the node itself. */
  readonly parent: Int32Array;
  /** Nodes inside of group g: `children[childStart[g + 1] .. childStart[g + 2]]`. */
  readonly childStart: Int32Array;
  readonly children: Int32Array;
  /** Pairs (source, target) of leaves. */
  readonly links: Int32Array;
}

/**
 * Builds the tree; links that do not lead from a leaf to another are left out.
 *
 * @param parent Group of each node, or `ROOT`; always below the node itself.
 * @param links Pairs (source, target), one after the other.
 */
export function createNodeTree(parent: Int32Array, links: ArrayLike<number>): NodeTree {
  const size = parent.length;
  const childStart = new Int32Array(size + 2);
  for (let id = 0; id < size; id += 1) {
    const slot = (parent[id] as number) + 2;
    childStart[slot] = (childStart[slot] as number) + 1;
  }
  for (let slot = 1; slot < childStart.length; slot += 1) {
    childStart[slot] = (childStart[slot] as number) + (childStart[slot - 1] as number);
  }
  const next = childStart.slice();
  const children = new Int32Array(size);
  for (let id = 0; id < size; id += 1) {
    const slot = (parent[id] as number) + 1;
    const place = next[slot] as number;
    children[place] = id;
    next[slot] = place + 1;
  }
  const isLeaf = (id: number): boolean =>
    Number.isInteger(id) &&
    id >= 0 &&
    id < size &&
    childStart[id + 1] === childStart[id + 2];
  const valid = new Int32Array(links.length);
  let count = 0;
  for (let i = 0; i < links.length; i += 2) {
    const source = links[i] as number;
    const target = links[i + 1] as number;
    if (source !== target && isLeaf(source) && isLeaf(target)) {
      valid[count] = source;
      valid[count + 1] = target;
      count += 2;
    }
  }
  return { size, parent, childStart, children, links: valid.slice(0, count) };
}

/**
 * Numbers calls and groups around them so that each comes directly before all that
 * is in it, and what is side by side in the order of its first calls.
 *
 * @param calls The calls; element e is call e while there are so many.
 * @param around Element that each element is in, or `ROOT`; further ones are
 *     groups. Those that nothing is in are left out.
 * @returns The tree, the element of each node, and the node of each element.
 */
export function numberElements(
  calls: NodeTree,
  around: ArrayLike<number>,
): { tree: NodeTree; order: Int32Array; numbers: Int32Array } {
  const size = around.length;
  // What is directly inside of each element, as lists in two arrays: the first of
  // an element, and the one after another. Slot 0 is for the outermost ones.
  const first = new Int32Array(size + 1).fill(ROOT);
  const last = new Int32Array(size + 1).fill(ROOT);
  const after = new Int32Array(size).fill(ROOT);
  const seen = new Uint8Array(size);
  for (let call = 0; call < calls.size; call += 1) {
    let element = call;
    while (element !== ROOT && seen[element] === 0) {
      seen[element] = 1;
      const group = around[element] as number;
      const before = last[group + 1] as number;
      if (before === ROOT) {
        first[group + 1] = element;
      } else {
        after[before] = element;
      }
      last[group + 1] = element;
      element = group;
    }
  }
  const order = new Int32Array(size);
  const numbers = new Int32Array(size).fill(ROOT);
  const stack: number[] = [];
  let next = 0;
  let at = first[0] as number;
  while (at !== ROOT) {
    order[next] = at;
    numbers[at] = next;
    next += 1;
    if (after[at] !== ROOT) {
      stack.push(after[at] as number);
    }
    const own = first[at + 1] as number;
    at = own === ROOT ? (stack.pop() ?? ROOT) : own;
  }
  const used = order.subarray(0, next);
  const parent = Int32Array.from(used, (element) => {
    const group = around[element] as number;
    return group === ROOT ? ROOT : (numbers[group] as number);
  });
  const links = calls.links.map((call) => numbers[call] as number);
  return { tree: createNodeTree(parent, links), order: used, numbers };
}

/** The nodes directly inside of a group, or the outermost ones. */
export function childrenOf(tree: NodeTree, group: number): Int32Array {
  return tree.children.subarray(tree.childStart[group + 1], tree.childStart[group + 2]);
}

/** Whether a node has nodes inside it. */
export function isGroup(tree: NodeTree, node: number): boolean {
  return tree.childStart[node + 1] !== tree.childStart[node + 2];
}

/** All groups, outer ones first. */
export function groupsOf(tree: NodeTree): number[] {
  const groups: number[] = [];
  for (let id = 0; id < tree.size; id += 1) {
    if (isGroup(tree, id)) {
      groups.push(id);
    }
  }
  return groups;
}

/** The groups that a node is in, innermost first. */
export function groupsAround(tree: NodeTree, node: number): number[] {
  const groups: number[] = [];
  let group = tree.parent[node] ?? ROOT;
  while (group !== ROOT) {
    groups.push(group);
    group = tree.parent[group] as number;
  }
  return groups;
}

/**
 * Which node stands for each node when only some groups are open: itself, or
 * the outermost closed group that it is in.
 *
 * @param open One flag per node.
 */
export function representatives(tree: NodeTree, open: Uint8Array): Int32Array {
  const shown = new Int32Array(tree.size);
  for (let id = 0; id < tree.size; id += 1) {
    const group = tree.parent[id] as number;
    if (group === ROOT) {
      shown[id] = id;
    } else {
      const standing = shown[group] as number;
      shown[id] = standing === group && open[group] === 1 ? id : standing;
    }
  }
  return shown;
}

/** One flag per node: 1 on a node and on all that is in it. */
export function membersOf(tree: NodeTree, node: number): Uint8Array {
  const inside = new Uint8Array(tree.size);
  inside[node] = 1;
  if (isGroup(tree, node)) {
    for (let id = node + 1; id < tree.size; id += 1) {
      const parent = tree.parent[id] as number;
      if (parent !== ROOT && inside[parent] === 1) {
        inside[id] = 1;
      }
    }
  }
  return inside;
}
