/** Which part of a scene is seen, and how large. */

/** Scene point (x, y) is at the upper left corner; one scene unit is `zoom` pixels. */
export interface Viewport {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Box extends Size {
  readonly left: number;
  readonly top: number;
}

/** Largest zoom, and the one below which cards hold no text that can be read. */
export const MAX_ZOOM = 3;
export const READABLE_ZOOM = 0.66;
/** Names and classes can be read from here on, so all of it is seen at first. */
const FIRST_ZOOM = 0.5;
const MARGIN = 20;

/** Zooms by a factor and leaves the scene point at a pixel where it is. */
export function zoomAround(
  view: Viewport,
  factor: number,
  pixelX: number,
  pixelY: number,
  minZoom: number,
): Viewport {
  const zoom = Math.min(MAX_ZOOM, Math.max(minZoom, view.zoom * factor));
  return {
    x: view.x + pixelX / view.zoom - pixelX / zoom,
    y: view.y + pixelY / view.zoom - pixelY / zoom,
    zoom,
  };
}

/** The smallest zoom that is of use: a bit more than the whole scene. */
export function minZoomOf(scene: Size, window: Size): number {
  return Math.min(fitZoom(scene, window) * 0.8, READABLE_ZOOM);
}

/** Shows the whole scene. */
export function fitScene(scene: Size, window: Size): Viewport {
  const zoom = fitZoom(scene, window);
  return {
    x: (scene.width - window.width / zoom) / 2,
    y: (scene.height - window.height / zoom) / 2,
    zoom,
  };
}

/**
 * The first sight: the whole scene where its text can be read then, else its
 * beginning at a zoom at which it can.
 *
 * @param startX Where the beginning is in a wide scene.
 */
export function firstSight(scene: Size, window: Size, startX: number): Viewport {
  const whole = fitScene(scene, window);
  if (whole.zoom >= FIRST_ZOOM) {
    return whole;
  }
  const acrossZoom = (window.width - 2 * MARGIN) / Math.max(1, scene.width);
  const zoom = Math.min(1, Math.max(0.75, acrossZoom));
  const visible = window.width / zoom;
  const fits = scene.width + (2 * MARGIN) / zoom <= visible;
  const x = fits ? (scene.width - visible) / 2 : startX - visible / 2;
  return { x, y: -MARGIN / zoom, zoom };
}

/** Moves as little as needed to see a box whole, or its beginning. */
export function reveal(view: Viewport, window: Size, box: Box): Viewport {
  const margin = Math.min(40, window.width / 8, window.height / 8) / view.zoom;
  const shift = (at: number, visible: number, start: number, size: number): number => {
    if (size + 2 * margin > visible || start - margin < at) {
      return start - margin;
    }
    return Math.max(at, start + size + margin - visible);
  };
  const inside = (at: number, visible: number, start: number, size: number): boolean =>
    start >= at && start + size <= at + visible;
  const width = window.width / view.zoom;
  const height = window.height / view.zoom;
  return {
    x: inside(view.x, width, box.left, box.width)
      ? view.x
      : shift(view.x, width, box.left, box.width),
    y: inside(view.y, height, box.top, box.height)
      ? view.y
      : shift(view.y, height, box.top, box.height),
    zoom: view.zoom,
  };
}

/** Puts a box into the middle, at a zoom at which it can be read. */
export function centre(view: Viewport, window: Size, box: Box): Viewport {
  const zoom = Math.max(view.zoom, READABLE_ZOOM + 0.1);
  return {
    x: box.left + box.width / 2 - window.width / zoom / 2,
    y:
      box.top +
      Math.min(box.height, window.height / zoom) / 2 -
      window.height / zoom / 2,
    zoom,
  };
}

/** Keeps at least some of the scene in sight. */
export function keepInSight(view: Viewport, window: Size, scene: Size): Viewport {
  const limit = (at: number, visible: number, size: number): number => {
    const least = Math.min(visible * 0.4, 160 / view.zoom, size);
    return Math.min(Math.max(at, least - visible), size - least);
  };
  return {
    x: limit(view.x, window.width / view.zoom, scene.width),
    y: limit(view.y, window.height / view.zoom, scene.height),
    zoom: view.zoom,
  };
}

function fitZoom(scene: Size, window: Size): number {
  const across = (window.width - 2 * MARGIN) / Math.max(1, scene.width);
  const down = (window.height - 2 * MARGIN) / Math.max(1, scene.height);
  return Math.max(1e-4, Math.min(1.1, across, down));
}
