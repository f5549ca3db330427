/** Which groups of a graph are open; remembered for the run. */

import {
  callKey,
  groupsAround,
  groupsOf,
  isGroup,
  type LayerGraph,
} from "../../model/layer_graph";
import { firstOpen, type ViewMemory } from "./view_memory";

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
      const call = graph.calls[group];
      this.open[group] = call && this.keys.has(callKey(call)) ? 1 : 0;
    }
  }

  /** One flag per call. */
  flags(): Uint8Array {
    return this.open.slice();
  }

  set(group: number, open: boolean): void {
    const call = this.graph.calls[group];
    if (call === undefined) {
      return;
    }
    this.open[group] = open ? 1 : 0;
    if (open) {
      this.keys.add(callKey(call));
    } else {
      this.keys.delete(callKey(call));
    }
  }

  setAll(open: boolean): void {
    for (const group of groupsOf(this.graph.tree)) {
      this.set(group, open);
    }
  }

  /** @returns Whether the call is a group and has been turned round. */
  toggle(call: number): boolean {
    if (!isGroup(this.graph.tree, call)) {
      return false;
    }
    this.set(call, this.open[call] === 0);
    return true;
  }

  /** Opens all groups that a call is in; returns whether any was closed. */
  openAround(call: number): boolean {
    const closed = groupsAround(this.graph.tree, call).filter(
      (group) => this.open[group] === 0,
    );
    for (const group of closed) {
      this.set(group, true);
    }
    return closed.length > 0;
  }

  /** What stands for a call: the outermost closed group that it is in, or itself. */
  standsFor(call: number): number {
    const around = groupsAround(this.graph.tree, call);
    return around.findLast((group) => this.open[group] === 0) ?? call;
  }
}
