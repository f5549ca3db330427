/** The rows of the list of variables: layers in graph order, each with its own. */

import type { LayerNode, WeightCapture } from "../../wire/generated";
import {
  type FollowedLayer,
  findFollowed,
  followLayers,
} from "../dynamics/dynamics_rows";

/** A heading, or a variable below it. */
export type WeightRow =
  | { readonly kind: "layer"; readonly path: string; readonly className: string }
  | {
      readonly kind: "variable";
      readonly layer: string;
      readonly name: string;
      readonly capture: WeightCapture;
    };

/** Rows of the variables whose path, or whose layer's class, contains the text. */
export function weightRows(
  layers: readonly LayerNode[],
  captures: readonly WeightCapture[],
  text: string,
): WeightRow[] {
  const wanted = text.trim().toLowerCase();
  const rows: WeightRow[] = [];
  const visit = (layer: FollowedLayer) => {
    const found = layer.own
      .map((at) => captures[at])
      .filter(
        (capture): capture is WeightCapture =>
          capture !== undefined &&
          (capture.path.toLowerCase().includes(wanted) ||
            layer.path.toLowerCase().includes(wanted) ||
            layer.className.toLowerCase().includes(wanted)),
      );
    if (found.length > 0) {
      rows.push({ kind: "layer", path: layer.path, className: layer.className });
    }
    for (const capture of found) {
      const name = capture.path.slice(capture.path.lastIndexOf("/") + 1);
      rows.push({ kind: "variable", layer: layer.path, name, capture });
    }
    layer.children.forEach(visit);
  };
  followLayers(
    layers,
    captures.map(({ path }) => path),
  ).forEach(visit);
  return rows;
}

/**
 * Which variable is shown: the wanted one if it is of the selected layer or none is
 * selected, else the first of the layer, else the wanted or the first of all.
 */
export function chooseVariable(
  layers: readonly LayerNode[],
  captures: readonly WeightCapture[],
  layer: string | null,
  wanted: string | null,
): string | null {
  const paths = captures.map(({ path }) => path);
  const followed = followLayers(layers, paths);
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

/** Size of a change beside the size of what changed; NaN where either is not known. */
export function relativeChange(change: number | null, norm: number | null): number {
  return change === null || norm === null || norm === 0 ? Number.NaN : change / norm;
}
