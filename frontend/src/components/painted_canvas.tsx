/** A canvas that is painted anew when its size, its density or its paint changes. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";

/** Paints on `width` x `height` CSS pixels; the canvas is empty. */
export type Paint = (
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
) => void;

/**
 * The canvas fills its style's size.
 *
 * @param paint A new function paints anew; keep it with `useCallback`.
 */
export function PaintedCanvas({
  paint,
  class: className,
  label,
}: {
  paint: Paint;
  class?: string;
  label?: string;
}) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(canvas);
  useLayoutEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context || size.width === 0 || size.height === 0) {
      return;
    }
    const density = window.devicePixelRatio || 1;
    const width = Math.round(size.width * density);
    const height = Math.round(size.height * density);
    // A canvas that is given a size gets new memory, even if it is the same size.
    if (element.width !== width || element.height !== height) {
      element.width = width;
      element.height = height;
    } else {
      context.reset();
    }
    context.setTransform(density, 0, 0, density, 0, 0);
    paint(context, size.width, size.height);
  }, [paint, size]);
  return label === undefined ? (
    <canvas ref={canvas} class={className} aria-hidden="true" />
  ) : (
    <canvas ref={canvas} class={className} role="img" aria-label={label} />
  );
}

/** Size of an element's content, in CSS pixels, as it changes. */
export function useSize(element: { readonly current: HTMLElement | null }): {
  readonly width: number;
  readonly height: number;
} {
  const [size, setSize] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    const target = element.current;
    if (target === null) {
      return undefined;
    }
    const measure = () => {
      const width = target.clientWidth;
      const height = target.clientHeight;
      setSize((before) =>
        before.width === width && before.height === height ? before : { width, height },
      );
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(target);
    return () => observer.disconnect();
  }, [element]);
  return size;
}
