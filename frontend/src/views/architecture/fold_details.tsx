/** What is known of a fold: why it is one, and what is in it. */

import { createFoldFacts } from "../../model/folding/fold_facts";
import { formatShare } from "../../model/format";
import { foldClass } from "../../model/graph/cards";
import type { FoldKind, GraphNode } from "../../model/graph/layer_graph";
import { childrenOf } from "../../model/graph/node_tree";
import { formatCount, formatShapes } from "../../model/layer_text";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { Fact, Section } from "./facts";

const WHY: Readonly<Record<FoldKind, string>> = {
  prefix: "Layers whose names begin alike",
  repeat: "Equal blocks in series: the same layers, shapes, parameters and wiring",
  block: "Layers between two places that all data pass",
  stage: "Layers in series that work at one size",
  range: "Layers in series, put together because there are many",
};
const FIRST_ROWS = 60;

/** Title, reason, sums, and the way to each part. */
export function FoldDetails({
  store,
  model,
  node,
  onSelect,
}: {
  store: Store;
  model: ArchitectureModel;
  node: number;
  /** Selects another fold. */
  onSelect: (key: string) => void;
}) {
  const { graph } = model;
  const { fold } = graph.nodes[node] as GraphNode;
  const facts = createFoldFacts(graph).get(node);
  if (fold === null || facts === undefined) {
    return null;
  }
  const children = childrenOf(graph.tree, node);
  const total = graph.graph.params;
  return (
    <>
      <h3 class="kv-arch-name" dir="auto">
        {fold.title}
      </h3>
      <p class="kv-arch-class">
        <strong dir="auto">{foldClass(fold, facts)}</strong>
        <span class="kv-muted">
          {WHY[fold.kind]}. The model itself has no such group.
        </span>
      </p>
      <dl class="kv-arch-facts">
        <Fact name="Layer calls">{formatCount(facts.calls)}</Fact>
        <Fact name="Input">
          <span class="kv-mono">{formatShapes(facts.inputs)}</span>
        </Fact>
        <Fact name="Output">
          <span class="kv-mono">{formatShapes(facts.outputs)}</span>
        </Fact>
        <Fact name="Parameters">{formatCount(facts.params)}</Fact>
        {total > 0 && facts.params > 0 && (
          <Fact name="– share">{formatShare(facts.params / total)} of the model</Fact>
        )}
      </dl>
      <Section title={`Directly inside (${formatCount(children.length)})`}>
        <ul class="kv-arch-children">
          {Array.from(children.subarray(0, FIRST_ROWS), (child) => {
            const { key, call } = graph.nodes[child] as GraphNode;
            const select = () =>
              call === null ? onSelect(key) : store.selectLayer(call.layer, call.call);
            return (
              <li key={key}>
                <button type="button" class="kv-arch-link" dir="auto" onClick={select}>
                  {model.cards[child]?.title}
                </button>
                <span class="kv-muted"> {model.cards[child]?.className}</span>
              </li>
            );
          })}
          {children.length > FIRST_ROWS && (
            <li class="kv-muted">
              and {formatCount(children.length - FIRST_ROWS)} more
            </li>
          )}
        </ul>
      </Section>
    </>
  );
}
