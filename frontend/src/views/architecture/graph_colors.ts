/** The colours of the graph, from the theme's custom properties. */

import type { GraphColors } from "../../draw/graph_picture";
import { SIGNS } from "../../model/compare/diff_text";
import { FAMILIES, type LayerFamily } from "../../model/layer_family";

/** Reads the colours of the current theme. */
export function readGraphColors(element: HTMLElement): GraphColors {
  const style = getComputedStyle(element);
  const read = (name: string): string =>
    style.getPropertyValue(`--kv-${name}`).trim() || "#808080";
  const marks = new Map(Object.keys(SIGNS).map((sign) => [sign, read(`mark-${sign}`)]));
  const families = new Map<LayerFamily, string>(
    FAMILIES.map((family) => [family, read(`family-${family}`)]),
  );
  return {
    background: read("canvas"),
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
    mark: (sign) => marks.get(sign) ?? "#808080",
    onMark: read("on-mark"),
    family: (family) => families.get(family) ?? "#808080",
    font: read("font"),
    mono: read("mono"),
  };
}
