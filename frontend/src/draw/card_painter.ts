/** Paints one card, in the detail that can be read. */

import type { Card } from "../model/graph/cards";
import { isGroup } from "../model/graph/node_tree";
import { READABLE_ZOOM } from "../model/graph/viewport";
import { paintChevron } from "./chevron";
import type { GraphPicture } from "./graph_picture";
import type { Surface } from "./surface";
import type { TextFitter } from "./text_fitter";

/** From which zoom on cards are drawn with what. */
export const NAME_ZOOM = 0.3;
const CLASS_ZOOM = 0.44;
export const RADIUS = 6;
const ACCENT_WIDTH = 5;
const HATCH_STEP = 11;

/** Where a card is, what it says and in which colours. */
interface Face {
  readonly card: Card;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly closed: boolean;
  readonly text: string;
  readonly muted: string;
  /** The number at the right of its second line. */
  readonly value: string;
  /** Whether the number is what it is coloured by. */
  readonly overlaid: boolean;
}

/** A line around what is chosen, found or lit. */
export interface Outline {
  readonly color: string;
  readonly width: number;
  readonly fill: string;
}

/** Paints the card at a place of the scene. */
export function paintCard(
  context: Surface,
  fitter: TextFitter,
  picture: GraphPicture,
  at: number,
): void {
  const { colors, view } = picture;
  const face = faceOf(picture, at);
  if (face === null) {
    return;
  }
  const { left, top, width, height } = face;
  const outline = outlineOf(picture, at);
  if (face.closed) {
    // The edge of a second card says that there is more below.
    context.beginPath();
    context.roundRect(left + 5, top + 5, width, height, RADIUS);
    context.fillStyle = colors.groupFill;
    context.fill();
    context.strokeStyle = colors.groupBorder;
    context.lineWidth = 1;
    context.stroke();
  }
  paintGround(context, picture, at, face, outline);
  context.strokeStyle = outline?.color ?? colors.border;
  context.lineWidth = outline?.width ?? 1;
  context.stroke();
  if (view.zoom >= READABLE_ZOOM) {
    paintTexts(context, fitter, picture, face);
  } else if (view.zoom >= CLASS_ZOOM) {
    paintTwo(context, fitter, picture, face, 18, 16);
  } else if (view.zoom >= NAME_ZOOM) {
    paintName(context, fitter, picture, face);
  }
  const node = picture.index.scene.nodes[at] as number;
  if (picture.noted.has(node) && view.zoom >= NAME_ZOOM) {
    paintNoteSign(context, picture, left + width, top);
  }
}

