/** Keeps the drawn graph, what is open, and which part is seen. */

import { CanvasView } from "../../draw/canvas_view";
import { chevronBox } from "../../draw/chevron";
import { GraphPainter } from "../../draw/graph_canvas";
import type { GraphColors } from "../../draw/graph_picture";
import { NodeButtons } from "../../draw/node_buttons";
import { isGroup } from "../../model/layer_graph";
import {
  type Direction,
  type Lit,
  NOTHING_LIT,
  SceneIndex,
} from "../../model/scene_index";
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
} from "../../model/viewport";
import { createLayoutClient } from "../../workers/layout_client";
import type { ArchitectureModel } from "./architecture_model";
import { OpenGroups } from "./open_groups";
import type { ViewMemory } from "./view_memory";

/** Where the graph is drawn. */
export interface GraphElements {
  readonly canvas: HTMLCanvasElement;
  /** Takes the buttons over the cards. */
  readonly buttons: HTMLElement;
}

/** What the rest of the view is told. */
export interface GraphEvents {
  /** The part that is seen has changed, or what there is to see. */
  readonly onChange: () => void;
  readonly onError: (message: string) => void;
}

/** What a call to `layOut` leaves in place. */
interface Anchor {
  readonly call: number;
  /** Where the upper left corner was, in pixels. */
  readonly x: number;
  readonly y: number;
}

const START: Viewport = { x: 0, y: 0, zoom: 1 };

/** Draws a graph; the owner says what is selected and handles the mouse. */
export class GraphController {
  index: SceneIndex | null = null;
  view: Viewport = START;
  size: Size = { width: 0, height: 0 };
  hovered: number | null = null;
  selected: number | null = null;

  private readonly canvas: CanvasView;
  private readonly painter = new GraphPainter();
  private readonly buttons: NodeButtons;
  private readonly layouts = createLayoutClient();
  private model: ArchitectureModel | null = null;
  private memory: ViewMemory | null = null;
  private colors: GraphColors | null = null;
  private groups: OpenGroups | null = null;
  private related: ReadonlySet<number> = new Set();
  private marked: ReadonlySet<number> = new Set();
  private lit: Lit = NOTHING_LIT;
  private wanted: { call: number; centred: boolean } | null = null;

  constructor(
    elements: GraphElements,
    private readonly events: GraphEvents,
  ) {
    this.buttons = new NodeButtons(elements.buttons);
    this.canvas = new CanvasView(elements.canvas, {
      paint: (context, width, height) => this.paint(context, width, height),
      afterFrame: () => this.updateButtons(),
      onResize: (width, height) => this.onResize({ width, height }),
    });
  }

  /** Shows a graph: from where it was left, else at first sight. */
  setGraph(model: ArchitectureModel, memory: ViewMemory): void {
    if (this.model === model) {
      return;
    }
    const { graph } = model;
    this.model = model;
    this.memory = memory;
    this.groups = new OpenGroups(graph, memory);
    this.selected = null;
    this.setHovered(null);
    // What was drawn stays on the canvas until there is something to replace it.
    this.index = null;
    this.layouts.setGraph(graph.tree, model.edges, model.sizes);
    void this.layOut(null);
  }

  setColors(colors: GraphColors): void {
    this.colors = colors;
    this.repaint();
  }

  /**
   * Marks the selected call.
   *
   * @param show Whether to go where it is.
   */
  select(call: number | null, related: ReadonlySet<number>, show: boolean): void {
    if (call !== this.selected) {
      // What was just chosen counts more than where the pointer happens to rest.
      this.hovered = null;
    }
    this.selected = call;
    this.related = related;
    this.updateLit();
    this.repaint();
    if (call !== null && show) {
      this.goTo(call, true);
    }
  }

  setMarked(calls: ReadonlySet<number>): void {
    this.marked = calls;
    this.repaint();
  }

  setHovered(call: number | null): void {
    if (call !== this.hovered) {
      this.hovered = call;
      this.updateLit();
      this.repaint();
    }
  }

  /** Opens what hides a call and brings it into sight. */
  goTo(call: number, centred: boolean): void {
    if (this.groups === null) {
      return;
    }
    const hidden = this.groups.openAround(call);
    if (!hidden && this.index?.placeOf.has(call)) {
      this.bringIntoSight(call, centred);
      return;
    }
    this.wanted = { call, centred };
    void this.layOut(null);
  }

  /** Opens or closes a group and leaves it where it is on the screen. */
  toggle(call: number): void {
    if (this.groups?.toggle(call)) {
      void this.layOut(this.anchor(call));
    }
  }

