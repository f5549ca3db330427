/** Saves a variable: as a picture, as arrays, and its statistics as a table. */

import { SaveButtons, type SavedFile } from "../../components/save_buttons";
import { toPngFile } from "../../components/save_file";
import { layoutGrid, paintGrid } from "../../draw/weight_grid";
import type { ColorScale } from "../../model/color_scale";
import { fileName } from "../../model/export/file_name";
import { toNpz } from "../../model/export/npz";
import { toSafetensors } from "../../model/export/safetensors_file";
import { variableFile, weightTrendCsv } from "../../model/export/weight_files";
import type { DrawnWeights, WeightPicture } from "../../model/weights/weight_picture";
import type { WeightTrend } from "../../model/weights/weight_trend";
import type { ShownWeights } from "../../state/weights";
import { themeColors } from "../../theme/theme";

/** Pixels of a saved picture's width, if its cells are not larger than they can be. */
const GOOD_WIDTH = 1600;

/** What the picture on the screen is drawn from. */
export interface DrawnPicture {
  readonly picture: WeightPicture;
  readonly drawn: DrawnWeights;
  readonly scale: ColorScale;
}

/** A button per file. */
export function SaveVariable({
  shown,
  shownPicture,
  trend,
}: {
  shown: ShownWeights;
  shownPicture: DrawnPicture;
  trend: WeightTrend | undefined;
}) {
  const what = shown.variable.capture.path
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
    .slice(0, 100);
  const name = (extension: string, step: number | null) =>
    fileName(shown.run, what, step, extension);
  const files: SavedFile[] = [
    {
      format: "PNG",
      hint: "All kept values as one picture, with these colours",
      name: name("png", shown.step),
      make: () => toPngFile(drawPicture(shownPicture)),
    },
    {
      format: "NPZ",
      hint: "Kept values, histogram and statistics of this capture, for numpy.load",
      name: name("npz", shown.step),
      make: () => toNpz(variableFile(shown)),
    },
    {
      format: "safetensors",
      hint: "Kept values, histogram and statistics of this capture, for the safetensors package",
      name: name("safetensors", shown.step),
      make: () => toSafetensors(variableFile(shown)),
    },
    ...(trend === undefined
      ? []
      : [
          {
            format: "CSV",
            hint: `Statistics and changes at all ${trend.steps.length} captures`,
            name: name("csv", null),
            make: () =>
              new Blob(weightTrendCsv(trend), { type: "text/csv;charset=utf-8" }),
          },
        ]),
  ];
  return <SaveButtons what="this variable" files={files} />;
}

function drawPicture({ picture, drawn, scale }: DrawnPicture): HTMLCanvasElement {
  const layout = layoutGrid(picture, GOOD_WIDTH);
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, layout.width);
  canvas.height = Math.max(1, layout.height);
  const context = canvas.getContext("2d");
  if (context === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  const color = themeColors();
  context.fillStyle = color("bg");
  context.fillRect(0, 0, canvas.width, canvas.height);
  const view = { left: 0, top: 0, width: layout.width, height: layout.height };
  paintGrid(context, picture, layout, drawn, scale, view, color("border-strong"));
  return canvas;
}
