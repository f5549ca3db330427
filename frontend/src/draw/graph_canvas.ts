/** Paints the part of a graph that is seen, in the detail that can be seen. */

import type { Card } from "../model/cards";
import type { LayerFamily } from "../model/layer_family";
import { GROUP } from "../model/nested_layout";
import { READABLE_ZOOM } from "../model/viewport";
import { paintChevron } from "./chevron";
import { paintEdges } from "./graph_edges";
import type { GraphPicture } from "./graph_picture";
import type { Surface } from "./surface";
import { TextFitter } from "./text_fitter";

/** From which zoom on cards are drawn with what. */
const NAME_ZOOM = 0.3;
const CLASS_ZOOM = 0.44;
const OUTLINE_ZOOM = 0.12;
const RADIUS = 6;
const ACCENT_WIDTH = 5;

/** Paints graphs; keeps what measuring texts costs. */
export class GraphPainter {
  private readonly fitter = new TextFitter();

  paint(context: Surface, width: number, height: number, picture: GraphPicture): void {
    const { view, index } = picture;
    context.save();
    context.scale(view.zoom, view.zoom);
    context.translate(-view.x, -view.y);
    const right = view.x + width / view.zoom;
    const bottom = view.y + height / view.zoom;
    const seen = index.within(view.x, view.y, right, bottom);
    const { scene } = index;
    for (const at of seen) {
      if (scene.open[at] === 1) {
        this.paintFrame(context, picture, at);
      }
    }
    paintEdges(context, picture, { left: view.x, top: view.y, right, bottom });
    if (view.zoom < OUTLINE_ZOOM) {
      this.paintDots(context, picture, seen);
    } else {
      for (const at of seen) {
        if (scene.open[at] === 0) {
          this.paintCard(context, picture, at);
        }
      }
    }
    for (const at of seen) {
      if (scene.open[at] === 1) {
        this.paintHeader(context, picture, at);
      }
    }
    context.restore();
  }

