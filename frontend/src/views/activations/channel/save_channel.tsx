/** Saves one channel: as a picture, as arrays, and its statistics as a table. */

import { SaveButtons, type SavedFile } from "../../../components/save_buttons";
import { toPngFile } from "../../../components/save_file";
import { paintStage, type Stage } from "../../../draw/stage";
import { channelFile, trendCsv } from "../../../model/export/activation_files";
import { toNpz } from "../../../model/export/npz";
import { toSafetensors } from "../../../model/export/safetensors_file";
import { spanOf } from "../../../model/map_placement";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { UnitData } from "../../../model/units/unit_data";
import { readHistory } from "../../../model/units/unit_history";
import type { ActivationsState } from "../../../state/activations";
import type { Store } from "../../../state/store";
import type { UnitTrend } from "../../../wire/generated";
import { activationFileName, fileContext } from "../activation_file_parts";
import { cellEdges } from "./channel_options";

/** Pixels of a saved picture's longer side, at least. */
const GOOD_SIDE = 1024;

/** A button per file. */
export function SaveChannel({
  store,
  state,
  data,
  channel,
  stage,
  units,
  trend,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  channel: number;
  stage: Stage | null;
  units: UnitData | null;
  trend: UnitTrend | undefined;
}) {
  const context = fileContext(store, state);
  const unit = unitName(data);
  const name = (extension: string, sample = true) =>
    activationFileName(
      context,
      data.entry,
      [`${unit}-${channel}`, ...(sample ? [`sample-${context.sample}`] : [])],
      extension,
    );
  const files: SavedFile[] = [
    ...(stage === null
      ? []
      : [
          {
            format: "PNG",
            hint: "The picture as it is shown, with these colours",
            name: name("png"),
            make: () => toPngFile(drawStage(stage)),
          },
        ]),
    {
      format: "NPZ",
      hint: "Values and statistics as arrays, for numpy.load",
      name: name("npz"),
      make: () => toNpz(channelFile(data, channel, context, units)),
    },
    {
      format: "safetensors",
      hint: "Values and statistics as arrays, for the safetensors package",
      name: name("safetensors"),
      make: () => toSafetensors(channelFile(data, channel, context, units)),
    },
    ...(trend === undefined || trend.steps.length === 0
      ? []
      : [
          {
            format: "CSV",
            hint: `Statistics of this ${unit} at all ${trend.steps.length} steps, over all samples`,
            name: name("csv", false),
            make: () => tableOf(trend),
          },
        ]),
  ];
  return <SaveButtons what={`this ${unit}`} files={files} />;
}

function tableOf(trend: UnitTrend): Blob {
  const columns = [...readHistory(trend)].map(([name, { values }]) => ({
    name,
    values: values.map((value) => value ?? Number.NaN),
  }));
  return new Blob(trendCsv(trend.steps, columns), { type: "text/csv;charset=utf-8" });
}

/** As on the screen, with a whole number of pixels for each unit. */
function drawStage(stage: Stage): HTMLCanvasElement {
  const [across, down] = [stage.placement.columns, stage.placement.rows].map(spanOf);
  const wide = (across?.to ?? 1) - (across?.from ?? 0);
  const tall = (down?.to ?? 1) - (down?.from ?? 0);
  const zoom = Math.max(1, Math.ceil(GOOD_SIDE / Math.max(wide, tall)));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(wide * zoom));
  canvas.height = Math.max(1, Math.round(tall * zoom));
  const context = canvas.getContext("2d");
  if (context === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  const view = {
    zoom,
    left: across?.from ?? 0,
    top: down?.from ?? 0,
    width: canvas.width,
    height: canvas.height,
  };
  paintStage(context, stage, view, cellEdges.value === "smooth");
  return canvas;
}
