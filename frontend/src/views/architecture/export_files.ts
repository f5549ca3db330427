/** The files that the architecture can be saved as. */

import { GraphPainter } from "../../draw/graph_canvas";
import type { GraphPicture } from "../../draw/graph_picture";
import { createTextMeasure, SvgSurface } from "../../draw/svg_surface";
import { type DotSource, toDot } from "../../model/export/dot";
import { toCsv } from "../../model/export/layers_csv";
import type { ArchitectureModel } from "./architecture_model";
import { pngScale, type Sheet } from "./export_sheet";

/** Draws a sheet as an SVG document. */
export function toSvg(
  picture: GraphPicture,
  sheet: Sheet,
  background: string,
  description: string,
): Blob {
  const context = document.createElement("canvas").getContext("2d");
  if (context === null) {
    throw new Error("this browser cannot measure texts");
  }
  const { width, height, view } = sheet;
  const surface = new SvgSurface(createTextMeasure(context));
  new GraphPainter().paint(surface, width, height, { ...picture, view, hovered: null });
  const { name } = picture.index.graph.graph;
  const frame = { width, height, background, title: name, description };
  return new Blob(surface.document(frame), { type: "image/svg+xml" });
}

/** Draws a sheet as a PNG picture. */
export async function toPng(
  picture: GraphPicture,
  sheet: Sheet,
  background: string,
): Promise<Blob> {
  const scale = pngScale(sheet);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.floor(sheet.width * scale));
  canvas.height = Math.max(1, Math.floor(sheet.height * scale));
  const context = canvas.getContext("2d");
  if (context === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  context.fillStyle = background;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  const { width, height, view } = sheet;
  new GraphPainter().paint(context, width, height, { ...picture, view, hovered: null });
  const blob = await new Promise<Blob | null>((done) => {
    canvas.toBlob(done, "image/png");
  });
  if (blob === null) {
    throw new Error("this browser cannot make a picture of this size");
  }
  return blob;
}

/** Writes every call and every link in DOT, nested models as clusters. */
export function toWholeDot({ graph, cards }: ArchitectureModel): Blob {
  const { callTree } = graph;
  return dotFile({
    name: graph.graph.name,
    tree: callTree,
    cardOf: (call) => cards[graph.nodeOfCall[call] as number],
    pathOf: (call) => graph.graph.nodes[call]?.layer,
    open: new Uint8Array(callTree.size).fill(1),
  });
}

/** Writes in DOT what is drawn, open groups as clusters. */
export function toFoldedDot({ index, cards }: GraphPicture): Blob {
  const { graph, scene } = index;
  const open = new Uint8Array(graph.tree.size);
  scene.nodes.forEach((node, i) => {
    open[node] = scene.open[i] as number;
  });
  return dotFile({
    name: graph.graph.name,
    tree: graph.tree,
    cardOf: (node) => cards[node],
    pathOf: (node) => graph.nodes[node]?.call?.layer,
    open,
  });
}

function dotFile(source: DotSource): Blob {
  return new Blob(toDot(source), { type: "text/vnd.graphviz" });
}

/** The document that was logged. */
export function toJsonFile(model: ArchitectureModel): Blob {
  return new Blob([JSON.stringify(model.graph.graph)], { type: "application/json" });
}

/** All layers, one per line. */
export function toCsvFile(model: ArchitectureModel): Blob {
  const parts = toCsv(model.graph, model.sources);
  return new Blob(parts, { type: "text/csv;charset=utf-8" });
}
