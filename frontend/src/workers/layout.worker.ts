/** Lays out graphs beside the page's thread, which stays free to draw. */

import { liftLinks } from "../model/graph/lifted_edges";
import { NestedLayout, type Scene } from "../model/layout/nested_layout";
import type { LayoutRequest, LayoutResponse } from "./layout_messages";

/** How often progress is told. */
const PROGRESS_MS = 100;

let current: { graph: number; layout: NestedLayout } | null = null;

self.onmessage = (event: MessageEvent<LayoutRequest>) => {
  const message = event.data;
  if (message.type === "graph") {
    const { tree, sizes } = message;
    const layout = new NestedLayout(tree, liftLinks(tree), sizes);
    current = { graph: message.graph, layout };
  } else if (current?.graph === message.graph) {
    answer(message.request, current.layout, message.open);
  }
};

function answer(request: number, layout: NestedLayout, open: Uint8Array): void {
  try {
    let told = performance.now();
    const scene = layout.layout(open, (done, total) => {
      const now = performance.now();
      if (now - told > PROGRESS_MS) {
        told = now;
        post({ type: "progress", request, done, total }, []);
      }
    });
    post({ type: "scene", request, scene }, buffersOf(scene));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    post({ type: "failed", request, message }, []);
  }
}

function post(response: LayoutResponse, transfer: Transferable[]): void {
  self.postMessage(response, { transfer });
}

function buffersOf(scene: Scene): Transferable[] {
  const buffers: Transferable[] = [];
  for (const value of Object.values(scene)) {
    if (ArrayBuffer.isView(value)) {
      buffers.push(value.buffer);
    }
  }
  return buffers;
}
