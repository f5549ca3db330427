/** The layers as comma-separated values (RFC 4180), for spreadsheets and scripts. */

import type { LayerNode } from "../../wire/generated";
import type { LayerGraph } from "../graph/layer_graph";
import { formatShape } from "../layer_text";
import { type CsvCell, csvLine } from "./csv";

/** The columns, and what each holds of a layer. Numbers are not rounded. */
const COLUMNS: Readonly<
  Record<string, (layer: LayerNode, graph: LayerGraph, sources: Sources) => CsvCell>
> = {
  path: (layer) => layer.path,
  name: (layer) => layer.name,
  class_name: (layer) => layer.class_name,
  module: (layer) => layer.module,
  kind: (layer) => layer.kind,
  inside_of: (layer, graph) => graph.holder.get(layer.path) ?? "",
  calls: (layer) => layer.calls,
  input_shapes: (layer) => layer.input_shapes.map(formatShape).join("; "),
  output_shapes: (layer) => layer.output_shapes.map(formatShape).join("; "),
  output_dtypes: (layer) => layer.output_dtypes.join("; "),
  dtype_policy: (layer) => layer.dtype_policy,
  trainable: (layer) => (layer.trainable ? "yes" : "no"),
  params: (layer) => layer.params,
  trainable_params: (layer) => layer.trainable_params,
  share_of_params: (layer, graph) =>
    graph.graph.params > 0 ? layer.params / graph.graph.params : 0,
  multiply_adds: (layer) => layer.multiply_adds,
  unknown_multiply_adds: (layer) => layer.unknown_multiply_adds,
  activation_bytes: (layer) => layer.activation_bytes,
  unknown_activation_bytes: (layer) => layer.unknown_activation_bytes,
  connected_to: (layer, _, sources) => (sources.get(layer.path) ?? []).join("; "),
};

type Sources = ReadonlyMap<string, readonly string[]>;

/**
 * Writes one line per layer, in the order of the model.
 *
 * @param sources Names of the layers that each layer takes its inputs from.
 * @returns The document, in pieces that are to be written one after the other.
 */
export function toCsv(graph: LayerGraph, sources: Sources): string[] {
  const columns = Object.values(COLUMNS);
  return [
    csvLine(Object.keys(COLUMNS)),
    ...graph.layers.map((layer) =>
      csvLine(columns.map((column) => column(layer, graph, sources))),
    ),
  ];
}
