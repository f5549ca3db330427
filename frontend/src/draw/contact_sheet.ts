/** Draws all maps of a layer on one sheet, to be saved as a picture. */

import type { ChannelMaps } from "../model/channels/channel_maps";
import type { ColorScale } from "../model/color_scale";
import { createHatch } from "./grid_painter";
import { createAtlas } from "./map_grid";

/** Where the maps lie on a sheet. */
export interface SheetLayout {
  readonly columns: number;
  readonly mapWidth: number;
  readonly mapHeight: number;
  readonly tileWidth: number;
  readonly tileHeight: number;
  readonly width: number;
  readonly height: number;
}

const GAP = 8;
const LABEL = 16;
/** Pixels of a map's longer side, at least; whole pixels per cell. */
const GOOD_SIDE = 96;
/** What browsers can make a picture of. */
const MOST_SIDE = 16_000;

/** Lays out maps in rows, about as wide as high; smaller where there are thousands. */
export function layoutSheet(
  count: number,
  mapHeight: number,
  mapWidth: number,
): SheetLayout {
  const longest = Math.max(mapHeight, mapWidth, 1);
  const at = (zoom: number): SheetLayout => {
    const size = { mapWidth: mapWidth * zoom, mapHeight: mapHeight * zoom };
    const tileWidth = Math.max(size.mapWidth, 24) + GAP;
    const tileHeight = size.mapHeight + LABEL + GAP;
    const square = Math.ceil(Math.sqrt((count * tileHeight) / tileWidth));
    const columns = Math.max(1, Math.min(count, square));
    return {
      ...size,
      columns,
      tileWidth,
      tileHeight,
      width: GAP + columns * tileWidth,
      height: GAP + Math.ceil(count / columns) * tileHeight,
    };
  };
  for (let zoom = Math.ceil(GOOD_SIDE / longest); zoom > 1; zoom -= 1) {
    const layout = at(zoom);
    if (Math.max(layout.width, layout.height) <= MOST_SIDE) {
      return layout;
    }
  }
  return at(1);
}

/**
 * Draws the maps with their channels' numbers below.
 *
 * @param scaleOf Colours of a channel.
 */
export function drawContactSheet(
  maps: ChannelMaps,
  scaleOf: (channel: number) => ColorScale,
  colors: { readonly background: string; readonly text: string; readonly edge: string },
): HTMLCanvasElement {
  const [mapHeight, mapWidth] = maps.entry.kept_map;
  const layout = layoutSheet(maps.count, mapHeight, mapWidth);
  const canvas = document.createElement("canvas");
  canvas.width = layout.width;
  canvas.height = layout.height;
  const context = canvas.getContext("2d");
  const atlas = createAtlas(maps, (position) => scaleOf(maps.channelAt(position)));
  if (context === null || atlas === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  context.fillStyle = colors.background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.font = "11px system-ui, sans-serif";
  context.textBaseline = "top";
  context.imageSmoothingEnabled = false;
  const hatch = createHatch(context);
  for (let position = 0; position < maps.count; position += 1) {
    const x = GAP + (position % layout.columns) * layout.tileWidth;
    const y = GAP + Math.floor(position / layout.columns) * layout.tileHeight;
    const { mapWidth: width, mapHeight: height } = layout;
    context.drawImage(
      atlas.canvas,
      (position % atlas.columns) * mapWidth,
      Math.floor(position / atlas.columns) * mapHeight,
      mapWidth,
      mapHeight,
      x,
      y,
      width,
      height,
    );
    const channel = maps.channelAt(position);
    if (maps.isConstant(channel) && hatch !== null) {
      context.save();
      context.translate(x, y);
      context.fillStyle = hatch;
      context.fillRect(0, 0, width, height);
      context.restore();
    }
    context.strokeStyle = colors.edge;
    context.strokeRect(x - 0.5, y - 0.5, width + 1, height + 1);
    context.fillStyle = colors.text;
    context.fillText(String(channel), x, y + height + 3);
  }
  return canvas;
}

/** Draws a sequence: time to the right, a row per unit. */
export function drawSequenceSheet(
  maps: ChannelMaps,
  scaleOf: (channel: number) => ColorScale,
): HTMLCanvasElement {
  const [, steps] = maps.entry.kept_map;
  const atlas = createAtlas(maps, (position) => scaleOf(maps.channelAt(position)), 1);
  const cell = (side: number, good: number) =>
    Math.max(1, Math.min(good, Math.floor(MOST_SIDE / Math.max(1, side))));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, steps) * cell(steps, 16);
  canvas.height = Math.max(1, maps.count) * cell(maps.count, 12);
  const context = canvas.getContext("2d");
  if (context === null || atlas === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  context.imageSmoothingEnabled = false;
  context.drawImage(atlas.canvas, 0, 0, canvas.width, canvas.height);
  return canvas;
}
