/** The colours of the graph, from the theme's custom properties. */

import type { GraphColors } from "../../draw/graph_picture";
import { FAMILIES, type LayerFamily } from "../../model/layer_family";

/** Reads the colours of the current theme. */
export function readGraphColors(element: HTMLElement): GraphColors {
  const style = getComputedStyle(element);
  const read = (name: string): string =>
    style.getPropertyValue(`--kv-${name}`).trim() || "#808080";
  const families = new Map<LayerFamily, string>(
    FAMILIES.map((family) => [family, read(`family-${family}`)]),
  );
  return {
    card: read("raised"),
    border: read("border-strong"),
    groupFill: read("group"),
    groupBorder: read("family-model"),
    text: read("text"),
    muted: read("muted"),
    edge: read("edge"),
    accent: read("accent"),
    accentSoft: read("accent-soft"),
    incoming: read("incoming"),
    outgoing: read("outgoing"),
    warning: read("warning"),
    warningSoft: read("warning-soft"),
    family: (family) => families.get(family) ?? "#808080",
    font: read("font"),
    mono: read("mono"),
  };
}
