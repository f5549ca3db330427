/** Asks the layout worker, or does without one where there is none. */

import type { LiftedEdges } from "../model/graph/lifted_edges";
import type { NodeTree } from "../model/graph/node_tree";
import {
  type CardSizes,
  NestedLayout,
  type Scene,
} from "../model/layout/nested_layout";
import type { LayoutRequest, LayoutResponse } from "./layout_messages";

/** Lays out a graph; only the latest request for it is answered. */
export interface LayoutClient {
  /** Takes another graph. */
  setGraph(tree: NodeTree, edges: LiftedEdges, sizes: CardSizes): void;
  /**
   * Lays it out with these groups open.
   *
   * @returns The scene, or null when a later request has taken its place.
   */
  layout(open: Uint8Array): Promise<Scene | null>;
  /** Gives up the request that is being worked on, if there is one. */
  cancel(): void;
  destroy(): void;
}

/** Told how many open groups are laid out, and how many there are. */
export type OnProgress = (done: number, total: number) => void;

/** Starts a worker where the browser has workers. */
export function createLayoutClient(onProgress: OnProgress = () => {}): LayoutClient {
  if (typeof Worker === "undefined") {
    return new DirectLayout();
  }
  return new WorkerLayout(
    () =>
      new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" }),
    onProgress,
  );
}

/** Works on the page's own thread. */
class DirectLayout implements LayoutClient {
  private nested: NestedLayout | null = null;

  setGraph(tree: NodeTree, edges: LiftedEdges, sizes: CardSizes): void {
    this.nested = new NestedLayout(tree, edges, sizes);
  }

  async layout(open: Uint8Array): Promise<Scene | null> {
    return this.nested?.layout(open) ?? null;
  }

  cancel(): void {
    // It has ended before anybody can ask.
  }

  destroy(): void {
    this.nested = null;
  }
}

interface Waiting {
  readonly request: number;
  readonly resolve: (scene: Scene | null) => void;
  readonly reject: (error: Error) => void;
  readonly open: Uint8Array;
}

class WorkerLayout implements LayoutClient {
  private graph = 0;
  private request = 0;
  private waiting: Waiting | null = null;
  private fallback: DirectLayout | null = null;
  private parts: [NodeTree, LiftedEdges, CardSizes] | null = null;

  private worker: Worker;

  constructor(
    private readonly start: () => Worker,
    private readonly onProgress: OnProgress,
  ) {
    this.worker = this.listen(start());
  }

  private listen(worker: Worker): Worker {
    worker.onmessage = (event: MessageEvent<LayoutResponse>) =>
      this.onAnswer(event.data);
    // A worker that cannot be loaded must not leave the tab without a graph.
    worker.onerror = (event) => {
      event.preventDefault();
      void this.doWithout();
    };
    return worker;
  }

  setGraph(tree: NodeTree, edges: LiftedEdges, sizes: CardSizes): void {
    this.parts = [tree, edges, sizes];
    this.fallback?.setGraph(tree, edges, sizes);
    this.graph += 1;
    this.post({ type: "graph", graph: this.graph, tree, sizes });
  }

  layout(open: Uint8Array): Promise<Scene | null> {
    this.waiting?.resolve(null);
    this.waiting = null;
    if (this.fallback !== null) {
      return this.fallback.layout(open);
    }
    this.request += 1;
    const request = this.request;
    const { promise, resolve, reject } = withResolvers<Scene | null>();
    this.waiting = { request, resolve, reject, open };
    this.post({ type: "layout", graph: this.graph, request, open });
    return promise;
  }

  cancel(): void {
    if (this.waiting === null) {
      return;
    }
    this.waiting.resolve(null);
    this.waiting = null;
    // A worker that is busy hears nothing: another one takes its place.
    this.worker.terminate();
    this.worker = this.listen(this.start());
    if (this.parts !== null) {
      const [tree, , sizes] = this.parts;
      this.post({ type: "graph", graph: this.graph, tree, sizes });
    }
  }

  destroy(): void {
    this.waiting?.resolve(null);
    this.waiting = null;
    this.worker.terminate();
  }

  private post(message: LayoutRequest): void {
    this.worker.postMessage(message);
  }

  private onAnswer(response: LayoutResponse): void {
    const { waiting } = this;
    if (waiting === null || waiting.request !== response.request) {
      return;
    }
    if (response.type === "progress") {
      this.onProgress(response.done, response.total);
      return;
    }
    this.waiting = null;
    if (response.type === "scene") {
      waiting.resolve(response.scene);
    } else {
      waiting.reject(new Error(response.message));
    }
  }

  private async doWithout(): Promise<void> {
    if (this.parts === null || this.fallback !== null) {
      return;
    }
    this.fallback = new DirectLayout();
    this.fallback.setGraph(...this.parts);
    const { waiting } = this;
    this.waiting = null;
    if (waiting !== null) {
      waiting.resolve(await this.fallback.layout(waiting.open));
    }
  }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => {};
  let reject: (error: Error) => void = () => {};
  const promise = new Promise<T>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { promise, resolve, reject };
}
