/** What the view derives from a graph, without holding the page up for it. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { ModelGraph } from "../../wire/generated";
import {
  type ArchitectureModel,
  architectureModel,
  buildModel,
} from "./architecture_model";

/** Graphs of more calls than this are indexed in several steps. */
const LARGE = 5_000;
/** How long the page waits for them at a time. */
const TASK_MS = 40;

/** The model of a graph; null while that of a large one is being built. */
export function useArchitectureModel(graph: ModelGraph): ArchitectureModel | null {
  const built = useSignal<{ graph: ModelGraph; model: ArchitectureModel } | null>(null);
  const large = graph.nodes.length > LARGE;
  useEffect(() => {
    if (!large) {
      return undefined;
    }
    const steps = buildModel(graph);
    // A timer would wait some milliseconds each time that it is set.
    const { port1, port2 } = new MessageChannel();
    const go = () => {
      const until = performance.now() + TASK_MS;
      let step = steps.next();
      while (!step.done && performance.now() < until) {
        step = steps.next();
      }
      if (step.done) {
        built.value = { graph, model: step.value };
      } else {
        port2.postMessage(null);
      }
    };
    port1.onmessage = go;
    go();
    return () => port1.close();
  }, [graph, large, built]);
  if (!large) {
    return architectureModel(graph);
  }
  return built.value?.graph === graph ? built.value.model : null;
}
