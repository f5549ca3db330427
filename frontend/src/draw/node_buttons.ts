/**
 * Buttons over the cards on the canvas: for the keyboard, for screen readers,
 * and for tests. They are seen only while they have the focus.
 */

import type { LayerGraph } from "../model/layer_graph";
import { describeLayer } from "../model/layer_text";
import { GROUP } from "../model/nested_layout";
import type { SceneIndex } from "../model/scene_index";
import type { Viewport } from "../model/viewport";

/** More are not made: where so many are in sight, they are too small to press. */
const MAX_BUTTONS = 400;

/** What the buttons depend on. */
export interface ButtonState {
  readonly index: SceneIndex;
  readonly view: Viewport;
  readonly width: number;
  readonly height: number;
  readonly selected: number | null;
}

/** A pool of buttons in a layer that moves with the scene. */
export class NodeButtons {
  private readonly shown = new Map<number, HTMLButtonElement>();
  private readonly free: HTMLButtonElement[] = [];
  private index: SceneIndex | null = null;

  constructor(private readonly layer: HTMLElement) {}

  update(state: ButtonState): void {
    const { index, view } = state;
    this.layer.style.transform = `scale(${view.zoom}) translate(${-view.x}px, ${-view.y}px)`;
    if (index !== this.index) {
      this.index = index;
      this.clear();
    }
    const wanted = new Map<number, number>();
    for (const at of this.within(state)) {
      wanted.set(index.scene.calls[at] as number, at);
    }
    if (state.selected !== null) {
      const at = index.placeOf.get(state.selected);
      if (at !== undefined) {
        wanted.set(state.selected, at);
      }
    }
    for (const [call, button] of this.shown) {
      if (!wanted.has(call) && document.activeElement !== button) {
        this.shown.delete(call);
        button.hidden = true;
        this.free.push(button);
      }
    }
    for (const [call, at] of wanted) {
      if (!this.shown.has(call)) {
        this.place(call, at);
      }
    }
    this.mark(state.selected);
  }

  /** Gives the focus to the button of a call. */
  focus(call: number): void {
    this.shown.get(call)?.focus({ preventScroll: true });
  }

  /** The call that an element is the button of. */
  callOf(element: EventTarget | null): number | null {
    const call = element instanceof HTMLElement ? element.dataset.call : undefined;
    return call === undefined ? null : Number(call);
  }

  /** All calls of a small graph; of a large one those in sight, if they are few. */
  private within({ index, view, width, height }: ButtonState): Iterable<number> {
    if (index.scene.calls.length <= MAX_BUTTONS) {
      return index.scene.calls.keys();
    }
    const right = view.x + width / view.zoom;
    const bottom = view.y + height / view.zoom;
    const seen = index.within(view.x, view.y, right, bottom);
    return seen.length <= MAX_BUTTONS ? seen : [];
  }

  private clear(): void {
    const focused = document.activeElement;
    for (const [call, button] of this.shown) {
      const at = this.index?.placeOf.get(call);
      if (button === focused && at !== undefined) {
        // Opening a group must not take the focus from it.
        this.fill(button, call, at);
        continue;
      }
      this.shown.delete(call);
      button.hidden = true;
      this.free.push(button);
    }
  }

  private place(call: number, at: number): void {
    const button = this.free.pop() ?? this.create();
    this.fill(button, call, at);
    button.hidden = false;
    this.shown.set(call, button);
  }

  private create(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "kv-node";
    this.layer.append(button);
    return button;
  }

  private fill(button: HTMLButtonElement, call: number, at: number): void {
    const index = this.index as SceneIndex;
    const { scene, graph } = index;
    const node = graph.calls[call];
    const open = scene.open[at] === 1;
    const group = graph.tree.childStart[call + 1] !== graph.tree.childStart[call + 2];
    button.dataset.call = String(call);
    button.dataset.path = node?.layer ?? "";
    button.setAttribute("aria-label", labelOf(graph, call));
    if (group) {
      button.setAttribute("aria-expanded", String(open));
    } else {
      button.removeAttribute("aria-expanded");
    }
    button.style.left = `${scene.left[at]}px`;
    button.style.top = `${scene.top[at]}px`;
    button.style.width = `${scene.widths[at]}px`;
    button.style.height = `${open ? GROUP.header : scene.heights[at]}px`;
  }

  /** One of them is reached by the Tab key; arrow keys lead to the others. */
  private mark(selected: number | null): void {
    const first = selected ?? this.shown.keys().next().value;
    for (const [call, button] of this.shown) {
      button.tabIndex = call === first ? 0 : -1;
      if (call === selected) {
        button.setAttribute("aria-current", "true");
      } else {
        button.removeAttribute("aria-current");
      }
    }
  }
}

function labelOf(graph: LayerGraph, call: number): string {
  const node = graph.calls[call];
  const layer = node === undefined ? undefined : graph.byPath.get(node.layer);
  if (node === undefined || layer === undefined) {
    return node?.layer ?? "";
  }
  const several = (graph.callsOf.get(node.layer)?.length ?? 0) > 1;
  return describeLayer(layer) + (several ? `, call ${node.call + 1}` : "");
}
