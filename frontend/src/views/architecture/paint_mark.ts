/** Tells the browser's profiler, and the benchmark, when a graph is first seen. */

import type { SceneIndex } from "../../model/graph/scene_index";

const known = new WeakSet<SceneIndex>();

/** Marks the first paint of each scene; call it after every paint. */
export function markPaint(index: SceneIndex): void {
  if (known.has(index)) {
    return;
  }
  known.add(index);
  const detail = {
    calls: index.graph.graph.nodes.length,
    drawn: index.scene.nodes.length,
  };
  performance.mark("kerasviz:graph", { detail });
}
