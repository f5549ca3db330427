/** Sees to it that no way leaves a group of nodes and comes back. */

import { createDag, type Dag, strongComponents } from "../graph/dag";

/** How often groups on a cycle are mended before they are given up. */
const ROUNDS = 4;
const NONE = -1;

/**
 * Takes in what is on a way out of a group and back, or gives the group up.
 *
 * @param label Group of each node, or -1; changed in place.
 */
export function mendCycles(dag: Dag, label: Int32Array): void {
  for (let round = 0; ; round += 1) {
    const cyclic = cyclesOf(dag, label);
    if (cyclic.size === 0) {
      return;
    }
    const givenUp = new Set<number>();
    for (const { nodes, groups } of cyclic.values()) {
      const [only] = groups;
      if (groups.size === 1 && only !== undefined && round < ROUNDS) {
        for (const node of nodes) {
          label[node] = only;
        }
      } else {
        for (const group of groups) {
          givenUp.add(group);
        }
      }
    }
    label.forEach((group, node) => {
      if (givenUp.has(group)) {
        label[node] = NONE;
      }
    });
  }
}

/** A cycle: nodes in no group, and groups. */
interface Cycle {
  readonly nodes: number[];
  readonly groups: Set<number>;
}

/** The cycles with a group in them, when each group stands for all that is in it. */
function cyclesOf(dag: Dag, label: Int32Array): Map<number, Cycle> {
  const stands = (node: number): number =>
    label[node] === NONE ? node : dag.size + (label[node] as number);
  const groups = label.reduce((most, group) => Math.max(most, group + 1), 0);
  const pairs: number[] = [];
  for (let node = 0; node < dag.size; node += 1) {
    for (
      let e = dag.outStart[node] as number;
      e < (dag.outStart[node + 1] as number);
      e += 1
    ) {
      const target = dag.out[e] as number;
      if (stands(node) !== stands(target)) {
        pairs.push(stands(node), stands(target));
      }
    }
  }
  const component = strongComponents(createDag(dag.size + groups, pairs));
  const cycles = new Map<number, Cycle>();
  label.forEach((group, node) => {
    const own = component[stands(node)] as number;
    const cycle = cycles.get(own) ?? { nodes: [], groups: new Set() };
    if (group === NONE) {
      cycle.nodes.push(node);
    } else {
      cycle.groups.add(group);
    }
    cycles.set(own, cycle);
  });
  for (const [own, { nodes, groups: inside }] of cycles) {
    if (inside.size === 0 || inside.size + nodes.length < 2) {
      cycles.delete(own);
    }
  }
  return cycles;
}