  /** Opens or closes all groups. */
  setAll(open: boolean): void {
    if (this.groups === null) {
      return;
    }
    this.groups.setAll(open);
    const held = this.selected ?? this.topmost();
    const shown = held === null ? null : this.groups.standsFor(held);
    void this.layOut(held === null ? null : this.anchor(held, shown ?? held));
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

  setView(view: Viewport): void {
    if (this.index === null) {
      return;
    }
    this.view = keepInSight(view, this.size, this.index.scene);
    if (this.memory !== null) {
      this.memory.viewport = this.view;
    }
    this.repaint();
    this.events.onChange();
  }

  /** The call at a pixel, and whether it is on the sign that opens it. */
  hit(pixelX: number, pixelY: number): { call: number; chevron: boolean } | null {
    const { index, view } = this;
    const x = view.x + pixelX / view.zoom;
    const y = view.y + pixelY / view.zoom;
    const call = index?.hit(x, y, view.y) ?? null;
    if (index === null || call === null) {
      return null;
    }
    const at = index.placeOf.get(call) as number;
    const open = index.scene.open[at] === 1;
    const top = open ? index.headerTop(at, view.y) : (index.scene.top[at] as number);
    const sign = chevronBox(open);
    const chevron =
      isGroup(index.graph.tree, call) &&
      x - (index.scene.left[at] as number) < sign.width &&
      y - top < sign.height;
    return { call, chevron };
  }

  neighbour(call: number, direction: Direction): number | null {
    return this.index?.neighbour(call, direction) ?? null;
  }

  /** The call that a button is for. */
  callOf(element: EventTarget | null): number | null {
    return this.buttons.callOf(element);
  }

  /** Puts the keyboard's focus on a call. */
  focus(call: number): void {
    this.updateButtons();
    this.buttons.focus(call);
  }

  destroy(): void {
    this.canvas.destroy();
    this.layouts.destroy();
  }

  private repaint(): void {
    if (this.index !== null) {
      this.canvas.requestPaint();
    }
  }

  private async layOut(anchor: Anchor | null): Promise<void> {
    const { model, groups } = this;
    if (model === null || groups === null) {
      return;
    }
    try {
      const scene = await this.layouts.layout(groups.flags());
      if (scene === null || this.model !== model) {
        return;
      }
      this.index = new SceneIndex(model.graph, model.edges, scene);
      this.place(anchor);
      this.updateLit();
      // A frame with the new scene and the old view would flicker.
      this.repaint();
      this.events.onChange();
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.events.onError(`The graph could not be laid out: ${message}`);
    }
  }

  /** Chooses the view of a new scene. */
  private place(anchor: Anchor | null): void {
    const { index, memory } = this;
    if (index === null || this.size.width === 0) {
      return;
    }
    const held = anchor === null ? null : index.box(anchor.call);
    if (anchor !== null && held !== null) {
      const { zoom } = this.view;
      this.setView({
        x: held.left - anchor.x / zoom,
        y: held.top - anchor.y / zoom,
        zoom,
      });
    } else if (memory?.viewport != null) {
      this.setView(memory.viewport);
    } else {
      this.setView(firstSight(index.scene, this.size, this.startOf(index)));
    }
    if (this.wanted !== null && index.placeOf.has(this.wanted.call)) {
      const { call, centred } = this.wanted;
      this.wanted = null;
      this.bringIntoSight(call, centred);
    }
  }

  private startOf(index: SceneIndex): number {
    const first = index.box(index.scene.calls[0] ?? -1);
    return first === null ? 0 : first.left + first.width / 2;
  }

  private bringIntoSight(call: number, centred: boolean): void {
    const box = this.index?.box(call) ?? null;
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

  private anchor(call: number, afterwards = call): Anchor | null {
    const shown = this.index?.shown(call);
    const box = shown === undefined ? null : (this.index?.box(shown) ?? null);
    if (box === null) {
      return null;
    }
    const { x, y, zoom } = this.view;
    return { call: afterwards, x: (box.left - x) * zoom, y: (box.top - y) * zoom };
  }

  /** The first call that is seen. */
  private topmost(): number | null {
    const { index, view, size } = this;
    if (index === null) {
      return null;
    }
    const right = view.x + size.width / view.zoom;
    const bottom = view.y + size.height / view.zoom;
    const at = index
      .within(view.x, view.y, right, bottom)
      .find((place) => (index.scene.top[place] as number) >= view.y);
    return at === undefined ? null : (index.scene.calls[at] as number);
  }

  private onResize(size: Size): void {
    const first = this.size.width === 0;
    const { index } = this;
    const before = this.size;
    this.size = size;
    if (index === null) {
      return;
    }
    if (first) {
      this.place(null);
      return;
    }
    // What is in the middle stays there.
    const { x, y, zoom } = this.view;
    this.setView({ x: x - (size.width - before.width) / zoom / 2, y, zoom });
  }

  private updateLit(): void {
    const call = this.hovered ?? this.selected;
    const shown = call === null ? null : (this.index?.shown(call) ?? null);
    this.lit =
      shown === null || shown < 0 ? NOTHING_LIT : (this.index as SceneIndex).lit(shown);
  }

  private updateButtons(): void {
    if (this.index !== null) {
      const { index, view, size, selected } = this;
      this.buttons.update({ index, view, ...size, selected });
    }
  }

  private paint(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
  ): void {
    const index = this.index;
    const cards = this.model?.cards;
    const colors = this.colors;
    if (index === null || cards === undefined || colors === null) {
      return;
    }
    this.painter.paint(context, width, height, {
      index,
      cards,
      colors,
      view: this.view,
      selected: this.selected === null ? null : index.shown(this.selected),
      related: this.related,
      hovered: this.hovered,
      lit: this.lit,
      marked: this.marked,
    });
  }
}
