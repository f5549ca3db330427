/** Paints the part of a graph that is seen, in the detail that can be seen. */

import { READABLE_ZOOM } from "../model/graph/viewport";
import { GROUP } from "../model/layout/nested_layout";
import { NAME_ZOOM, outlineOf, paintCard, RADIUS } from "./card_painter";
import { paintChevron } from "./chevron";
import { DotPainter } from "./dots";
import { type Part, paintEdges, paintTracedEdges } from "./graph_edges";
import type { GraphPicture } from "./graph_picture";
import { paintMark } from "./mark_painter";
import type { Surface } from "./surface";
import { TextFitter } from "./text_fitter";
import { paintTraceEnds, paintVeil } from "./trace_painter";

/** From which zoom on cards are more than spots of colour. */
const OUTLINE_ZOOM = 0.12;

/** More cards than this have no outlines as long as they have no names. */
const CROWD = 1_500;
/** Frames that are lower than this, in pixels, are hidden by what is in them. */
const LEAST_FRAME = 4;

/** Paints graphs; keeps what measuring texts costs. */
export class GraphPainter {
  private readonly fitter = new TextFitter();
  private readonly dots = new DotPainter();

  paint(context: Surface, width: number, height: number, picture: GraphPicture): void {
    const { view, index, trace } = picture;
    context.save();
    context.scale(view.zoom, view.zoom);
    context.translate(-view.x, -view.y);
    const right = view.x + width / view.zoom;
    const bottom = view.y + height / view.zoom;
    const part: Part = { left: view.x, top: view.y, right, bottom };
    const seen = index.within(view.x, view.y, right, bottom);
    const { scene } = index;
    for (const at of seen) {
      if (scene.open[at] === 1 && isFrameSeen(picture, at)) {
        this.paintFrame(context, picture, at);
      }
    }
    paintEdges(context, picture, part);
    this.paintNodes(context, picture, seen);
    if (trace !== null) {
      paintVeil(context, picture, part);
      paintTracedEdges(context, picture, trace.edges, part);
      const traced = seen.filter((at) => trace.nodes[at] === 1);
      this.paintNodes(context, picture, traced);
      paintTraceEnds(context, picture, trace);
    }
    context.restore();
  }

  /** Cards in the detail that can be seen, and the headers of open groups. */
  private paintNodes(
    context: Surface,
    picture: GraphPicture,
    places: readonly number[],
  ): void {
    const { index, view } = picture;
    const { scene } = index;
    const { zoom } = view;
    if (zoom < OUTLINE_ZOOM || (places.length > CROWD && zoom < NAME_ZOOM)) {
      this.paintDots(context, picture, places);
    } else {
      for (const at of places) {
        if (scene.open[at] === 0) {
          paintCard(context, this.fitter, picture, at);
          paintMark(context, picture, at, scene.top[at] as number);
        }
      }
    }
    for (const at of places) {
      if (scene.open[at] === 1) {
        this.paintHeader(context, picture, at);
        paintMark(context, picture, at, index.headerTop(at, view.y));
      }
    }
  }

  /** So small that only the colour counts: one fill per colour. */
  private paintDots(
    context: Surface,
    picture: GraphPicture,
    seen: readonly number[],
  ): void {
    const { index, cards, colors, selected, overlay, marks } = picture;
    const { scene } = index;
    const byColor = new Map<string, number[]>();
    const crossed: number[] = [];
    for (const at of seen) {
      if (scene.open[at] === 1) {
        continue;
      }
      const node = scene.nodes[at] as number;
      const mark = marks.get(node);
      const color =
        mark !== undefined
          ? colors.mark(mark.sign)
          : overlay === null
            ? colors.family(cards[node]?.family ?? "other")
            : (overlay.fill(node) ?? colors.border);
      const list = byColor.get(color);
      if (list === undefined) {
        byColor.set(color, [at]);
      } else {
        list.push(at);
      }
      if (overlay?.pattern(node) === "crossed") {
        crossed.push(at);
      }
    }
    const fill = (at: number): void =>
      context.fillRect(
        scene.left[at] as number,
        scene.top[at] as number,
        scene.widths[at] as number,
        scene.heights[at] as number,
      );
    this.dots.paint(context, index, byColor);
    for (const at of crossed) {
      paintCross(context, picture, at);
    }
    context.fillStyle = colors.accent;
    for (const at of seen) {
      const node = scene.nodes[at] as number;
      if (node === selected || picture.marked.has(node)) {
        fill(at);
      }
    }
  }

