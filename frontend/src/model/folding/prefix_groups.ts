/**
 * Groups of layers whose names begin alike, where they also hang together.
 *
 * Each level of groups is found by itself, from the outside in: names that begin
 * alike, then what has no name of its own and lies between them, and last a look
 * at the data flow. No way may leave a group and come back: what is on such a way
 * is taken in, or the group is given up.
 */

import {
  connectedParts,
  type Dag,
  depthsOf,
  sourcesOf,
  subgraph,
  targetsOf,
  topologicalOrder,
} from "../graph/dag";
import { mendCycles } from "./mend_cycles";
import {
  commonPrefix,
  createPrefixes,
  isList,
  namesOf,
  type Prefix,
} from "./name_prefixes";

/** What is grouped: node i has `names[i]`, and so on. */
export interface NamedNodes {
  readonly dag: Dag;
  /** Names that the author gave; empty where Keras made one up. */
  readonly names: readonly string[];
  /** 1 where the node is an input of the model. */
  readonly inputs: Uint8Array;
  /** 1 where it does something to each element alone, like an activation. */
  readonly elementwise: Uint8Array;
}

/** Groups by name. Group g is in group `parent[g]`, or in none if that is -1. */
export interface PrefixGroups {
  readonly titles: readonly string[];
  readonly parent: readonly number[];
  /** Innermost group of each node, or -1. */
  readonly groupOf: Int32Array;
}

/** Fewer than this are not worth a group. */
const LEAST = 3;
/** Most of what it would be taken from is no group: it would only be a frame. */
const MOST = 0.67;
const NONE = -1;

/**
 * Finds the groups.
 *
 * @param enough A level of no more nodes than this is left as it is.
 */
export function groupByPrefix(nodes: NamedNodes, enough: number): PrefixGroups {
  const titles: string[] = [];
  const parent: number[] = [];
  const groupOf = new Int32Array(nodes.dag.size).fill(NONE);
  const local = new Int32Array(nodes.dag.size).fill(NONE);
  const levels = [{ group: NONE, members: Int32Array.from(groupOf.keys()) }];
  while (levels.length > 0) {
    const { group, members } = levels.pop() as (typeof levels)[number];
    if (members.length <= enough) {
      continue;
    }
    const level = new Level(nodes, members, subgraph(nodes.dag, members, local));
    for (const found of level.groups()) {
      const own = Int32Array.from(found.members, (i) => members[i] as number);
      for (const node of own) {
        groupOf[node] = titles.length;
      }
      levels.push({ group: titles.length, members: own });
      titles.push(found.title);
      parent.push(group);
    }
  }
  return { titles, parent, groupOf };
}

/** The groups directly inside of one group, or the outermost ones. */
class Level {
  private readonly names: string[];
  private readonly order: Int32Array;
  /** Candidate of each node, or -1. */
  private readonly label: Int32Array;
  private candidates: Prefix[] = [];

  constructor(
    private readonly nodes: NamedNodes,
    private readonly members: Int32Array,
    private readonly dag: Dag,
  ) {
    this.names = Array.from(members, (node) => nodes.names[node] as string);
    this.order = topologicalOrder(dag);
    this.label = new Int32Array(dag.size).fill(NONE);
  }

  groups(): { title: string; members: number[] }[] {
    this.propose(this.acceptable(createPrefixes(this.names)));
    if (this.candidates.length === 0) {
      return [];
    }
    this.takeMerges();
    this.takeSideWays();
    const proposed = this.label.slice();
    this.label.set(this.parts(this.label));
    const prefixOf = this.prefixes(proposed);
    mendCycles(this.dag, this.label);
    return this.collect(prefixOf);
  }

  /** The outermost prefixes that make a group of their own. */
  private acceptable(root: Prefix): Prefix[] {
    const found: Prefix[] = [];
    const stack = [root];
    while (stack.length > 0) {
      const prefix = stack.pop() as Prefix;
      if (prefix.count < LEAST) {
        continue;
      }
      const whole = prefix.text === "" || prefix.count > MOST * this.dag.size;
      if (whole || isList(prefix)) {
        stack.push(...prefix.children);
      } else {
        found.push(longest(prefix));
      }
    }
    return found;
  }

  private propose(prefixes: readonly Prefix[]): void {
    for (const prefix of prefixes) {
      for (const node of namesOf(prefix)) {
        this.label[node] = this.candidates.length;
      }
      this.candidates.push(prefix);
    }
  }

  /** A merge without a name belongs to the block whose end it is. */
  private takeMerges(): void {
    const depth = depthsOf(this.dag, this.order);
    const taken = new Uint8Array(this.dag.size);
    for (const node of this.order) {
      if (this.label[node] !== NONE || this.names[node] !== "") {
        continue;
      }
      const sources = sourcesOf(this.dag, node);
      const first = sources[0];
      if (sources.length >= 2) {
        const label = this.deepest(sources, depth);
        const others = label === NONE ? [] : Array.from(sources);
        if (label !== NONE && others.every((source) => this.feeds(source, label))) {
          this.label[node] = label;
          taken[node] = 1;
        }
      } else if (
        first !== undefined &&
        taken[first] === 1 &&
        this.isElementwise(node)
      ) {
        this.label[node] = this.label[first] as number;
        taken[node] = 1;
      }
    }
  }

