/** Which part of the graph a saved picture shows, and how large it may be. */

import type { GraphPicture } from "../../draw/graph_picture";
import type { Size, Viewport } from "../../model/graph/viewport";

/** Room around the whole graph, in pixels. */
const MARGIN = 24;
/** A file of more cards than this would be of no use, and take minutes to open. */
export const MOST_CARDS = 20_000;
/** What browsers can make a picture of. */
const MOST_SIDE = 32_000;
const MOST_PIXELS = 120e6;

/** Which part of a graph is drawn, and how large. */
export interface Sheet extends Size {
  readonly view: Viewport;
}

/** The whole graph as it is folded and opened, at its natural size. */
export function wholeSheet(picture: GraphPicture): Sheet {
  const { width, height } = picture.index.scene;
  return {
    width: Math.ceil(width) + 2 * MARGIN,
    height: Math.ceil(height) + 2 * MARGIN,
    view: { x: -MARGIN, y: -MARGIN, zoom: 1 },
  };
}

/** Pixels of a picture per pixel of the sheet: two, or what browsers can hold. */
export function pngScale(sheet: Size): number {
  const side = MOST_SIDE / Math.max(sheet.width, sheet.height);
  const area = Math.sqrt(MOST_PIXELS / (sheet.width * sheet.height));
  return Math.min(2, side, area);
}