  private paintFrame(context: Surface, picture: GraphPicture, at: number): void {
    const { scene } = picture.index;
    const { colors, view } = picture;
    context.beginPath();
    context.roundRect(
      scene.left[at] as number,
      scene.top[at] as number,
      scene.widths[at] as number,
      scene.heights[at] as number,
      RADIUS + 2,
    );
    context.fillStyle = colors.groupFill;
    context.fill();
    const outline = outlineOf(picture, at);
    context.strokeStyle = outline?.color ?? colors.groupBorder;
    context.lineWidth = Math.max(outline?.width ?? 1, 1 / view.zoom);
    context.stroke();
  }

  private paintHeader(context: Surface, picture: GraphPicture, at: number): void {
    const { scene } = picture.index;
    const { colors, view } = picture;
    if (view.zoom < NAME_ZOOM) {
      return;
    }
    const node = scene.nodes[at] as number;
    const card = picture.cards[node];
    const left = scene.left[at] as number;
    const width = scene.widths[at] as number;
    // The header stays in sight as long as something of its group is.
    const top = picture.index.headerTop(at, view.y);
    const pinned = top !== (scene.top[at] as number);
    if (card === undefined) {
      return;
    }
    if (pinned) {
      context.beginPath();
      context.roundRect(left, top, width, GROUP.header, [0, 0, RADIUS, RADIUS]);
      context.fillStyle = colors.groupFill;
      context.fill();
      context.strokeStyle = colors.groupBorder;
      context.lineWidth = 1;
      context.stroke();
    }
    const middle = top + GROUP.header / 2;
    const start = picture.index.headerLeft(at, view.x);
    paintChevron(context, start + 17, middle, true, colors.muted);
    const room = left + width - start - 44;
    const name = this.fitter.fit(context, card.title, room, `600 14px ${colors.font}`);
    context.fillStyle = colors.text;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(name, start + 30, middle + 0.5);
    const used = context.measureText(name).width;
    const { overlay } = picture;
    const value = overlay === null ? card.params : overlay.text(node);
    const detail = [card.className, value].filter(Boolean).join(" · ");
    const rest = room - used - 10;
    if (rest > 40 && view.zoom >= READABLE_ZOOM * 0.8) {
      const font = `12.5px ${colors.font}`;
      context.fillStyle = colors.muted;
      const text = this.fitter.fit(context, detail, rest, font);
      context.fillText(text, start + 40 + used, middle + 0.5);
    }
  }
}

function isFrameSeen(picture: GraphPicture, at: number): boolean {
  const height = (picture.index.scene.heights[at] as number) * picture.view.zoom;
  return height >= LEAST_FRAME || outlineOf(picture, at) !== null;
}

/** A sign over what is too small for words: it is no number. */
function paintCross(context: Surface, picture: GraphPicture, at: number): void {
  const { scene } = picture.index;
  const { colors, view } = picture;
  const node = scene.nodes[at] as number;
  const x = (scene.left[at] as number) + (scene.widths[at] as number) / 2;
  const y = (scene.top[at] as number) + (scene.heights[at] as number) / 2;
  // Not larger than the card, so that signs side by side stay apart.
  const room = (scene.heights[at] as number) * 0.45;
  const arm = Math.min(5 / view.zoom, room);
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x - arm, y + arm);
  context.lineTo(x + arm, y - arm);
  context.strokeStyle = picture.overlay?.ink(node) ?? colors.text;
  context.lineWidth = Math.min(1.6 / view.zoom, room / 3);
  context.stroke();
}
