/** The notes on a model, worked out when there is time for it. */

import { useEffect, useState } from "preact/hooks";
import { type Advice, adviseOn } from "../../model/advice/advice";
import type { LayerGraph } from "../../model/graph/layer_graph";

/** Up to so many calls, nobody notices that it is done at once. */
const AT_ONCE = 3_000;
/** Notes on larger graphs wait until the graph is painted, in ms. */
const LATER = 400;

const NONE: readonly Advice[] = [];

/** All notes; none yet while a large graph is not painted. */
export function useAdvice(graph: LayerGraph): readonly Advice[] {
  const [ready, setReady] = useState<LayerGraph | null>(null);
  const small = graph.graph.nodes.length <= AT_ONCE;
  useEffect(() => {
    if (small) {
      return undefined;
    }
    const timer = setTimeout(() => setReady(graph), LATER);
    return () => clearTimeout(timer);
  }, [graph, small]);
  return small || ready === graph ? adviseOn(graph) : NONE;
}
