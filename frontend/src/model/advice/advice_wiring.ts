/** Notes on what is made and never used. */

import type { CallNode, LayerNode } from "../../wire/generated";
import type { LayerGraph } from "../graph/layer_graph";
import { familyOf } from "../layer_family";
import { formatCount, formatShape } from "../layer_text";
import type { Advice } from "./advice_note";

const MAX_OUTPUTS = 2 ** 16;

/**
 * Layers that nothing calls, although others beside them are called.
 *
 * Layers without weights, like a Dropout that is off, are left out: a model may
 * well hold them without need.
 */
export function findUnconnected(graph: LayerGraph): Advice[] {
  const found: Advice[] = [];
  const beside = (layers: readonly LayerNode[], holder: LayerNode | null): void => {
    const called = layers.filter((layer) => isCalled(graph, layer));
    const sure = called.length > 0 && isTraced(graph, holder, called);
    for (const layer of layers) {
      if (sure && !isCalled(graph, layer) && mayHaveWeights(layer)) {
        found.push(noteOnUncalled(layer, holder));
      }
    }
  };
  beside(graph.graph.layers, null);
  for (const layer of graph.layers) {
    if (layer.children.length > 1) {
      beside(layer.children, layer);
    }
  }
  return found;
}

function isCalled(graph: LayerGraph, layer: LayerNode): boolean {
  return layer.calls > 0 || graph.callsOf.has(layer.path);
}

/** Whether what is called inside of a layer is fully known. */
function isTraced(
  graph: LayerGraph,
  holder: LayerNode | null,
  called: readonly LayerNode[],
): boolean {
  const layers = holder === null ? called : [...called, holder];
  return layers.every((layer) =>
    (graph.callsOf.get(layer.path) ?? []).every(
      (node) => (graph.nodes[node]?.call?.untraced ?? "") === "",
    ),
  );
}

function mayHaveWeights(layer: LayerNode): boolean {
  if (layer.params > 0) {
    return true;
  }
  // What is never called is never built: its variables do not exist yet.
  const families = [
    "dense",
    "convolution",
    "recurrent",
    "attention",
    "normalization",
    "model",
  ];
  return families.includes(familyOf(layer)) || layer.source_file !== "";
}

function noteOnUncalled(layer: LayerNode, holder: LayerNode | null): Advice {
  const where = holder === null ? "the model" : `\`${holder.name}\``;
  const weights =
    layer.params > 0 ? ` Its ${formatCount(layer.params)} parameters never train.` : "";
  return {
    path: layer.path,
    title: "Never called",
    text:
      `${where === "the model" ? "The model" : where} holds it, but no call of it was ` +
      `seen: it changes nothing of what ${where} returns.${weights} Call it, or take ` +
      "it out.",
  };
}

/** Outputs that no layer reads and the model does not return. */
export function findUnread(graph: LayerGraph): Advice[] {
  if (graph.graph.outputs.length === 0 || !inputsAreKnown(graph)) {
    return [];
  }
  const read = outputsThatAreRead(graph);
  const found = new Map<string, Advice>();
  for (const call of leafCalls(graph)) {
    const layer = graph.byPath.get(call.layer);
    if (layer === undefined || found.has(layer.path) || call.untraced !== "") {
      continue;
    }
    const unread: number[] = [];
    for (let output = 0; output < call.output_shapes.length; output += 1) {
      if (!read.has(outputKey(call.id, output))) {
        unread.push(output);
      }
    }
    if (unread.length === 0) {
      continue;
    }
    const several = (graph.callsOf.get(layer.path)?.length ?? 0) > 1;
    const note = noteOnUnread(layer, call, unread, several);
    if (note !== null) {
      found.set(layer.path, note);
    }
  }
  return [...found.values()];
}

function noteOnUnread(
  layer: LayerNode,
  call: CallNode,
  unread: readonly number[],
  several: boolean,
): Advice | null {
  const all = call.output_shapes.length;
  if (unread.length === 0 || layer.kind === "operation") {
    return null;
  }
  if (unread.length < all) {
    // States and attention scores are returned on request and often put aside.
    if (["recurrent", "attention"].includes(familyOf(layer))) {
      return null;
    }
    const names = unread.map((output) => {
      const shape = call.output_shapes[output];
      return `${output} ${shape === undefined ? "" : formatShape(shape)}`.trim();
    });
    const which = unread.length === 1 ? "output" : "outputs";
    return {
      path: layer.path,
      title: unread.length === 1 ? "An output is not used" : "Outputs are not used",
      text:
        `Nothing reads ${which} ${names.slice(0, 5).join(", ")} (counted from 0, of ` +
        `${all}), and the model does not return ${unread.length === 1 ? "it" : "them"}. ` +
        "If that is meant, nothing is wrong but the work of making it.",
    };
  }
  if (familyOf(layer) === "regularization" || /loss|metric/i.test(layer.class_name)) {
    return null;
  }
  return layer.kind === "input"
    ? {
        path: layer.path,
        title: "An input that nothing reads",
        text: "The model takes this input, but what it holds does not matter.",
      }
    : {
        path: layer.path,
        title: "Nothing reads its output",
        text:
          `${several ? `Call ${call.call + 1} of it is a dead end` : "A dead end"}: no ` +
          "layer takes what it returns, and neither does the model return it. That is " +
          "work for nothing, unless it adds a loss.",
      };
}

/** A number for each output of each call; outputs beyond `MAX_OUTPUTS` do not occur. */
function outputKey(call: number, output: number): number {
  return call * MAX_OUTPUTS + output;
}

function outputsThatAreRead(graph: LayerGraph): Set<number> {
  const { nodes, links, outputs } = graph.graph;
  const read = new Set(outputs.map(({ node, output }) => outputKey(node, output)));
  for (const call of nodes) {
    for (const input of call.inputs) {
      if (input !== null) {
        read.add(outputKey(input[0], input[1]));
      }
    }
  }
  for (const [source, target] of links) {
    // The input of a nested model says no more than that something flows in.
    if (!nodes[target]?.inputs.some((input) => input?.[0] === source)) {
      nodes[source]?.output_shapes.forEach((_, output) => {
        read.add(outputKey(source, output));
      });
    }
  }
  return read;
}

function leafCalls(graph: LayerGraph): readonly CallNode[] {
  const { nodes } = graph.graph;
  const groups = new Set(nodes.map((call) => call.parent));
  return nodes.filter((call) => !groups.has(call.id));
}

/** Whether it is known, for every leaf call, what made each of its inputs. */
function inputsAreKnown(graph: LayerGraph): boolean {
  return leafCalls(graph).every(
    (call) =>
      call.inputs.length === call.input_shapes.length && !call.inputs.includes(null),
  );
}
