/** Paints what marks the nodes that differ from a graph that is compared with. */

import type { NodeMark } from "../model/compare/diff_marks";
import type { GraphPicture } from "./graph_picture";
import type { Surface } from "./surface";

/** From which zoom on the signs can be read. */
const SIGN_ZOOM = 0.22;
const RADIUS = 6;

/** Paints the mark of the node at a place: a line around it, and its signs. */
export function paintMark(
  context: Surface,
  picture: GraphPicture,
  at: number,
  top: number,
): void {
  const { view, index, marks } = picture;
  const { scene } = index;
  const mark = marks.get(scene.nodes[at] as number);
  if (mark === undefined) {
    return;
  }
  const color = picture.colors.mark(mark.sign);
  const left = scene.left[at] as number;
  if (scene.open[at] === 0) {
    context.beginPath();
    context.roundRect(
      left - 2,
      top - 2,
      (scene.widths[at] as number) + 4,
      (scene.heights[at] as number) + 4,
      RADIUS + 2,
    );
    context.strokeStyle = color;
    context.lineWidth = Math.max(1.6, 1.2 / view.zoom);
    // Not by colour alone: what only follows from others is drawn lighter.
    context.setLineDash(mark.sign === "resized" ? [4, 4] : []);
    context.stroke();
    context.setLineDash([]);
  }
  if (view.zoom >= SIGN_ZOOM) {
    // The header of an open group stays in sight, and so does its sign.
    const least = scene.open[at] === 1 ? view.y : Number.NEGATIVE_INFINITY;
    paintSign(context, picture, mark, left, top, least);
  }
}

function paintSign(
  context: Surface,
  picture: GraphPicture,
  mark: NodeMark,
  left: number,
  top: number,
  least: number,
): void {
  const { colors, view } = picture;
  const size = Math.min(32, Math.max(13, 11 / view.zoom));
  const height = size * 1.35;
  context.font = `700 ${size}px ${colors.font}`;
  const width = Math.max(height, context.measureText(mark.text).width + size * 0.8);
  const x = left - 6;
  const y = Math.max(least, top - height * 0.6);
  context.beginPath();
  context.roundRect(x, y, width, height, height / 2);
  context.fillStyle = colors.mark(mark.sign);
  context.fill();
  context.fillStyle = colors.onMark;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(mark.text, x + width / 2, y + height / 2 + size * 0.04);
}
