/** What each layer takes its inputs from. */

import type { ModelGraph } from "../../wire/generated";

/** One input of a call. */
export interface WiredInput {
  /** Path of the layer whose call made it; empty if that is not known. */
  readonly layer: string;
  /** Which call of that layer. */
  readonly call: number;
  /** Which output of that call; null = it was not recorded. */
  readonly output: number | null;
}

/** Inputs of every call of each layer, by path; only of calls that hold no others. */
export type Wiring = ReadonlyMap<string, readonly (readonly WiredInput[])[]>;

/**
 * Reads the wiring of a graph.
 *
 * In the order of the arguments where it was recorded (`ordered`), else in the
 * order of the calls that make them.
 */
export function readWiring(graph: ModelGraph): { wiring: Wiring; ordered: boolean } {
  const { nodes } = graph;
  const ordered = nodes.some((node) => node.inputs.length > 0);
  const holds = new Uint8Array(nodes.length);
  for (const node of nodes) {
    if (node.parent !== null) {
      holds[node.parent] = 1;
    }
  }
  const input = (id: number, output: number | null): WiredInput => {
    const node = nodes[id];
    return { layer: node?.layer ?? "", call: node?.call ?? 0, output };
  };
  const taken: WiredInput[][] = nodes.map((node) =>
    node.inputs.map((source) =>
      source === null ? { layer: "", call: 0, output: null } : input(...source),
    ),
  );
  if (!ordered) {
    for (const [source, target] of [...graph.links].sort((a, b) => a[0] - b[0])) {
      taken[target]?.push(input(source, null));
    }
  }
  const wiring = new Map<string, WiredInput[][]>();
  nodes.forEach((node, id) => {
    if (holds[id] === 1) {
      return;
    }
    const calls = wiring.get(node.layer);
    if (calls === undefined) {
      wiring.set(node.layer, [taken[id] as WiredInput[]]);
    } else {
      calls.push(taken[id] as WiredInput[]);
    }
  });
  return { wiring, ordered };
}
