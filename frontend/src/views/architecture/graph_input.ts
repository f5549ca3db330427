/** Mouse, touch and keys on the graph. */

import type { Direction } from "../../model/graph/scene_index";
import type { GraphController } from "./graph_controller";

/** What the input asks for. */
export interface GraphActions {
  readonly onSelect: (node: number | null) => void;
  /** Opens or closes a group; of a layer, shows its activations. */
  readonly onEnter: (node: number) => void;
  readonly onToggle: (node: number) => void;
  readonly onHover: (node: number | null, x: number, y: number) => void;
  /** Asks for paths from a node, or to it where their beginning is chosen. */
  readonly onPaths: (node: number) => void;
  readonly onEscape: () => void;
}

const DRAG_PIXELS = 4;
const ARROWS: Readonly<Record<string, Direction>> = {
  ArrowUp: "up",
  ArrowDown: "down",
  ArrowLeft: "left",
  ArrowRight: "right",
};

/** Listens on an element; returns how to stop. */
export function listenToGraph(
  root: HTMLElement,
  controller: GraphController,
  actions: GraphActions,
): () => void {
  const pointers = new Map<number, { x: number; y: number }>();
  let start: { x: number; y: number } | null = null;
  let dragging = false;
  let dragged = false;

  const at = (event: MouseEvent): { x: number; y: number } => {
    const box = root.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const spread = (): { x: number; y: number; distance: number } => {
    const [a, b] = [...pointers.values()] as [Point, Point];
    return {
      x: (a.x + b.x) / 2,
      y: (a.y + b.y) / 2,
      distance: Math.max(1, Math.hypot(a.x - b.x, a.y - b.y)),
    };
  };

  const onPointerDown = (event: PointerEvent) => {
    if (event.button > 1) {
      return;
    }
    const point = at(event);
    pointers.set(event.pointerId, point);
    start = point;
    dragged = false;
  };
  const onPointerMove = (event: PointerEvent) => {
    const point = at(event);
    const before = pointers.get(event.pointerId);
    if (before === undefined) {
      const hit = controller.hit(point.x, point.y);
      root.style.cursor = hit === null ? "" : "pointer";
      actions.onHover(hit?.node ?? null, point.x, point.y);
      return;
    }
    if (start !== null && !dragging) {
      dragging = Math.hypot(point.x - start.x, point.y - start.y) > DRAG_PIXELS;
      if (dragging) {
        // From here on the movement belongs to the graph, wherever it goes.
        root.setPointerCapture(event.pointerId);
        root.dataset.dragging = "";
        actions.onHover(null, 0, 0);
      }
    }
    if (!dragging) {
      return;
    }
    if (pointers.size === 2) {
      const old = spread();
      pointers.set(event.pointerId, point);
      const now = spread();
      controller.panBy(now.x - old.x, now.y - old.y);
      controller.zoomBy(now.distance / old.distance, now.x, now.y);
    } else {
      pointers.set(event.pointerId, point);
      controller.panBy(point.x - before.x, point.y - before.y);
    }
  };
  const onPointerEnd = (event: PointerEvent) => {
    pointers.delete(event.pointerId);
    if (pointers.size === 0) {
      dragged = dragging;
      dragging = false;
      start = null;
      delete root.dataset.dragging;
    }
  };
  const onPointerLeave = () => actions.onHover(null, 0, 0);

  const onClick = (event: MouseEvent) => {
    if (dragged) {
      dragged = false;
      return;
    }
    if (event.detail === 0) {
      const node = controller.nodeOf(event.target);
      if (node !== null) {
        actions.onSelect(node);
      }
      return;
    }
    const point = at(event);
    const hit = controller.hit(point.x, point.y);
    if (hit?.chevron) {
      actions.onToggle(hit.node);
    } else {
      actions.onSelect(hit?.node ?? null);
    }
  };
  const onDoubleClick = (event: MouseEvent) => {
    const point = at(event);
    const hit = controller.hit(point.x, point.y);
    if (hit !== null && !hit.chevron) {
      actions.onEnter(hit.node);
    }
  };
  const onWheel = (event: WheelEvent) => {
    event.preventDefault();
    const unit = event.deltaMode === 1 ? 16 : event.deltaMode === 2 ? 400 : 1;
    if (event.shiftKey) {
      const { deltaX, deltaY } = event;
      controller.panBy(-(deltaX || deltaY) * unit, 0);
      return;
    }
    const point = at(event);
    // A pinch on a touch pad arrives as small steps with the Ctrl key.
    const rate = event.ctrlKey ? 0.01 : 0.0016;
    const factor = Math.exp(-Math.max(-240, Math.min(240, event.deltaY * unit)) * rate);
    controller.zoomBy(factor, point.x, point.y);
  };

  const onScroll = () => {
    // The browser scrolls to a button that gets the focus: that is what panning is.
    const { scrollLeft, scrollTop } = root;
    if (scrollLeft !== 0 || scrollTop !== 0) {
      root.scrollTo(0, 0);
      controller.panBy(-scrollLeft, -scrollTop);
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    if (handleKey(event, controller, actions)) {
      event.preventDefault();
      event.stopPropagation();
    }
  };

  const abort = new AbortController();
  const options = { signal: abort.signal, passive: false };
  root.addEventListener("pointerdown", onPointerDown, options);
  root.addEventListener("pointermove", onPointerMove, options);
  root.addEventListener("pointerup", onPointerEnd, options);
  root.addEventListener("pointercancel", onPointerEnd, options);
  root.addEventListener("pointerleave", onPointerLeave, options);
  root.addEventListener("click", onClick, options);
  root.addEventListener("dblclick", onDoubleClick, options);
  root.addEventListener("wheel", onWheel, options);
  root.addEventListener("scroll", onScroll, options);
  root.addEventListener("keydown", onKeyDown, options);
  return () => abort.abort();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function handleKey(
  event: KeyboardEvent,
  controller: GraphController,
  actions: GraphActions,
): boolean {
  const focused = controller.nodeOf(event.target);
  const arrow = ARROWS[event.key];
  if (arrow !== undefined) {
    const from = focused ?? controller.selected;
    const to = from === null ? null : controller.neighbour(from, arrow);
    if (to !== null) {
      actions.onSelect(to);
      controller.goTo(to, false);
      controller.focus(to);
    } else if (from === null) {
      const [x, y] = { up: [0, 60], down: [0, -60], left: [60, 0], right: [-60, 0] }[
        arrow
      ];
      controller.panBy(x as number, y as number);
    }
    return true;
  }
  switch (event.key) {
    case "+":
    case "=":
      controller.zoomBy(1.25);
      return true;
    case "-":
    case "_":
      controller.zoomBy(0.8);
      return true;
    case "f":
    case "0":
      controller.fit();
      return true;
    case "p": {
      const from = focused ?? controller.selected;
      if (from !== null) {
        actions.onPaths(from);
      }
      return true;
    }
    case "u": {
      const from = focused ?? controller.selected;
      const around =
        from === null ? -1 : (controller.index?.graph.tree.parent[from] ?? -1);
      if (around >= 0) {
        actions.onSelect(around);
        controller.goTo(around, false);
        controller.focus(around);
      }
      return true;
    }
    case "Enter":
      if (focused !== null) {
        actions.onEnter(focused);
      }
      return focused !== null;
    case "Escape":
      actions.onEscape();
      return true;
    default:
      return false;
  }
}
