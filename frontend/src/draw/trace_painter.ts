/** What shows paths: all else steps back, and their two ends are named. */

import type { Part } from "./graph_edges";
import type { GraphPicture, Trace } from "./graph_picture";
import type { Surface } from "./surface";

const VEIL = 0.78;
/** Of the names of the ends, in pixels whatever the zoom. */
const SIGN = { size: 11, height: 16, padding: 5, lift: 3 } as const;

/** Makes what has been painted step back. */
export function paintVeil(context: Surface, picture: GraphPicture, part: Part): void {
  context.globalAlpha = VEIL;
  context.fillStyle = picture.colors.background;
  context.fillRect(part.left, part.top, part.right - part.left, part.bottom - part.top);
  context.globalAlpha = 1;
}

/** Names the node where the paths begin, and the one where they end. */
export function paintTraceEnds(
  context: Surface,
  picture: GraphPicture,
  trace: Trace,
): void {
  paintSign(context, picture, trace.from, "from");
  if (trace.to !== null) {
    paintSign(context, picture, trace.to, "to");
  }
}

function paintSign(
  context: Surface,
  picture: GraphPicture,
  node: number,
  text: string,
): void {
  const { index, view, colors } = picture;
  const box = index.box(node);
  if (box === null) {
    return;
  }
  const pixel = 1 / view.zoom;
  context.font = `600 ${SIGN.size * pixel}px ${colors.font}`;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const width = context.measureText(text).width + 2 * SIGN.padding * pixel;
  const height = SIGN.height * pixel;
  const top = box.top - height - SIGN.lift * pixel;
  context.beginPath();
  context.roundRect(box.left, top, width, height, 3 * pixel);
  context.fillStyle = colors.accent;
  context.fill();
  context.fillStyle = colors.background;
  context.fillText(text, box.left + SIGN.padding * pixel, top + height / 2);
}
