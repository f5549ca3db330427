/** The rows of the list of variables. */

import type { WeightCapture } from "../../wire/generated";
import { type FollowedLayer, findFollowed } from "../dynamics/dynamics_rows";
import { orderVariables, type WeightOrder } from "./weight_order";

/** A heading, or a variable below it. */
export type WeightRow =
  | { readonly kind: "layer"; readonly path: string; readonly className: string }
  | {
      readonly kind: "variable";
      readonly layer: string;
      readonly name: string;
      readonly capture: WeightCapture;
    };

/** Which rows there are. */
export interface RowsQuery {
  /** What the path, or the class of the layer, contains. */
  readonly text: string;
  readonly order: WeightOrder;
  readonly reversed: boolean;
}

/**
 * Rows of the variables, below headings of their layers where that is the order.
 *
 * @param layers What `followLayers` found of the captures.
 * @param captures The variables.
 */
export function weightRows(
  layers: readonly FollowedLayer[],
  captures: readonly WeightCapture[],
  { text, order, reversed }: RowsQuery,
): WeightRow[] {
  const wanted = text.trim().toLowerCase();
  const owners = new Map<WeightCapture, FollowedLayer>();
  const visit = (layer: FollowedLayer) => {
    const words = `${layer.path}\n${layer.className}`.toLowerCase();
    for (const at of layer.own) {
      const capture = captures[at];
      if (
        capture !== undefined &&
        (words.includes(wanted) || capture.path.toLowerCase().includes(wanted))
      ) {
        owners.set(capture, layer);
      }
    }
    layer.children.forEach(visit);
  };
  layers.forEach(visit);
  const rows: WeightRow[] = [];
  let above: FollowedLayer | null = null;
  for (const capture of orderVariables([...owners.keys()], order, reversed)) {
    const layer = owners.get(capture) as FollowedLayer;
    if (order === "layer" && layer !== above) {
      rows.push({ kind: "layer", path: layer.path, className: layer.className });
      above = layer;
    }
    const name = capture.path.slice(capture.path.lastIndexOf("/") + 1);
    rows.push({ kind: "variable", layer: layer.path, name, capture });
  }
  return rows;
}

/**
 * Which variable is shown: the wanted one if it is of the selected layer or none is
 * selected, else the first of the layer, else the wanted or the first of all.
 */
export function chooseVariable(
  followed: readonly FollowedLayer[],
  captures: readonly WeightCapture[],
  layer: string | null,
  wanted: string | null,
): string | null {
  const paths = captures.map(({ path }) => path);
  const all =
    layer === null
      ? []
      : (findFollowed(followed, layer)?.all ?? []).map((at) => paths[at]);
  if (wanted !== null && (all.length === 0 || all.includes(wanted))) {
    return wanted;
  }
  const first = (some: readonly FollowedLayer[]): number | undefined => some[0]?.all[0];
  return all[0] ?? paths[first(followed) ?? -1] ?? null;
}