/** How a node is marked, if it is. */
export function outlineOf(picture: GraphPicture, at: number): Outline | null {
  const { colors, view } = picture;
  const node = picture.index.scene.nodes[at] as number;
  const thick = Math.max(2, 1.6 / view.zoom);
  const { trace } = picture;
  if (trace !== null && (node === trace.from || node === trace.to)) {
    return { color: colors.accent, width: thick + 1, fill: colors.accentSoft };
  }
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

function faceOf(picture: GraphPicture, at: number): Face | null {
  const { colors, overlay } = picture;
  const { scene, graph } = picture.index;
  const node = scene.nodes[at] as number;
  const card = picture.cards[node];
  if (card === undefined) {
    return null;
  }
  const ink = overlay?.ink(node) ?? null;
  return {
    card,
    left: scene.left[at] as number,
    top: scene.top[at] as number,
    width: scene.widths[at] as number,
    height: scene.heights[at] as number,
    closed: isGroup(graph.tree, node),
    text: ink ?? colors.text,
    muted: ink ?? colors.muted,
    value: overlay === null ? card.params : overlay.text(node),
    overlaid: overlay !== null,
  };
}

/** The card without texts; leaves its outline as the path. */
function paintGround(
  context: Surface,
  picture: GraphPicture,
  at: number,
  face: Face,
  outline: Outline | null,
): void {
  const { colors, overlay, view } = picture;
  const { left, top, width, height } = face;
  const node = picture.index.scene.nodes[at] as number;
  const shape = (): void => {
    context.beginPath();
    context.roundRect(left, top, width, height, RADIUS);
  };
  shape();
  if (overlay !== null) {
    context.fillStyle = overlay.fill(node) ?? outline?.fill ?? colors.card;
    context.fill();
    if (overlay.pattern(node) === "hatched" && view.zoom >= NAME_ZOOM) {
      context.globalAlpha = 0.3;
      paintHatch(context, face, colors.border);
      context.globalAlpha = 1;
      shape();
    }
    if (outline !== null) {
      // Whatever its colour, the outline stands out from what it is around.
      context.strokeStyle = colors.card;
      context.lineWidth = outline.width + 4 / view.zoom;
      context.stroke();
    }
    return;
  }
  context.fillStyle = outline?.fill ?? colors.card;
  context.fill();
  context.fillStyle = colors.family(face.card.family);
  if (view.zoom < NAME_ZOOM) {
    context.globalAlpha = 0.55;
    context.fill();
    context.globalAlpha = 1;
    return;
  }
  context.beginPath();
  context.roundRect(left, top, ACCENT_WIDTH, height, [RADIUS, 0, 0, RADIUS]);
  context.fill();
  shape();
}

/** Slanted lines all over a card. */
function paintHatch(context: Surface, face: Face, color: string): void {
  const { left, top, width, height } = face;
  context.beginPath();
  for (let x = HATCH_STEP; x < width + height; x += HATCH_STEP) {
    // From the upper edge, or the right one, down to the left.
    const fromX = Math.min(x, width);
    const fromY = x - fromX;
    const toX = Math.max(0, x - height);
    const toY = x - toX;
    context.moveTo(left + fromX, top + fromY);
    context.lineTo(left + toX, top + toY);
  }
  context.strokeStyle = color;
  context.lineWidth = 1;
  context.stroke();
}

function paintTexts(
  context: Surface,
  fitter: TextFitter,
  picture: GraphPicture,
  face: Face,
): void {
  const { colors, noted } = picture;
  const { card, closed, left, top, width } = face;
  const x = left + ACCENT_WIDTH + 9;
  const end = left + width - 10;
  const cut = (text: string, room: number, font: string): string =>
    fitter.fit(context, text, room, font);
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = face.text;
  const chevron = closed ? 16 : 0;
  const sign = noted.size > 0 ? 6 : 0;
  const name = cut(card.title, end - x - chevron - sign, `600 14px ${colors.font}`);
  context.fillText(name, x + chevron, top + 21);
  if (closed) {
    paintChevron(context, x + 4, top + 16.5, false, face.muted);
  }
  const small = `12.5px ${colors.font}`;
  let room = end - x;
  if (face.value !== "") {
    const font = face.overlaid ? `600 ${small}` : small;
    const value = cut(face.value, room * 0.6, font);
    const taken = context.measureText(value).width;
    context.fillText(value, end - taken, top + 39);
    room -= taken + 10;
  }
  context.fillStyle = face.muted;
  context.fillText(cut(card.className, room, small), x, top + 39);
  let third = end - x;
  if (card.role !== "") {
    const font = `600 12px ${colors.font}`;
    const role = cut(card.role, third * 0.6, font);
    const taken = context.measureText(role).width;
    context.fillStyle = face.text;
    context.fillText(role, end - taken, top + 55);
    third -= taken + 8;
  }
  context.fillStyle = face.muted;
  context.fillText(cut(card.shape, third, `12px ${colors.mono}`), x, top + 55);
}

/** A bit too small for all of it: the name, and its class or its value, larger. */
function paintTwo(
  context: Surface,
  fitter: TextFitter,
  picture: GraphPicture,
  face: Face,
  nameSize: number,
  size: number,
): void {
  const { colors } = picture;
  const x = face.left + ACCENT_WIDTH + 9;
  const room = face.left + face.width - 8 - x;
  context.textBaseline = "alphabetic";
  context.textAlign = "left";
  context.fillStyle = face.text;
  const bold = `600 ${nameSize}px ${colors.font}`;
  const name = fitter.fit(context, face.card.title, room, bold);
  context.fillText(name, x, face.top + 26);
  context.fillStyle = face.muted;
  // Shapes tell a model's story; the class is what the colour says as well.
  const { shape, className } = face.card;
  const second = face.overlaid ? face.value : shape || className;
  const plain = shape === "" ? colors.font : colors.mono;
  const font = face.overlaid
    ? `600 ${size}px ${colors.font}`
    : `${size - 1}px ${plain}`;
  context.fillText(fitter.fit(context, second, room, font), x, face.top + 51);
}

/** Too small for all of it: the name alone, larger; with the value, if there is one. */
function paintName(
  context: Surface,
  fitter: TextFitter,
  picture: GraphPicture,
  face: Face,
): void {
  const { colors, view } = picture;
  if (face.overlaid) {
    paintTwo(context, fitter, picture, face, 24, 24);
    return;
  }
  const size = Math.min(26, Math.round(11 / view.zoom));
  const room = face.width - ACCENT_WIDTH - 16;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillStyle = face.text;
  const font = `500 ${size}px ${colors.font}`;
  const text = fitter.fit(context, face.card.title, room, font);
  context.fillText(text, face.left + ACCENT_WIDTH + 8, face.top + face.height / 2);
}

/** Says that there is a note: an "i" on the upper right corner. */
function paintNoteSign(
  context: Surface,
  picture: GraphPicture,
  x: number,
  y: number,
): void {
  const { colors, view } = picture;
  const radius = Math.min(14, Math.max(8, 7 / view.zoom));
  context.beginPath();
  context.roundRect(x - radius - 3, y - radius + 1, 2 * radius, 2 * radius, radius);
  context.fillStyle = colors.warningSoft;
  context.fill();
  context.strokeStyle = colors.warning;
  context.lineWidth = 1.2;
  context.stroke();
  context.fillStyle = colors.warning;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `700 ${Math.round(radius * 1.5)}px ${colors.font}`;
  context.fillText("i", x - 3, y + 1.5);
}
