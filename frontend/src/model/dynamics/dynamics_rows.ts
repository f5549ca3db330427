/** The rows of the map of dynamics: layers in graph order, open to their variables. */

import type { LayerNode } from "../../wire/generated";

/** One row. */
export interface DynamicsRow {
  /** Tells rows apart; the path of the layer or of the variable. */
  readonly key: string;
  readonly kind: "layer" | "variable";
  readonly name: string;
  /** Path of the layer that the row belongs to. */
  readonly layer: string;
  readonly className: string;
  /** How deep it is nested. */
  readonly depth: number;
  /** Indices of the variables that it stands for. */
  readonly variables: readonly number[];
  /** Whether it has rows below it. */
  readonly opens: boolean;
  readonly isOpen: boolean;
}

/** Layers of a graph that have variables that are followed, nested as they are. */
export interface FollowedLayer {
  readonly path: string;
  readonly name: string;
  readonly className: string;
  readonly own: readonly number[];
  readonly children: readonly FollowedLayer[];
  /** All of its variables, those of its children included. */
  readonly all: readonly number[];
}

/** From this many rows on, nested models are closed at first. */
const MANY_ROWS = 60;

/**
 * Finds the layers of the variables.
 *
 * @param layers Layers of the model graph; empty where none was logged.
 * @param variables Paths of the variables that are followed.
 */
export function followLayers(
  layers: readonly LayerNode[],
  variables: readonly string[],
): FollowedLayer[] {
  const index = new Map(variables.map((path, at) => [path, at]));
  const seen = new Set<number>();
  const visit = (layer: LayerNode): FollowedLayer | null => {
    const own = layer.variables
      .map(({ path }) => index.get(path))
      .filter((at) => at !== undefined && !seen.has(at)) as number[];
    for (const at of own) {
      seen.add(at);
    }
    const children = layer.children
      .map(visit)
      .filter((child): child is FollowedLayer => child !== null);
    const all = [...own, ...children.flatMap((child) => child.all)];
    return all.length === 0
      ? null
      : {
          path: layer.path,
          name: layer.path,
          className: layer.class_name,
          own,
          children,
          all,
        };
  };
  const found = layers
    .map(visit)
    .filter((layer): layer is FollowedLayer => layer !== null);
  // Variables of the model itself, or of a layer that the graph does not show.
  const rest = new Map<string, number[]>();
  variables.forEach((path, at) => {
    if (!seen.has(at)) {
      const scope = path.slice(0, Math.max(0, path.lastIndexOf("/")));
      rest.set(scope, [...(rest.get(scope) ?? []), at]);
    }
  });
  for (const [scope, own] of rest) {
    const name = scope === "" ? "the model's own" : scope;
    found.push({ path: scope, name, className: "", own, children: [], all: own });
  }
  return found;
}

/** Whether a layer is open at first: nested models of small graphs are. */
export function isOpenAtFirst(layer: FollowedLayer, total: number): boolean {
  return layer.children.length > 0 && total <= MANY_ROWS;
}

/**
 * Lists the rows that are shown.
 *
 * @param layers What `followLayers` found.
 * @param variables Paths of the variables.
 * @param toggled Keys of rows that are not as they are at first.
 */
export function listRows(
  layers: readonly FollowedLayer[],
  variables: readonly string[],
  toggled: ReadonlySet<string>,
): DynamicsRow[] {
  const rows: DynamicsRow[] = [];
  const total = layers.reduce((sum, layer) => sum + countLayers(layer), 0);
  const visit = (layer: FollowedLayer, depth: number, scope: string) => {
    const isOpen = isOpenAtFirst(layer, total) !== toggled.has(layer.path);
    const opens = layer.children.length > 0 || layer.own.length > 1;
    rows.push({
      key: layer.path,
      kind: "layer",
      name: shorten(layer.name, scope),
      layer: layer.path,
      className: layer.className,
      depth,
      variables: layer.all,
      opens,
      isOpen: opens && isOpen,
    });
    if (!opens || !isOpen) {
      return;
    }
    for (const at of layer.own) {
      const path = variables[at] ?? "";
      rows.push({
        key: path,
        kind: "variable",
        name: shorten(path, layer.path),
        layer: layer.path,
        className: layer.className,
        depth: depth + 1,
        variables: [at],
        opens: false,
        isOpen: false,
      });
    }
    for (const child of layer.children) {
      visit(child, depth + 1, layer.path);
    }
  };
  for (const layer of layers) {
    visit(layer, 0, "");
  }
  return rows;
}

/**
 * The layers that are closed and hold a layer, the outermost first.
 *
 * @param layers What `followLayers` found.
 * @param path Path of the layer that is to be seen.
 * @param toggled Keys of rows that are not as they are at first.
 */
export function closedAbove(
  layers: readonly FollowedLayer[],
  path: string,
  toggled: ReadonlySet<string>,
): string[] {
  const total = layers.reduce((sum, layer) => sum + countLayers(layer), 0);
  const visit = (some: readonly FollowedLayer[]): string[] | null => {
    for (const layer of some) {
      if (layer.path === path) {
        return [];
      }
      const below = visit(layer.children);
      if (below !== null) {
        const isOpen = isOpenAtFirst(layer, total) !== toggled.has(layer.path);
        return isOpen ? below : [layer.path, ...below];
      }
    }
    return null;
  };
  return visit(layers) ?? [];
}

/** The layer of a path, at any depth; null if it has no variable that is followed. */
export function findFollowed(
  layers: readonly FollowedLayer[],
  path: string,
): FollowedLayer | null {
  for (const layer of layers) {
    const found = layer.path === path ? layer : findFollowed(layer.children, path);
    if (found !== null) {
      return found;
    }
  }
  return null;
}

function countLayers(layer: FollowedLayer): number {
  return 1 + layer.children.reduce((sum, child) => sum + countLayers(child), 0);
}

function shorten(path: string, scope: string): string {
  return scope !== "" && path.startsWith(`${scope}/`)
    ? path.slice(scope.length + 1)
    : path;
}
