/** Which groups of a graph are open; remembered for the run. */

import { firstOpen } from "../../model/folding/first_sight";
import type { LayerGraph } from "../../model/graph/layer_graph";
import { groupsAround, groupsOf, isGroup } from "../../model/graph/node_tree";
import type { ViewMemory } from "./view_memory";

/** The open groups of one graph. */
export class OpenGroups {
  private readonly open: Uint8Array;
  private readonly keys: Set<string>;

  constructor(
    private readonly graph: LayerGraph,
    memory: ViewMemory,
  ) {
    memory.open ??= firstOpen(graph);
    this.keys = memory.open;
    this.open = new Uint8Array(graph.tree.size);
    for (const group of groupsOf(graph.tree)) {
      this.open[group] = this.keys.has(this.keyOf(group)) ? 1 : 0;
    }
  }

  /** One flag per node. */
  flags(): Uint8Array {
    return this.open.slice();
  }

  set(group: number, open: boolean): void {
    this.open[group] = open ? 1 : 0;
    if (open) {
      this.keys.add(this.keyOf(group));
    } else {
      this.keys.delete(this.keyOf(group));
    }
  }

  /** The open groups, a line each; null if they are those of the first sight. */
  text(): string | null {
    const open = groupsOf(this.graph.tree).filter((group) => this.open[group] === 1);
    const keys = open.map((group) => this.keyOf(group));
    const first = firstOpen(this.graph);
    const same = keys.length === first.size && keys.every((key) => first.has(key));
    return same ? null : keys.join("\n");
  }

  /** @param flags What `flags()` gave. */
  restore(flags: Uint8Array): void {
    for (const group of groupsOf(this.graph.tree)) {
      this.set(group, flags[group] === 1);
    }
  }

  setAll(open: boolean): void {
    for (const group of groupsOf(this.graph.tree)) {
      this.set(group, open);
    }
  }

  /** @returns Whether the node is a group and has been turned round. */
  toggle(node: number): boolean {
    if (!isGroup(this.graph.tree, node)) {
      return false;
    }
    this.set(node, this.open[node] === 0);
    return true;
  }

  /** Opens all groups that a node is in; returns whether any was closed. */
  openAround(node: number): boolean {
    const closed = groupsAround(this.graph.tree, node).filter(
      (group) => this.open[group] === 0,
    );
    for (const group of closed) {
      this.set(group, true);
    }
    return closed.length > 0;
  }

  /** What stands for a node: the outermost closed group that it is in, or itself. */
  standsFor(node: number): number {
    const around = groupsAround(this.graph.tree, node);
    return around.findLast((group) => this.open[group] === 0) ?? node;
  }

  private keyOf(group: number): string {
    return this.graph.nodes[group]?.key ?? "";
  }
}
