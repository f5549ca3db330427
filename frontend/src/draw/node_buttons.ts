/**
 * Buttons over the cards on the canvas: for the keyboard, for screen readers,
 * and for tests. They are seen only while they have the focus.
 */

import type { NodeMark } from "../model/compare/diff_marks";
import type { Card } from "../model/graph/cards";
import type { LayerGraph } from "../model/graph/layer_graph";
import type { SceneIndex } from "../model/graph/scene_index";
import type { Viewport } from "../model/graph/viewport";
import { describeLayer } from "../model/layer_text";
import { GROUP } from "../model/layout/nested_layout";
import type { PaintedOverlay } from "./graph_picture";

/** More are not made: where so many are in sight, they are too small to press. */
const MAX_BUTTONS = 400;

/** What the buttons depend on. */
export interface ButtonState {
  readonly index: SceneIndex;
  readonly cards: readonly Card[];
  readonly view: Viewport;
  readonly width: number;
  readonly height: number;
  readonly selected: number | null;
  readonly overlay: PaintedOverlay | null;
  readonly marks: ReadonlyMap<number, NodeMark>;
}

/** A pool of buttons in a layer that moves with the scene. */
export class NodeButtons {
  private readonly shown = new Map<number, HTMLButtonElement>();
  private readonly free: HTMLButtonElement[] = [];
  private index: SceneIndex | null = null;
  private cards: readonly Card[] = [];
  private overlay: PaintedOverlay | null = null;
  private marks: ReadonlyMap<number, NodeMark> = new Map();

  constructor(private readonly layer: HTMLElement) {}

  update(state: ButtonState): void {
    const { index, view } = state;
    this.layer.style.transform = `scale(${view.zoom}) translate(${-view.x}px, ${-view.y}px)`;
    const same = state.overlay === this.overlay && state.marks === this.marks;
    if (index !== this.index || !same) {
      this.index = index;
      this.overlay = state.overlay;
      this.marks = state.marks;
      this.cards = state.cards;
      this.clear();
    }
    const wanted = new Map<number, number>();
    for (const at of this.within(state)) {
      wanted.set(index.scene.nodes[at] as number, at);
    }
    if (state.selected !== null) {
      const at = index.placeOf.get(state.selected);
      if (at !== undefined) {
        wanted.set(state.selected, at);
      }
    }
    for (const [node, button] of this.shown) {
      if (!wanted.has(node) && document.activeElement !== button) {
        this.shown.delete(node);
        button.hidden = true;
        this.free.push(button);
      }
    }
    for (const [node, at] of wanted) {
      if (!this.shown.has(node)) {
        this.place(node, at);
      }
    }
    this.mark(state.selected);
  }

  /** Gives the focus to the button of a node. */
  focus(node: number): void {
    this.shown.get(node)?.focus({ preventScroll: true });
  }

  /** The node that an element is the button of. */
  nodeOf(element: EventTarget | null): number | null {
    const node = element instanceof HTMLElement ? element.dataset.node : undefined;
    return node === undefined ? null : Number(node);
  }

  /** All nodes of a small graph; of a large one those in sight, if they are few. */
  private within({ index, view, width, height }: ButtonState): Iterable<number> {
    if (index.scene.nodes.length <= MAX_BUTTONS) {
      return index.scene.nodes.keys();
    }
    const right = view.x + width / view.zoom;
    const bottom = view.y + height / view.zoom;
    const seen = index.within(view.x, view.y, right, bottom);
    return seen.length <= MAX_BUTTONS ? seen : [];
  }

  private clear(): void {
    const focused = document.activeElement;
    for (const [node, button] of this.shown) {
      const at = this.index?.placeOf.get(node);
      if (button === focused && at !== undefined) {
        // Opening a group must not take the focus from it.
        this.fill(button, node, at);
        continue;
      }
      this.shown.delete(node);
      button.hidden = true;
      this.free.push(button);
    }
  }

  private place(node: number, at: number): void {
    const button = this.free.pop() ?? this.create();
    this.fill(button, node, at);
    button.hidden = false;
    this.shown.set(node, button);
  }

  private create(): HTMLButtonElement {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "kv-node";
    this.layer.append(button);
    return button;
  }

  private fill(button: HTMLButtonElement, node: number, at: number): void {
    const index = this.index as SceneIndex;
    const { scene, graph } = index;
    const call = graph.nodes[node]?.call;
    const open = scene.open[at] === 1;
    const group = graph.tree.childStart[node + 1] !== graph.tree.childStart[node + 2];
    button.dataset.node = String(node);
    button.dataset.path = call?.layer ?? "";
    button.dataset.key = graph.nodes[node]?.key ?? "";
    const label = labelOf(graph, node, this.cards);
    const { overlay } = this;
    const value =
      overlay === null ? "" : `, ${overlay.title}: ${overlay.description(node)}`;
    const mark = this.marks.get(node);
    const differs = mark === undefined ? "" : `, ${mark.label}`;
    button.setAttribute("aria-label", label + value + differs);
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
    for (const [node, button] of this.shown) {
      button.tabIndex = node === first ? 0 : -1;
      if (node === selected) {
        button.setAttribute("aria-current", "true");
      } else {
        button.removeAttribute("aria-current");
      }
    }
  }
}

function labelOf(graph: LayerGraph, node: number, cards: readonly Card[]): string {
  const call = graph.nodes[node]?.call ?? null;
  const card = cards[node];
  if (call === null) {
    return card === undefined ? "" : describeFold(card);
  }
  const layer = graph.byPath.get(call.layer);
  if (layer === undefined) {
    return call.layer;
  }
  const several = (graph.callsOf.get(call.layer)?.length ?? 0) > 1;
  const role = card === undefined || card.role === "" ? "" : `, ${card.role}`;
  return describeLayer(layer) + (several ? `, call ${call.call + 1}` : "") + role;
}

function describeFold({ title, className, shape, params, role }: Card): string {
  const parameters = params === "" ? "" : `${params} parameters`;
  return [title, className, shape, parameters, role].filter(Boolean).join(", ");
}
