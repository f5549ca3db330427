/** Moves what is drawn from one scene to the next, frame by frame. */

import { SceneIndex } from "../../model/graph/scene_index";
import { MAX_MOVED, SceneMotion } from "../../model/graph/scene_motion";
import type { Viewport } from "../../model/graph/viewport";

/** How long it takes, in milliseconds. */
const DURATION = 220;

/** A scene and which part of it is seen. */
export interface Seen {
  readonly index: SceneIndex;
  readonly view: Viewport;
}

/** At most one movement at a time. */
export class Motion {
  private current: { motion: SceneMotion; to: SceneIndex; start: number } | null = null;

  /** Begins to move; what is too large, or was of another graph, is there at once. */
  start(before: Seen | null, after: Seen, now: number): void {
    this.current = null;
    if (before === null || before.index.graph !== after.index.graph || isReduced()) {
      return;
    }
    const { scene, graph, edges } = after.index;
    if (Math.max(scene.nodes.length, before.index.scene.nodes.length) > MAX_MOVED) {
      return;
    }
    const from = { scene: before.index.scene, view: before.view };
    const motion = new SceneMotion(graph.tree, edges, from, {
      scene,
      view: after.view,
    });
    this.current = { motion, to: after.index, start: now };
  }

  /** Ends it where it leads. */
  stop(): void {
    this.current = null;
  }

  /**
   * What is to be painted in place of a scene, or null where nothing moves.
   *
   * @param now Time of the frame, in milliseconds.
   */
  frame(index: SceneIndex, now: number): SceneIndex | null {
    const current = this.current;
    if (current === null || current.to !== index) {
      return null;
    }
    const progress = (now - current.start) / DURATION;
    if (progress >= 1) {
      this.current = null;
      return null;
    }
    const scene = current.motion.at(Math.max(0, progress));
    return new SceneIndex(index.graph, index.edges, scene);
  }
}

function isReduced(): boolean {
  return window.matchMedia?.("(prefers-reduced-motion: reduce)").matches ?? false;
}
