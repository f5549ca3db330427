/** The sign on a card that opens and closes a group. */

import { CARD } from "../model/graph/cards";
import { GROUP } from "../model/layout/nested_layout";
import type { Surface } from "./surface";

/** Where the sign that opens and closes a group is, from the upper left corner. */
export function chevronBox(open: boolean): { width: number; height: number } {
  return open
    ? { width: 30, height: GROUP.header }
    : { width: 30, height: CARD.height / 2 };
}

/** Paints the sign: it points down on an open group. */
export function paintChevron(
  context: Surface,
  x: number,
  y: number,
  open: boolean,
  color: string,
): void {
  context.beginPath();
  if (open) {
    context.moveTo(x - 4.5, y - 2);
    context.lineTo(x, y + 2.5);
    context.lineTo(x + 4.5, y - 2);
  } else {
    context.moveTo(x - 2, y - 4.5);
    context.lineTo(x + 2.5, y);
    context.lineTo(x - 2, y + 4.5);
  }
  context.strokeStyle = color;
  context.lineWidth = 1.8;
  context.lineCap = "round";
  context.lineJoin = "round";
  context.stroke();
}
