/** Writes what is painted as an SVG document: shapes as paths, texts as text. */

import type { Surface } from "./surface";

/** Says how large texts are; a canvas knows, and SVG must agree with it. */
export interface TextMeasure {
  /** Width of a text, in pixels. */
  width(text: string, font: string): number;
  /** From the baseline of a font up to its middle, in pixels. */
  middle(font: string): number;
}

/** Measures with a canvas. */
export function createTextMeasure(context: CanvasRenderingContext2D): TextMeasure {
  const middles = new Map<string, number>();
  const top = (baseline: CanvasTextBaseline): number => {
    context.textBaseline = baseline;
    return context.measureText("x").fontBoundingBoxAscent;
  };
  return {
    width: (text, font) => {
      context.font = font;
      return context.measureText(text).width;
    },
    middle: (font) => {
      let middle = middles.get(font);
      if (middle === undefined) {
        context.font = font;
        middle = top("alphabetic") - top("middle");
        middles.set(font, middle);
      }
      return middle;
    },
  };
}

/** What an SVG document says of itself. */
export interface SvgFrame {
  readonly width: number;
  readonly height: number;
  /** CSS colour behind everything. */
  readonly background: string;
  /** Names the picture, also for screen readers. */
  readonly title: string;
  readonly description: string;
}

interface State {
  zoom: number;
  x: number;
  y: number;
  fillStyle: string;
  strokeStyle: string;
  globalAlpha: number;
  lineWidth: number;
  lineCap: CanvasLineCap;
  lineJoin: CanvasLineJoin;
  font: string;
  textAlign: CanvasTextAlign;
  textBaseline: CanvasTextBaseline;
  dash: readonly number[];
}

const START: State = {
  zoom: 1,
  x: 0,
  y: 0,
  fillStyle: "#000000",
  strokeStyle: "#000000",
  globalAlpha: 1,
  lineWidth: 1,
  lineCap: "butt",
  lineJoin: "miter",
  font: "10px sans-serif",
  textAlign: "left",
  textBaseline: "alphabetic",
  dash: [],
};

/** A surface that keeps what is painted on it as SVG elements. */
export class SvgSurface implements Surface {
  private readonly elements: string[] = [];
  private readonly saved: State[] = [];
  private state: State = { ...START };
  private path = "";
  /** The element that filled the path as it is now, to stroke it as well. */
  private filled = "";
  private family = "";

  constructor(private readonly measure: TextMeasure) {}

