/** The way from one scene to the next, so that the eye can follow what moves. */

import type { Scene } from "../layout/nested_layout";
import { BORDER, type LiftedEdges } from "./lifted_edges";
import { type NodeTree, ROOT } from "./node_tree";
import type { Viewport } from "./viewport";

/** A scene, and which part of it is seen. */
export interface Sight {
  readonly scene: Scene;
  readonly view: Viewport;
}

/** More nodes than this are not moved: nobody can follow so many. */
export const MAX_MOVED = 2_000;

/** Scenes between two scenes; the later one gives what is drawn. */
export class SceneMotion {
  /** left, top, width, height of each node, in the later scene's coordinates. */
  private readonly starts: Float32Array;
  private readonly placeOf: ReadonlyMap<number, number>;

  constructor(
    tree: NodeTree,
    private readonly edges: LiftedEdges,
    before: Sight,
    private readonly after: Sight,
  ) {
    const { scene } = after;
    this.placeOf = new Map(Array.from(scene.nodes, (node, at) => [node, at]));
    const old = new Map(Array.from(before.scene.nodes, (node, at) => [node, at]));
    this.starts = new Float32Array(scene.nodes.length * 4);
    scene.nodes.forEach((node, at) => {
      const known = old.get(node);
      if (known !== undefined) {
        this.starts.set(movedBox(before, known, after.view), at * 4);
        return;
      }
      // What was hidden comes out of the card that stood for it.
      let around = tree.parent[node] as number;
      while (around !== ROOT && !old.has(around)) {
        around = tree.parent[around] as number;
      }
      const card = old.get(around);
      const end = boxAt(scene, at);
      const from = card === undefined ? end : movedBox(before, card, after.view);
      this.starts.set(shrunk(end, from), at * 4);
    });
  }

  /** @param progress From 0, the earlier scene, to 1, the later one. */
  at(progress: number): Scene {
    const { scene } = this.after;
    const rest = (1 - progress) ** 3;
    const boxes = new Float32Array(this.starts.length);
    for (let at = 0; at < scene.nodes.length; at += 1) {
      boxAt(scene, at).forEach((end, i) => {
        const start = this.starts[at * 4 + i] as number;
        boxes[at * 4 + i] = end + (start - end) * rest;
      });
    }
    const column = (i: number): Float32Array =>
      Float32Array.from(scene.nodes, (_, at) => boxes[at * 4 + i] as number);
    return {
      ...scene,
      left: column(0),
      top: column(1),
      widths: column(2),
      heights: column(3),
      points: this.bent(boxes),
    };
  }

  /** The edges, with their ends where the nodes are. */
  private bent(boxes: Float32Array): Float32Array {
    const { scene } = this.after;
    const points = scene.points.slice();
    scene.edges.forEach((edge, i) => {
      const scope = this.edges.scope[edge] as number;
      const from = this.edges.from[edge] as number;
      const to = this.edges.to[edge] as number;
      const start = this.shift(boxes, from === BORDER ? scope : from, from !== BORDER);
      const end = this.shift(boxes, to === BORDER ? scope : to, to === BORDER);
      const first = scene.pointStart[i] as number;
      const last = (scene.pointStart[i + 1] as number) - 1;
      for (let p = first; p <= last; p += 1) {
        const share = last === first ? 0 : (p - first) / (last - first);
        const x = points[p * 2] as number;
        const y = points[p * 2 + 1] as number;
        points[p * 2] = x + start.x + (end.x - start.x) * share;
        points[p * 2 + 1] = y + start.y + (end.y - start.y) * share;
      }
    });
    return points;
  }

  /** How far the middle of a node's lower or upper side is from its end. */
  private shift(
    boxes: Float32Array,
    node: number,
    lower: boolean,
  ): { x: number; y: number } {
    const at = this.placeOf.get(node);
    if (at === undefined) {
      return { x: 0, y: 0 };
    }
    const [left, top, width, height] = boxAt(this.after.scene, at);
    const now = boxes.subarray(at * 4, at * 4 + 4);
    const x = (now[0] as number) + (now[2] as number) / 2 - left - width / 2;
    const grown = lower ? (now[3] as number) - height : 0;
    return { x, y: (now[1] as number) - top + grown };
  }
}

type Box = readonly [left: number, top: number, width: number, height: number];

function boxAt(scene: Scene, at: number): Box {
  return [
    scene.left[at] as number,
    scene.top[at] as number,
    scene.widths[at] as number,
    scene.heights[at] as number,
  ];
}

/** Where a node of the earlier scene is on the screen, in the later one's coordinates. */
function movedBox(before: Sight, at: number, view: Viewport): Box {
  const [left, top, width, height] = boxAt(before.scene, at);
  const scale = before.view.zoom / view.zoom;
  return [
    (left - before.view.x) * scale + view.x,
    (top - before.view.y) * scale + view.y,
    width * scale,
    height * scale,
  ];
}

/** A box of the same form, small, in the middle of another one. */
function shrunk([, , width, height]: Box, [left, top, w, h]: Box): Box {
  const scale = Math.min(1, w / Math.max(1, width), h / Math.max(1, height)) * 0.5;
  const own = { width: width * scale, height: height * scale };
  return [
    left + (w - own.width) / 2,
    top + (h - own.height) / 2,
    own.width,
    own.height,
  ];
}
