/** Keeps the drawn graph, what is open, and what is marked on it. */

import { CanvasView } from "../../draw/canvas_view";
import { GraphPainter } from "../../draw/graph_canvas";
import type {
  FarLit,
  GraphColors,
  GraphPicture,
  PaintedOverlay,
} from "../../draw/graph_picture";
import { NodeButtons } from "../../draw/node_buttons";
import type { NodeMark } from "../../model/compare/diff_marks";
import {
  type Direction,
  type Lit,
  NOTHING_LIT,
  SceneIndex,
} from "../../model/graph/scene_index";
import { ShownNodes } from "../../model/graph/shown_nodes";
import type { Size, Viewport } from "../../model/graph/viewport";
import { createLayoutClient } from "../../workers/layout_client";
import type { ArchitectureModel } from "./architecture_model";
import { type Anchor, Camera } from "./camera";
import type { GraphElements, GraphEvents } from "./graph_events";
import { Motion } from "./motion";
import { OpenGroups } from "./open_groups";
import { markPaint } from "./paint_mark";
import { farLitOf, type PathTrace } from "./path_trace";
import type { ViewMemory } from "./view_memory";

/** Draws a graph; the owner says what is selected and handles the mouse. */
export class GraphController {
  hovered: number | null = null;
  selected: number | null = null;

  private readonly camera = new Camera((view) => this.onMove(view));
  private readonly canvas: CanvasView;
  private readonly painter = new GraphPainter();
  private readonly buttons: NodeButtons;
  private readonly motion = new Motion();
  private readonly layouts = createLayoutClient((done, total) =>
    this.events.onProgress(done, total),
  );
  private model: ArchitectureModel | null = null;
  private memory: ViewMemory | null = null;
  private colors: GraphColors | null = null;
  private groups: OpenGroups | null = null;
  /** Which groups are open in what is drawn. */
  private laidOut: Uint8Array | null = null;
  private related: ReadonlySet<number> = new Set();
  private marked: ReadonlySet<number> = new Set();
  private readonly shownMarked = new ShownNodes();
  private lit: Lit = NOTHING_LIT;
  private farLit: FarLit | null = null;
  private trace: PathTrace | null = null;
  private overlay: PaintedOverlay | null = null;
  private noted: ReadonlySet<number> = new Set();
  private marks: ReadonlyMap<number, NodeMark> = new Map();
  private wanted: { node: number; centred: boolean } | null = null;

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

  /** What is drawn; null until there is something. */
  get index(): SceneIndex | null {
    return this.camera.index;
  }

  /** The part that is seen. */
  get view(): Viewport {
    return this.camera.view;
  }

  /** Size of the canvas, in pixels. */
  get size(): Size {
    return this.camera.size;
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
    this.camera.index = null;
    this.laidOut = null;
    this.layouts.setGraph(graph.tree, model.edges, model.sizes);
    void this.layOut(null);
  }

  setColors(colors: GraphColors): void {
    this.colors = colors;
    this.repaint();
  }

  /**
   * Marks the selected node.
   *
   * @param show Whether to go where it is.
   */
  select(node: number | null, related: ReadonlySet<number>, show: boolean): void {
    if (node !== this.selected) {
      // What was just chosen counts more than where the pointer happens to rest.
      this.hovered = null;
    }
    this.selected = node;
    this.related = related;
    this.updateLit();
    this.repaint();
    if (node !== null && show) {
      this.goTo(node, true);
    }
  }

  setMarked(nodes: ReadonlySet<number>): void {
    this.marked = nodes;
    this.repaint();
  }

  /** Colours the nodes by a metric; null = by their families. */
  setOverlay(overlay: PaintedOverlay | null): void {
    this.overlay = overlay;
    this.repaint();
  }

  /** Marks nodes that there is a note on. */
  setNoted(nodes: ReadonlySet<number>): void {
    this.noted = nodes;
    this.repaint();
  }

  /** Marks nodes that differ from a graph that is compared with. */
  setMarks(marks: ReadonlyMap<number, NodeMark>): void {
    this.marks = marks;
    this.repaint();
  }

  /** Shows paths while all else steps back; null = no more. */
  setTrace(trace: PathTrace | null): void {
    this.trace = trace;
    this.repaint();
  }

  setHovered(node: number | null): void {
    if (node !== this.hovered) {
      this.hovered = node;
      this.updateLit();
      this.repaint();
    }
  }

  /** Opens what hides a node and brings it into sight. */
  goTo(node: number, centred: boolean): void {
    if (this.groups === null) {
      return;
    }
    const hidden = this.groups.openAround(node);
    if (!hidden && this.index?.placeOf.has(node)) {
      this.camera.bringIntoSight(node, centred);
      return;
    }
    this.wanted = { node, centred };
    void this.layOut(null);
  }

  /** Opens or closes a group and leaves it where it is on the screen. */
  toggle(node: number): void {
    if (this.groups?.toggle(node)) {
      void this.layOut(this.camera.anchor(node));
    }
  }