  /** So small that only the colour counts: one fill per family. */
  private paintDots(
    context: Surface,
    picture: GraphPicture,
    seen: readonly number[],
  ): void {
    const { index, cards, colors, selected } = picture;
    const { scene } = index;
    const byFamily = new Map<LayerFamily, number[]>();
    for (const at of seen) {
      if (scene.open[at] === 1) {
        continue;
      }
      const family = cards[scene.nodes[at] as number]?.family ?? "other";
      const list = byFamily.get(family);
      if (list === undefined) {
        byFamily.set(family, [at]);
      } else {
        list.push(at);
      }
    }
    const fill = (at: number): void =>
      context.fillRect(
        scene.left[at] as number,
        scene.top[at] as number,
        scene.widths[at] as number,
        scene.heights[at] as number,
      );
    for (const [family, places] of byFamily) {
      context.fillStyle = colors.family(family);
      for (const at of places) {
        fill(at);
      }
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
    const outline = this.outline(picture, at);
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
    const card = picture.cards[scene.nodes[at] as number];
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
    paintChevron(context, left + 17, middle, true, colors.muted);
    const room = width - 44;
    const name = this.fitter.fit(context, card.title, room, `600 14px ${colors.font}`);
    context.fillStyle = colors.text;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillText(name, left + 30, middle + 0.5);
    const used = context.measureText(name).width;
    const detail = [card.className, card.params].filter(Boolean).join(" · ");
    const rest = room - used - 10;
    if (rest > 40 && view.zoom >= READABLE_ZOOM * 0.8) {
      const font = `12.5px ${colors.font}`;
      context.fillStyle = colors.muted;
      const text = this.fitter.fit(context, detail, rest, font);
      context.fillText(text, left + 40 + used, middle + 0.5);
    }
  }

  private paintCard(context: Surface, picture: GraphPicture, at: number): void {
    const { scene, graph } = picture.index;
    const { colors, view } = picture;
    const node = scene.nodes[at] as number;
    const card = picture.cards[node];
    if (card === undefined) {
      return;
    }
    const left = scene.left[at] as number;
    const top = scene.top[at] as number;
    const width = scene.widths[at] as number;
    const height = scene.heights[at] as number;
    const closed = graph.tree.childStart[node + 1] !== graph.tree.childStart[node + 2];
    const outline = this.outline(picture, at);
    if (closed) {
      // The edge of a second card says that there is more below.
      context.beginPath();
      context.roundRect(left + 5, top + 5, width, height, RADIUS);
      context.fillStyle = colors.groupFill;
      context.fill();
      context.strokeStyle = colors.groupBorder;
      context.lineWidth = 1;
      context.stroke();
    }
    context.beginPath();
    context.roundRect(left, top, width, height, RADIUS);
    context.fillStyle = outline?.fill ?? colors.card;
    context.fill();
    const family = colors.family(card.family);
    if (view.zoom < NAME_ZOOM) {
      context.globalAlpha = 0.55;
      context.fillStyle = family;
      context.fill();
      context.globalAlpha = 1;
    } else {
      context.beginPath();
      context.roundRect(left, top, ACCENT_WIDTH, height, [RADIUS, 0, 0, RADIUS]);
      context.fillStyle = family;
      context.fill();
      context.beginPath();
      context.roundRect(left, top, width, height, RADIUS);
    }
    context.strokeStyle = outline?.color ?? colors.border;
    context.lineWidth = outline?.width ?? 1;
    context.stroke();
    if (view.zoom >= READABLE_ZOOM) {
      this.paintTexts(context, picture, card, closed, left, top, width);
    } else if (view.zoom >= CLASS_ZOOM) {
      this.paintClass(context, picture, card, left, top, width);
    } else if (view.zoom >= NAME_ZOOM) {
      this.paintName(context, picture, card, left, top, width, height);
    }
  }

  private paintTexts(
    context: Surface,
    picture: GraphPicture,
    card: Card,
    closed: boolean,
    left: number,
    top: number,
    width: number,
  ): void {
    const { colors } = picture;
    const x = left + ACCENT_WIDTH + 9;
    const end = left + width - 10;
    const cut = (text: string, room: number, font: string): string =>
      this.fitter.fit(context, text, room, font);
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillStyle = colors.text;
    const chevron = closed ? 16 : 0;
    const name = cut(card.title, end - x - chevron, `600 14px ${colors.font}`);
    context.fillText(name, x + chevron, top + 21);
    if (closed) {
      paintChevron(context, x + 4, top + 16.5, false, colors.muted);
    }
    const small = `12.5px ${colors.font}`;
    let room = end - x;
    if (card.params !== "") {
      const params = cut(card.params, room * 0.6, small);
      const taken = context.measureText(params).width;
      context.fillText(params, end - taken, top + 39);
      room -= taken + 10;
    }
    context.fillStyle = colors.muted;
    context.fillText(cut(card.className, room, small), x, top + 39);
    context.fillText(cut(card.shape, end - x, `12px ${colors.mono}`), x, top + 55);
  }

  /** A bit too small for all of it: name and class, larger. */
  private paintClass(
    context: Surface,
    picture: GraphPicture,
    card: Card,
    left: number,
    top: number,
    width: number,
  ): void {
    const { colors } = picture;
    const x = left + ACCENT_WIDTH + 9;
    const room = left + width - 8 - x;
    context.textBaseline = "alphabetic";
    context.textAlign = "left";
    context.fillStyle = colors.text;
    const name = this.fitter.fit(context, card.title, room, `600 18px ${colors.font}`);
    context.fillText(name, x, top + 26);
    context.fillStyle = colors.muted;
    const text = this.fitter.fit(context, card.className, room, `16px ${colors.font}`);
    context.fillText(text, x, top + 50);
  }

  /** Too small for all of it: the name alone, larger. */
  private paintName(
    context: Surface,
    picture: GraphPicture,
    card: Card,
    left: number,
    top: number,
    width: number,
    height: number,
  ): void {
    const { colors, view } = picture;
    const size = Math.min(26, Math.round(11 / view.zoom));
    const room = width - ACCENT_WIDTH - 16;
    context.textBaseline = "middle";
    context.textAlign = "left";
    context.fillStyle = colors.text;
    const text = this.fitter.fit(
      context,
      card.title,
      room,
      `500 ${size}px ${colors.font}`,
    );
    context.fillText(text, left + ACCENT_WIDTH + 8, top + height / 2);
  }

  private outline(
    picture: GraphPicture,
    at: number,
  ): { color: string; width: number; fill: string } | null {
    const { colors, view } = picture;
    const node = picture.index.scene.nodes[at] as number;
    const thick = Math.max(2, 1.6 / view.zoom);
    if (node === picture.selected) {
      return { color: colors.accent, width: thick + 0.5, fill: colors.accentSoft };
    }
    if (picture.related.has(node) || picture.marked.has(node)) {
      return {
        color: colors.accent,
        width: Math.max(1.2, 1 / view.zoom),
        fill: colors.card,
      };
    }
    if (node === picture.hovered || picture.lit.nodes.has(at)) {
      return { color: colors.muted, width: thick * 0.8, fill: colors.card };
    }
    return null;
  }
}
