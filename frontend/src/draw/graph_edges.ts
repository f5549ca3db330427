/** Paints the edges of a graph. */

import type { SceneIndex } from "../model/graph/scene_index";
import type { GraphPicture } from "./graph_picture";
import type { Surface } from "./surface";

/** A part of the scene. */
export interface Part {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

const HEAD_ZOOM = 0.25;
const CURVE_ZOOM = 0.1;
/** Edges that are shorter than this, in pixels, are hidden by their cards. */
const LEAST_EDGE = 1.5;
const HEAD_LENGTH = 7;
const HEAD_WIDTH = 3.6;

/** Paints the edges that touch a part of the scene, lit ones over the others. */
export function paintEdges(context: Surface, picture: GraphPicture, part: Part): void {
  const { index, view, colors, lit, farLit } = picture;
  const { scene } = index;
  const plain: number[] = [];
  const faint: number[] = [];
  const before: number[] = [];
  const after: number[] = [];
  const incoming: number[] = [];
  const outgoing: number[] = [];
  const least = LEAST_EDGE / view.zoom;
  for (let e = 0; e < scene.edges.length; e += 1) {
    if (!touches(index, e, part)) {
      continue;
    }
    if (lit.incoming.has(e)) {
      incoming.push(e);
    } else if (lit.outgoing.has(e)) {
      outgoing.push(e);
    } else if (!isLonger(index, e, least)) {
      // Hidden by the cards at its ends.
    } else if (farLit?.before[e] === 1) {
      before.push(e);
    } else if (farLit?.after[e] === 1) {
      after.push(e);
    } else {
      (scene.routed[e] === 1 ? plain : faint).push(e);
    }
  }
  const width = Math.max(1.3, 0.8 / view.zoom);
  const far = Math.max(1.8, 1.2 / view.zoom);
  const strong = Math.max(2.4, 1.8 / view.zoom);
  context.globalAlpha = 0.25;
  strokeEdges(context, index, faint, colors.edge, width, view.zoom);
  context.globalAlpha = 1;
  strokeEdges(context, index, plain, colors.edge, width, view.zoom);
  context.globalAlpha = 0.55;
  strokeEdges(context, index, before, colors.incoming, far, view.zoom);
  strokeEdges(context, index, after, colors.outgoing, far, view.zoom);
  context.globalAlpha = 1;
  strokeEdges(context, index, incoming, colors.incoming, strong, view.zoom);
  strokeEdges(context, index, outgoing, colors.outgoing, strong, view.zoom);
}

/** Paints edges of the paths that are shown. */
export function paintTracedEdges(
  context: Surface,
  picture: GraphPicture,
  traced: Uint8Array,
  part: Part,
): void {
  const { index, view, colors } = picture;
  const edges: number[] = [];
  for (let e = 0; e < traced.length; e += 1) {
    if (traced[e] === 1 && touches(index, e, part)) {
      edges.push(e);
    }
  }
  const width = Math.max(2, 1.5 / view.zoom);
  strokeEdges(context, index, edges, colors.accent, width, view.zoom);
}

function touches({ edgeBoxes }: SceneIndex, e: number, part: Part): boolean {
  return !(
    (edgeBoxes[e * 4] as number) > part.right + HEAD_WIDTH ||
    (edgeBoxes[e * 4 + 2] as number) < part.left - HEAD_WIDTH ||
    (edgeBoxes[e * 4 + 1] as number) > part.bottom ||
    (edgeBoxes[e * 4 + 3] as number) < part.top
  );
}

function isLonger({ edgeBoxes }: SceneIndex, e: number, least: number): boolean {
  const width = (edgeBoxes[e * 4 + 2] as number) - (edgeBoxes[e * 4] as number);
  const height = (edgeBoxes[e * 4 + 3] as number) - (edgeBoxes[e * 4 + 1] as number);
  return width > least || height > least;
}

function strokeEdges(
  context: Surface,
  index: SceneIndex,
  edges: readonly number[],
  color: string,
  width: number,
  zoom: number,
): void {
  if (edges.length === 0) {
    return;
  }
  context.beginPath();
  for (const e of edges) {
    traceEdge(context, index, e, zoom >= CURVE_ZOOM);
  }
  context.strokeStyle = color;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.stroke();
  if (zoom < HEAD_ZOOM) {
    return;
  }
  context.beginPath();
  for (const e of edges) {
    if (index.hasHead(e)) {
      traceHead(context, index, e);
    }
  }
  context.fillStyle = color;
  context.fill();
}

function traceEdge(
  context: Surface,
  index: SceneIndex,
  edge: number,
  curved: boolean,
): void {
  const { points, pointStart } = index.scene;
  const from = (pointStart[edge] as number) * 2;
  const to = (pointStart[edge + 1] as number) * 2;
  if (to - from < 4) {
    return;
  }
  context.moveTo(points[from] as number, points[from + 1] as number);
  for (let i = from + 2; i < to; i += 2) {
    const x = points[i] as number;
    const y = points[i + 1] as number;
    const beforeX = points[i - 2] as number;
    if (!curved || x === beforeX) {
      context.lineTo(x, y);
      continue;
    }
    // Upright at both ends, so that it meets its cards and its next piece smoothly.
    const middle = ((points[i - 1] as number) + y) / 2;
    context.bezierCurveTo(beforeX, middle, x, middle, x, y);
  }
}

function traceHead(context: Surface, index: SceneIndex, edge: number): void {
  const { points, pointStart } = index.scene;
  const end = (pointStart[edge + 1] as number) * 2;
  if (end - (pointStart[edge] as number) * 2 < 4) {
    return;
  }
  const x = points[end - 2] as number;
  const y = points[end - 1] as number;
  // Edges arrive from above, but for those that close a cycle.
  const back = (points[end - 3] as number) > y ? HEAD_LENGTH : -HEAD_LENGTH;
  context.moveTo(x, y);
  context.lineTo(x - HEAD_WIDTH, y + back);
  context.lineTo(x + HEAD_WIDTH, y + back);
  context.closePath();
}
