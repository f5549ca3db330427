/** Short names of variables. */

/** What tells a variable from the others of a layer. */
export function nameWithin(path: string, layer: string): string {
  return path.startsWith(`${layer}/`)
    ? path.slice(layer.length + 1)
    : path.slice(path.lastIndexOf("/") + 1);
}
