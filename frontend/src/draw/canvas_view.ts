/** A canvas that follows its element's size and density, painted once per frame. */

export type PaintFrame = (
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
) => void;

/** What a canvas needs of its owner. */
export interface CanvasOwner {
  /** Paints on CSS pixels; the canvas is empty. */
  readonly paint: PaintFrame;
  /** Called after each paint, also where nothing can be painted on. */
  readonly afterFrame: () => void;
  /** Called before the paint that follows a change of size. */
  readonly onResize: (width: number, height: number) => void;
}

/** Owns one canvas; whatever asks for a repaint, a frame is painted once. */
export class CanvasView {
  private frame = 0;
  private width = 0;
  private height = 0;
  private readonly observer: ResizeObserver;

  /** @param canvas Its style gives its size. */
  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly owner: CanvasOwner,
  ) {
    this.observer = new ResizeObserver(() => this.measure());
    this.observer.observe(canvas);
    this.measure();
  }

  /** Paints in the next frame. */
  requestPaint(): void {
    if (this.frame === 0) {
      this.frame = requestAnimationFrame(() => {
        this.frame = 0;
        this.paintNow();
      });
    }
  }

  destroy(): void {
    this.observer.disconnect();
    cancelAnimationFrame(this.frame);
  }

  private measure(): void {
    const width = this.canvas.clientWidth;
    const height = this.canvas.clientHeight;
    // TensorBoard gives a tab that is not shown no height: nothing has changed.
    if (width === 0 || height === 0) {
      return;
    }
    if (width !== this.width || height !== this.height) {
      this.width = width;
      this.height = height;
      this.owner.onResize(width, height);
      // A canvas of a new size is empty: waiting a frame would flicker.
      this.paintNow();
    }
  }

  private paintNow(): void {
    if (this.width === 0) {
      return;
    }
    const context = this.canvas.getContext("2d");
    if (context !== null) {
      this.paintOn(context);
    }
    this.owner.afterFrame();
  }

  private paintOn(context: CanvasRenderingContext2D): void {
    const density = window.devicePixelRatio || 1;
    const width = Math.round(this.width * density);
    const height = Math.round(this.height * density);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    context.clearRect(0, 0, this.width, this.height);
    this.owner.paint(context, this.width, this.height);
  }
}
