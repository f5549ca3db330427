/** What the painters of the graph draw on: a canvas, or what writes SVG. */

/**
 * The part of a canvas that the painters use. `svg_surface.ts` has each of these;
 * a painter that needs another one adds it here and there, so that what is
 * exported stays what is on the screen.
 */
export type Surface = Pick<
  CanvasRenderingContext2D,
  | "save"
  | "restore"
  | "scale"
  | "translate"
  | "beginPath"
  | "moveTo"
  | "lineTo"
  | "bezierCurveTo"
  | "closePath"
  | "rect"
  | "roundRect"
  | "fill"
  | "stroke"
  | "fillRect"
  | "fillText"
  | "setLineDash"
  | "fillStyle"
  | "strokeStyle"
  | "globalAlpha"
  | "lineWidth"
  | "lineCap"
  | "lineJoin"
  | "font"
  | "textAlign"
  | "textBaseline"
> & {
  measureText(text: string): Pick<TextMetrics, "width">;
};