  /** Opens or closes all groups. */
  setAll(open: boolean): void {
    if (this.groups === null) {
      return;
    }
    this.groups.setAll(open);
    const held = this.selected ?? this.camera.topmost();
    const shown = held === null ? null : this.groups.standsFor(held);
    const anchor = held === null ? null : this.camera.anchor(held, shown ?? held);
    void this.layOut(anchor);
  }

  panBy(pixelsX: number, pixelsY: number): void {
    this.camera.panBy(pixelsX, pixelsY);
  }

  /** Zooms around a pixel; around the middle without one. */
  zoomBy(factor: number, pixelX?: number, pixelY?: number): void {
    this.camera.zoomBy(factor, pixelX, pixelY);
  }

  fit(): void {
    this.camera.fit();
  }

  setView(view: Viewport): void {
    this.camera.setView(view);
  }

  /** The node at a pixel, and whether it is on the sign that opens it. */
  hit(pixelX: number, pixelY: number): { node: number; chevron: boolean } | null {
    return this.camera.hit(pixelX, pixelY);
  }

  neighbour(node: number, direction: Direction): number | null {
    return this.index?.neighbour(node, direction) ?? null;
  }

  /** The node that a button is for. */
  nodeOf(element: EventTarget | null): number | null {
    return this.buttons.nodeOf(element);
  }

  /** Puts the keyboard's focus on a node. */
  focus(node: number): void {
    this.updateButtons();
    this.buttons.focus(node);
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
      this.events.onBusy(true);
      const scene = await this.layouts.layout(groups.flags());
      if (scene === null || this.model !== model) {
        return;
      }
      this.events.onBusy(false);
      this.laidOut = groups.flags();
      this.events.onOpen(groups.text());
      const { index: before, view } = this.camera;
      const index = new SceneIndex(model.graph, model.edges, scene);
      this.camera.index = index;
      this.place(anchor);
      const after = { index, view: this.camera.view };
      const seen = before === null ? null : { index: before, view };
      this.motion.start(seen, after, performance.now());
      this.updateLit();
      // A frame with the new scene and the old view would flicker.
      this.repaint();
      this.events.onChange();
    } catch (error) {
      this.events.onBusy(false);
      const message = error instanceof Error ? error.message : String(error);
      this.events.onError(`The graph could not be laid out: ${message}`);
    }
  }

  /** Gives up a layout that takes too long; what was open before is open again. */
  cancel(): void {
    const { groups } = this;
    this.layouts.cancel();
    this.events.onBusy(false);
    this.wanted = null;
    if (groups !== null && this.laidOut !== null) {
      groups.restore(this.laidOut);
    }
  }

  /** Chooses the view of a new scene. */
  private place(anchor: Anchor | null): void {
    const { index, memory, camera } = this;
    if (index === null || this.size.width === 0) {
      return;
    }
    if (anchor === null || !camera.holdAt(anchor)) {
      if (memory?.viewport != null) {
        camera.setView(memory.viewport);
      } else {
        camera.showFirst();
      }
    }
    if (this.wanted !== null && index.placeOf.has(this.wanted.node)) {
      const { node, centred } = this.wanted;
      this.wanted = null;
      camera.bringIntoSight(node, centred);
    }
  }

  private onMove(view: Viewport): void {
    if (this.memory !== null) {
      this.memory.viewport = view;
    }
    this.repaint();
    this.events.onChange();
  }

  private onResize(size: Size): void {
    const { camera } = this;
    if (camera.size.width > 0) {
      camera.resize(size);
      return;
    }
    camera.size = size;
    this.place(null);
  }

  private updateLit(): void {
    const node = this.hovered ?? this.selected;
    const shown = node === null ? null : (this.index?.shown(node) ?? null);
    if (this.index === null || shown === null || shown < 0) {
      this.lit = NOTHING_LIT;
      this.farLit = null;
      return;
    }
    this.lit = this.index.lit(shown);
    this.farLit = farLitOf(this.index, shown);
  }

  private updateButtons(): void {
    const { index, view, size } = this.camera;
    const cards = this.model?.cards;
    if (index !== null && cards !== undefined) {
      const { selected, overlay, marks } = this;
      this.buttons.update({ index, cards, view, ...size, selected, overlay, marks });
    }
  }

  private paint(
    context: CanvasRenderingContext2D,
    width: number,
    height: number,
  ): void {
    const picture = this.picture();
    if (picture !== null) {
      const moving = this.motion.frame(picture.index, performance.now());
      this.painter.paint(context, width, height, {
        ...picture,
        index: moving ?? picture.index,
      });
      markPaint(picture.index);
      if (moving !== null) {
        this.canvas.requestPaint();
      }
    }
  }

  /** What is painted now, or null before there is anything. */
  picture(): GraphPicture | null {
    const index = this.index;
    const cards = this.model?.cards;
    const colors = this.colors;
    if (index === null || cards === undefined || colors === null) {
      return null;
    }
    return {
      index,
      cards,
      colors,
      view: this.view,
      selected: this.selected === null ? null : index.shown(this.selected),
      related: this.related,
      hovered: this.hovered,
      lit: this.lit,
      farLit: this.farLit,
      trace: this.trace?.on(index) ?? null,
      marked: this.shownMarked.of(index, this.marked),
      overlay: this.overlay,
      noted: this.noted,
      marks: this.marks,
    };
  }
}
