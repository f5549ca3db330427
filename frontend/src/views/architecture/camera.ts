/** Which part of the drawn scene is seen, and what moves it. */

import { chevronBox } from "../../draw/chevron";
import { isGroup } from "../../model/graph/node_tree";
import type { SceneIndex } from "../../model/graph/scene_index";
import {
  centre,
  firstSight,
  fitScene,
  keepInSight,
  minZoomOf,
  reveal,
  type Size,
  type Viewport,
  zoomAround,
} from "../../model/graph/viewport";

/** What stays where it is on the screen while the scene changes. */
export interface Anchor {
  readonly node: number;
  /** Where the upper left corner was, in pixels. */
  readonly x: number;
  readonly y: number;
}

const START: Viewport = { x: 0, y: 0, zoom: 1 };

/** Looks at a scene; without one, nothing moves. */
export class Camera {
  view: Viewport = START;
  size: Size = { width: 0, height: 0 };
  index: SceneIndex | null = null;

  /** @param onMove Called after each movement. */
  constructor(private readonly onMove: (view: Viewport) => void) {}

  setView(view: Viewport): void {
    if (this.index === null) {
      return;
    }
    this.view = keepInSight(view, this.size, this.index.scene);
    this.onMove(this.view);
  }

  panBy(pixelsX: number, pixelsY: number): void {
    const { x, y, zoom } = this.view;
    this.setView({ x: x - pixelsX / zoom, y: y - pixelsY / zoom, zoom });
  }

  /** Zooms around a pixel; around the middle without one. */
  zoomBy(factor: number, pixelX?: number, pixelY?: number): void {
    if (this.index === null) {
      return;
    }
    const { width, height } = this.size;
    const least = minZoomOf(this.index.scene, this.size);
    const x = pixelX ?? width / 2;
    const y = pixelY ?? height / 2;
    this.setView(zoomAround(this.view, factor, x, y, least));
  }

  fit(): void {
    if (this.index !== null) {
      this.setView(fitScene(this.index.scene, this.size));
    }
  }

  /** The whole scene where it can be read then, else its beginning. */
  showFirst(): void {
    if (this.index !== null) {
      const first = this.index.box(this.index.scene.nodes[0] ?? -1);
      const startX = first === null ? 0 : first.left + first.width / 2;
      this.setView(firstSight(this.index.scene, this.size, startX));
    }
  }

  /** What is in the middle stays there. */
  resize(size: Size): void {
    const { x, y, zoom } = this.view;
    const before = this.size;
    this.size = size;
    this.setView({ x: x - (size.width - before.width) / zoom / 2, y, zoom });
  }

  /** Where a node is on the screen now, or null where it is not drawn. */
  anchor(node: number, afterwards = node): Anchor | null {
    const shown = this.index?.shown(node);
    const box = shown === undefined ? null : (this.index?.box(shown) ?? null);
    if (box === null) {
      return null;
    }
    const { x, y, zoom } = this.view;
    return { node: afterwards, x: (box.left - x) * zoom, y: (box.top - y) * zoom };
  }

  /** Puts a node where it was; returns whether it is drawn. */
  holdAt(anchor: Anchor): boolean {
    const box = this.index?.box(anchor.node) ?? null;
    if (box === null) {
      return false;
    }
    const { zoom } = this.view;
    this.setView({ x: box.left - anchor.x / zoom, y: box.top - anchor.y / zoom, zoom });
    return true;
  }

  /** @param centred Whether it goes to the middle if it is not seen yet. */
  bringIntoSight(node: number, centred: boolean): void {
    const box = this.index?.box(node) ?? null;
    if (box === null) {
      return;
    }
    const seen = reveal(this.view, this.size, box);
    const moved = seen.x !== this.view.x || seen.y !== this.view.y;
    if (centred && (moved || this.view.zoom < 0.3)) {
      this.setView(centre(this.view, this.size, box));
    } else {
      this.setView(seen);
    }
  }

  /** The node at a pixel, and whether it is on the sign that opens it. */
  hit(pixelX: number, pixelY: number): { node: number; chevron: boolean } | null {
    const { index, view } = this;
    const x = view.x + pixelX / view.zoom;
    const y = view.y + pixelY / view.zoom;
    const node = index?.hit(x, y, view.y) ?? null;
    if (index === null || node === null) {
      return null;
    }
    const at = index.placeOf.get(node) as number;
    const open = index.scene.open[at] === 1;
    const top = open ? index.headerTop(at, view.y) : (index.scene.top[at] as number);
    const left = open ? index.headerLeft(at, view.x) : (index.scene.left[at] as number);
    const sign = chevronBox(open);
    const chevron =
      isGroup(index.graph.tree, node) &&
      x >= left &&
      x - left < sign.width &&
      y - top < sign.height;
    return { node, chevron };
  }

  /** The first node that is seen. */
  topmost(): number | null {
    const { index, view, size } = this;
    if (index === null) {
      return null;
    }
    const right = view.x + size.width / view.zoom;
    const bottom = view.y + size.height / view.zoom;
    const at = index
      .within(view.x, view.y, right, bottom)
      .find((place) => (index.scene.top[place] as number) >= view.y);
    return at === undefined ? null : (index.scene.nodes[at] as number);
  }
}