  /** The document, in pieces that are to be written one after the other. */
  document(frame: SvgFrame): string[] {
    const { width, height } = frame;
    const size = `width="${round(width)}" height="${round(height)}"`;
    return [
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} `,
      `viewBox="0 0 ${round(width)} ${round(height)}" role="img" xml:space="preserve" `,
      `font-family="${escapeXml(this.family)}">\n`,
      `<title>${escapeXml(frame.title)}</title>\n`,
      `<desc>${escapeXml(frame.description)}</desc>\n`,
      `<rect width="100%" height="100%" fill="${escapeXml(frame.background)}"/>\n`,
      ...this.elements,
      "</svg>\n",
    ];
  }

  get fillStyle(): string {
    return this.state.fillStyle;
  }
  set fillStyle(color: string) {
    this.state.fillStyle = color;
  }
  get strokeStyle(): string {
    return this.state.strokeStyle;
  }
  set strokeStyle(color: string) {
    this.state.strokeStyle = color;
  }
  get globalAlpha(): number {
    return this.state.globalAlpha;
  }
  set globalAlpha(alpha: number) {
    this.state.globalAlpha = alpha;
  }
  get lineWidth(): number {
    return this.state.lineWidth;
  }
  set lineWidth(width: number) {
    this.state.lineWidth = width;
  }
  get lineCap(): CanvasLineCap {
    return this.state.lineCap;
  }
  set lineCap(cap: CanvasLineCap) {
    this.state.lineCap = cap;
  }
  get lineJoin(): CanvasLineJoin {
    return this.state.lineJoin;
  }
  set lineJoin(join: CanvasLineJoin) {
    this.state.lineJoin = join;
  }
  get font(): string {
    return this.state.font;
  }
  set font(font: string) {
    this.state.font = font;
  }
  get textAlign(): CanvasTextAlign {
    return this.state.textAlign;
  }
  set textAlign(align: CanvasTextAlign) {
    this.state.textAlign = align;
  }
  get textBaseline(): CanvasTextBaseline {
    return this.state.textBaseline;
  }
  set textBaseline(baseline: CanvasTextBaseline) {
    this.state.textBaseline = baseline;
  }

  save(): void {
    this.saved.push({ ...this.state });
  }

  restore(): void {
    this.state = this.saved.pop() ?? this.state;
  }

  /** Only the same factor in both directions: lines stay as wide everywhere. */
  scale(factor: number, factorY: number): void {
    if (factor !== factorY) {
      throw new Error("SvgSurface scales alike in both directions");
    }
    this.state.zoom *= factor;
  }

  translate(x: number, y: number): void {
    this.state.x += x * this.state.zoom;
    this.state.y += y * this.state.zoom;
  }

  setLineDash(dash: Iterable<number>): void {
    this.state.dash = [...dash];
  }

  measureText(text: string): Pick<TextMetrics, "width"> {
    return { width: this.measure.width(text, this.state.font) };
  }

  beginPath(): void {
    this.path = "";
    this.filled = "";
  }

  moveTo(x: number, y: number): void {
    this.trace(`M${this.at(x, y)}`);
  }

  lineTo(x: number, y: number): void {
    this.trace(`L${this.at(x, y)}`);
  }

  bezierCurveTo(
    x1: number,
    y1: number,
    x2: number,
    y2: number,
    x: number,
    y: number,
  ): void {
    this.trace(`C${this.at(x1, y1)} ${this.at(x2, y2)} ${this.at(x, y)}`);
  }

  closePath(): void {
    this.trace("Z");
  }

  rect(x: number, y: number, width: number, height: number): void {
    this.moveTo(x, y);
    this.lineTo(x + width, y);
    this.lineTo(x + width, y + height);
    this.lineTo(x, y + height);
    this.closePath();
  }

  /** @param radii One for all corners, or one each, clockwise from the upper left. */
  roundRect(
    x: number,
    y: number,
    width: number,
    height: number,
    radii: number | DOMPointInit | Iterable<number | DOMPointInit> = 0,
  ): void {
    const given =
      typeof radii === "object" && Symbol.iterator in radii ? [...radii] : [radii];
    const wanted = given.map((radius) =>
      typeof radius === "number" ? radius : (radius.x ?? 0),
    );
    const [a = 0, b = a, c = a, d = b] = wanted;
    // Corners that would meet are made smaller, all by the same factor.
    const factor = Math.min(
      1,
      width / Math.max(a + b, c + d, 1e-9),
      height / Math.max(a + d, b + c, 1e-9),
    );
    const corner = (radius: number, toX: number, toY: number): void => {
      if (radius > 0) {
        const size = round(radius * factor * this.state.zoom);
        this.trace(`A${size} ${size} 0 0 1 ${this.at(toX, toY)}`);
      }
    };
    const right = x + width;
    const bottom = y + height;
    this.moveTo(x + a * factor, y);
    this.lineTo(right - b * factor, y);
    corner(b, right, y + b * factor);
    this.lineTo(right, bottom - c * factor);
    corner(c, right - c * factor, bottom);
    this.lineTo(x + d * factor, bottom);
    corner(d, x, bottom - d * factor);
    this.lineTo(x, y + a * factor);
    corner(a, x + a * factor, y);
    this.closePath();
  }

  fill(): void {
    if (this.path === "") {
      return;
    }
    this.filled = `<path d="${this.path}" ${this.paint("fill", this.state.fillStyle)}`;
    this.elements.push(`${this.filled}/>\n`);
  }

  stroke(): void {
    if (this.path === "") {
      return;
    }
    const { lineCap, lineJoin, lineWidth, zoom, dash } = this.state;
    const parts = [
      this.paint("stroke", this.state.strokeStyle),
      `stroke-width="${round(lineWidth * zoom)}"`,
    ];
    if (lineCap !== "butt") {
      parts.push(`stroke-linecap="${lineCap}"`);
    }
    if (lineJoin !== "miter") {
      parts.push(`stroke-linejoin="${lineJoin}"`);
    }
    if (dash.length > 0) {
      parts.push(
        `stroke-dasharray="${dash.map((one) => round(one * zoom)).join(" ")}"`,
      );
    }
    const stroke = parts.join(" ");
    if (this.filled !== "" && this.elements.at(-1) === `${this.filled}/>\n`) {
      this.elements[this.elements.length - 1] = `${this.filled} ${stroke}/>\n`;
      return;
    }
    this.elements.push(`<path d="${this.path}" fill="none" ${stroke}/>\n`);
  }

  fillRect(x: number, y: number, width: number, height: number): void {
    const { zoom } = this.state;
    const corner = `x="${this.toX(x)}" y="${this.toY(y)}"`;
    const size = `width="${round(width * zoom)}" height="${round(height * zoom)}"`;
    const fill = this.paint("fill", this.state.fillStyle);
    this.elements.push(`<rect ${corner} ${size} ${fill}/>\n`);
  }

  fillText(text: string, x: number, y: number): void {
    if (text === "") {
      return;
    }
    const { font, zoom, textBaseline, textAlign } = this.state;
    const { size, weight, family } = parseFont(font);
    // Few programs know SVG's own baselines.
    const down = textBaseline === "middle" ? this.measure.middle(font) : 0;
    const parts = [
      `x="${this.toX(x)}" y="${this.toY(y + down)}"`,
      `font-size="${round(size * zoom)}"`,
      this.paint("fill", this.state.fillStyle),
    ];
    if (weight !== "") {
      parts.push(`font-weight="${weight}"`);
    }
    if (textAlign === "center") {
      parts.push('text-anchor="middle"');
    } else if (textAlign === "right" || textAlign === "end") {
      parts.push('text-anchor="end"');
    }
    this.family ||= family;
    if (family !== this.family) {
      parts.push(`font-family="${escapeXml(family)}"`);
    }
    this.elements.push(`<text ${parts.join(" ")}>${escapeXml(text)}</text>\n`);
  }

  private trace(step: string): void {
    this.path += step;
    this.filled = "";
  }

  private paint(what: "fill" | "stroke", color: string): string {
    const { globalAlpha } = this.state;
    const opacity = globalAlpha < 1 ? ` ${what}-opacity="${round(globalAlpha)}"` : "";
    return `${what}="${escapeXml(color)}"${opacity}`;
  }

  private at(x: number, y: number): string {
    return `${this.toX(x)} ${this.toY(y)}`;
  }

  private toX(x: number): string {
    return round(x * this.state.zoom + this.state.x);
  }

  private toY(y: number): string {
    return round(y * this.state.zoom + this.state.y);
  }
}

/** Text as XML holds it; characters that XML cannot hold are replaced. */
export function escapeXml(text: string): string {
  return text
    .replace(FORBIDDEN, "\ufffd")
    .replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has none of them.
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff\p{Cs}]/gu;

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

/** A CSS font as the painters write it: `600 14px family, family`. */
function parseFont(font: string): { size: number; weight: string; family: string } {
  const found = /^(?:(\d+|bold) )?([\d.]+)px ([\s\S]+)$/.exec(font);
  return {
    size: Number(found?.[2] ?? 10),
    weight: found?.[1] ?? "",
    family: (found?.[3] ?? "sans-serif").replace(/\s+/g, " ").trim(),
  };
}
