/** The whole graph, small, with the part that is seen; for large graphs only. */

import type { ReadonlySignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Scene } from "../../model/layout/nested_layout";
import type { Store } from "../../state/store";
import type { GraphController } from "./graph_controller";

const MOST = { width: 120, height: 150 } as const;
const LEAST_WIDTH = 26;

/** A map that can be clicked and dragged. */
export function Minimap({
  store,
  controller,
  changes,
}: {
  store: Store;
  controller: GraphController;
  changes: ReadonlySignal<number>;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  void changes.value;
  const dark = store.page.dark.value;
  const { index, view, size } = controller;
  const scene = index?.scene;
  const needed =
    scene !== undefined &&
    (scene.width * view.zoom > size.width * 1.05 ||
      scene.height * view.zoom > size.height * 1.05);
  const shape = scene === undefined ? null : mapShape(scene);

  useEffect(() => {
    if (canvas.current !== null && scene !== undefined && shape !== null) {
      void dark;
      paintMap(canvas.current, scene, shape);
    }
    // The shape follows from the scene.
  }, [scene, needed, dark]);

  if (!needed || shape === null) {
    return null;
  }
  const { scale, scaleX, width, height } = shape;
  const left = Math.max(0, view.x * scaleX);
  const top = Math.max(0, view.y * scale);
  const right = Math.min(width, (view.x + size.width / view.zoom) * scaleX);
  const bottom = Math.min(height, (view.y + size.height / view.zoom) * scale);
  const go = (event: PointerEvent & { currentTarget: HTMLElement }) => {
    if (event.buttons === 0) {
      return;
    }
    event.stopPropagation();
    const box = event.currentTarget.getBoundingClientRect();
    const x = (event.clientX - box.left) / scaleX;
    const y = (event.clientY - box.top) / scale;
    const { zoom } = view;
    controller.setView({
      x: x - size.width / zoom / 2,
      y: y - size.height / zoom / 2,
      zoom,
    });
  };
  return (
    <div
      class="kv-minimap"
      style={{ width: `${width}px`, height: `${height}px` }}
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
      onClick={(event) => event.stopPropagation()}
      onDblClick={(event) => event.stopPropagation()}
    >
      <canvas ref={canvas} style={{ width: `${width}px`, height: `${height}px` }} />
      <div
        class="kv-minimap-window"
        style={{
          left: `${left}px`,
          top: `${top}px`,
          width: `${Math.max(4, right - left)}px`,
          height: `${Math.max(4, bottom - top)}px`,
        }}
      />
    </div>
  );
}

interface MapShape {
  readonly scale: number;
  /** Larger than `scale` where the map would be too narrow to be hit. */
  readonly scaleX: number;
  readonly width: number;
  readonly height: number;
}

function mapShape(scene: Scene): MapShape {
  const scale = Math.min(MOST.width / scene.width, MOST.height / scene.height);
  const width = Math.max(LEAST_WIDTH, Math.ceil(scene.width * scale));
  return {
    scale,
    scaleX: width / Math.max(1, scene.width),
    width,
    height: Math.ceil(scene.height * scale),
  };
}

function paintMap(canvas: HTMLCanvasElement, scene: Scene, shape: MapShape): void {
  const context = canvas.getContext("2d");
  if (context === null) {
    return;
  }
  const density = window.devicePixelRatio || 1;
  canvas.width = Math.round(shape.width * density);
  canvas.height = Math.round(shape.height * density);
  const style = getComputedStyle(canvas);
  const { scale, scaleX } = shape;
  context.scale(density * scaleX, density * scale);
  const groups = style.getPropertyValue("--kv-border");
  const cards = style.getPropertyValue("--kv-border-strong");
  // Thinner than a pixel would be invisible.
  const least = 1 / scale;
  for (let i = 0; i < scene.nodes.length; i += 1) {
    context.fillStyle = scene.open[i] === 1 ? groups : cards;
    context.fillRect(
      scene.left[i] as number,
      scene.top[i] as number,
      Math.max(1 / scaleX, scene.widths[i] as number),
      Math.max(least * 0.7, scene.heights[i] as number),
    );
  }
}
