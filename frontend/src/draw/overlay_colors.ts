/** The colours of an overlay, and inks that can be read on them. */

import { NONFINITE_COLORS, NONFINITE_SIGNS } from "../model/color_scale";
import { type NodeValues, valueText } from "../model/overlay/overlay";
import {
  INFINITE_LEVEL,
  NAN_LEVEL,
  NO_DATA_LEVEL,
  type OverlayScale,
} from "../model/overlay/overlay_scale";
import type { PaintedOverlay } from "./graph_picture";

const BLACK = "#000000";
const WHITE = "#ffffff";
/** What there is no value of. */
export const NO_DATA_COLORS = { light: "#e3e5e8", dark: "#3a3f45" } as const;

/**
 * Colours the nodes by their values.
 *
 * @param levels Of each node on the scale, from `overlayLevels`.
 */
export function paintOverlay(
  values: NodeValues,
  levels: Int16Array,
  scale: OverlayScale | null,
  dark: boolean,
): PaintedOverlay {
  const fills = fillsOf(scale);
  const inks = fills.map(inkOn);
  const noData = NO_DATA_COLORS[dark ? "dark" : "light"];
  return {
    title: values.metric.title,
    fill: (node) => {
      const level = levels[node] ?? NO_DATA_LEVEL;
      switch (level) {
        case NO_DATA_LEVEL:
          return noData;
        case NAN_LEVEL:
          return NONFINITE_COLORS[1];
        case INFINITE_LEVEL:
          return NONFINITE_COLORS[2];
        default:
          return fills[level] ?? null;
      }
    },
    ink: (node) => {
      const level = levels[node] ?? NO_DATA_LEVEL;
      switch (level) {
        case NAN_LEVEL:
          return inkOn(NONFINITE_COLORS[1]);
        case INFINITE_LEVEL:
          return inkOn(NONFINITE_COLORS[2]);
        default:
          return inks[level] ?? null;
      }
    },
    text: (node) => {
      const text = valueText(values, node, true);
      switch (levels[node]) {
        case NO_DATA_LEVEL:
          // The hatching says it; words on every such card would be noise.
          return "–";
        case NAN_LEVEL:
          return `${NONFINITE_SIGNS[1]} ${text}`;
        case INFINITE_LEVEL:
          return `${NONFINITE_SIGNS[text.startsWith("-") ? 3 : 2]} ${text}`;
        default:
          return text;
      }
    },
    description: (node) => valueText(values, node),
    pattern: (node) => {
      const level = levels[node] ?? NO_DATA_LEVEL;
      if (level === NO_DATA_LEVEL) {
        return "hatched";
      }
      return level === NAN_LEVEL || level === INFINITE_LEVEL ? "crossed" : "plain";
    },
  };
}

function fillsOf(scale: OverlayScale | null): string[] {
  return Array.from(scale?.colors.lut ?? [], (pixel) => {
    const parts = [pixel & 255, (pixel >> 8) & 255, (pixel >> 16) & 255];
    return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  });
}

/** Black or white, whichever has the more contrast on a colour `#rrggbb`. */
export function inkOn(color: string): string {
  const light = luminance(color);
  return (light + 0.05) / 0.05 > 1.05 / (light + 0.05) ? BLACK : WHITE;
}

/** Relative luminance of a colour `#rrggbb`, as WCAG defines it. */
export function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
