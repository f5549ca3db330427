/** Saves one head of attention: as a picture and as arrays. */

import { SaveButtons } from "../../../components/save_buttons";
import { toPngFile } from "../../../components/save_file";
import { type Atlas, drawMap } from "../../../draw/map_grid";
import { channelFile } from "../../../model/export/activation_files";
import { toNpz } from "../../../model/export/npz";
import { toSafetensors } from "../../../model/export/safetensors_file";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import type { Store } from "../../../state/store";
import { activationFileName, fileContext } from "../activation_file_parts";

/** Pixels of a saved picture's longer side, at least. */
const GOOD_SIDE = 1024;

/** A button per file. */
export function SaveHead({
  store,
  state,
  data,
  head,
  atlas,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
  head: number;
  atlas: Atlas | null;
}) {
  const context = fileContext(store, state);
  const parts = [`head-${head}`, `sample-${context.sample}`];
  const name = (extension: string) =>
    activationFileName(context, data.entry, parts, extension);
  const arrays = () => channelFile(data, head, context, null);
  const position = data.positionOf(head);
  const files = [
    ...(atlas === null || position === null
      ? []
      : [
          {
            format: "PNG",
            hint: "Queries downwards by keys to the right, with these colours",
            name: name("png"),
            make: () => toPngFile(drawHead(data, position, atlas)),
          },
        ]),
    {
      format: "NPZ",
      hint: "Weights and statistics as arrays, for numpy.load",
      name: name("npz"),
      make: () => toNpz(arrays()),
    },
    {
      format: "safetensors",
      hint: "Weights and statistics as arrays, for the safetensors package",
      name: name("safetensors"),
      make: () => toSafetensors(arrays()),
    },
  ];
  return <SaveButtons what="this head" files={files} />;
}

/** The matrix alone, with a whole number of pixels for each weight. */
function drawHead(
  data: ActivationData,
  position: number,
  atlas: Atlas,
): HTMLCanvasElement {
  const [queries, keys] = data.entry.kept_map;
  const cell = Math.max(1, Math.ceil(GOOD_SIDE / Math.max(queries, keys, 1)));
  const canvas = document.createElement("canvas");
  canvas.width = keys * cell;
  canvas.height = queries * cell;
  const context = canvas.getContext("2d");
  if (context === null) {
    throw new Error("this browser cannot draw a picture of this size");
  }
  drawMap(context, atlas, position, 0, 0, canvas.width, canvas.height);
  return canvas;
}