  private isElementwise(node: number): boolean {
    return this.nodes.elementwise[this.members[node] as number] === 1;
  }

  private deepest(sources: Int32Array, depth: Int32Array): number {
    let label = NONE;
    let most = -1;
    for (const source of sources) {
      if ((depth[source] as number) > most) {
        most = depth[source] as number;
        label = this.label[source] as number;
      }
    }
    return label;
  }

  /** Whether a node is in a candidate, or on a short way beside it. */
  private feeds(node: number, label: number): boolean {
    let at = node;
    for (let steps = 0; steps < 6; steps += 1) {
      if (this.label[at] === label) {
        return true;
      }
      if (targetsOf(this.dag, at).some((target) => this.label[target] === label)) {
        return true;
      }
      const sources = sourcesOf(this.dag, at);
      if (sources.length !== 1 || this.label[at] !== NONE) {
        return false;
      }
      at = sources[0] as number;
    }
    return false;
  }

  /** What is beside the main way belongs to the only group that it feeds. */
  private takeSideWays(): void {
    const main = this.onMainWay();
    const take = (node: number, around: Int32Array): void => {
      const free = this.label[node] === NONE && main[node] === 0;
      const first = around[0];
      const input = this.nodes.inputs[this.members[node] as number] === 1;
      if (free && !input && first !== undefined) {
        const label = this.label[first] as number;
        if (around.every((other) => this.label[other] === label)) {
          this.label[node] = label;
        }
      }
    };
    for (let i = this.order.length - 1; i >= 0; i -= 1) {
      const node = this.order[i] as number;
      take(node, targetsOf(this.dag, node));
    }
    for (const node of this.order) {
      take(node, sourcesOf(this.dag, node));
    }
  }

  /** Marks nodes that every way passes through. */
  private onMainWay(): Uint8Array {
    const { dag, order } = this;
    const place = new Int32Array(dag.size);
    order.forEach((node, at) => {
      place[node] = at;
    });
    const main = new Uint8Array(dag.size);
    let reach = -1;
    order.forEach((node, at) => {
      main[node] = reach <= at ? 1 : 0;
      for (
        let e = dag.outStart[node] as number;
        e < (dag.outStart[node + 1] as number);
        e += 1
      ) {
        const target = dag.out[e] as number;
        reach = Math.max(reach, place[target] as number);
      }
    });
    return main;
  }

  /** The candidate that each part is of, where it is the only part of it. */
  private prefixes(proposed: Int32Array): ReadonlyMap<number, string> {
    const parts = new Map<number, Set<number>>();
    proposed.forEach((candidate, node) => {
      const part = this.label[node] as number;
      if (part !== NONE) {
        parts.set(candidate, (parts.get(candidate) ?? new Set()).add(part));
      }
    });
    const names = new Map<number, string>();
    for (const [candidate, own] of parts) {
      const [part] = own;
      if (own.size === 1 && part !== undefined) {
        names.set(part, (this.candidates[candidate] as Prefix).text);
      }
    }
    return names;
  }

  /** What hangs together of each candidate, where it is large enough. */
  private parts(label: Int32Array): Int32Array {
    const parts = connectedParts(this.dag, label);
    const sizes = new Map<number, number>();
    for (const part of parts) {
      sizes.set(part, (sizes.get(part) ?? 0) + 1);
    }
    return parts.map((part) => ((sizes.get(part) as number) < LEAST ? NONE : part));
  }

  private collect(
    prefixOf: ReadonlyMap<number, string>,
  ): { title: string; members: number[] }[] {
    const members = new Map<number, number[]>();
    for (const node of this.order) {
      const label = this.label[node] as number;
      if (label !== NONE) {
        const list = members.get(label);
        if (list === undefined) {
          members.set(label, [node]);
        } else {
          list.push(node);
        }
      }
    }
    return [...members]
      .filter(([, own]) => own.length >= LEAST && own.length < 0.9 * this.dag.size)
      .map(([part, own]) => {
        const named = own.map((node) => this.names[node] as string);
        const title = prefixOf.get(part) ?? this.titleOf(named.filter(Boolean));
        return { title, members: own };
      });
  }

  /** What most of the names begin with: some may have been taken in. */
  private titleOf(names: readonly string[]): string {
    const common = commonPrefix(names);
    if (common !== "") {
      return common;
    }
    let best = createPrefixes(names);
    for (;;) {
      const longer = best.children.find((child) => child.count > names.length / 2);
      if (longer === undefined) {
        return best.text;
      }
      best = longer;
    }
  }
}

/** Where all go on alike, what they all begin with is longer. */
function longest(prefix: Prefix): Prefix {
  let at = prefix;
  for (;;) {
    const only = at.children.length === 1 ? at.children[0] : undefined;
    if (only === undefined || at.own.length > 0 || isList(only)) {
      return at;
    }
    at = only;
  }
}
