/** Saves the selected layer: as a picture, as arrays, and its statistics as a table. */

import { SaveButtons, type SavedFile } from "../../components/save_buttons";
import { toPngFile } from "../../components/save_file";
import { drawContactSheet, drawSequenceSheet } from "../../draw/contact_sheet";
import { layerFile, statisticsCsv } from "../../model/export/activation_files";
import { toNpz } from "../../model/export/npz";
import { toSafetensors } from "../../model/export/safetensors_file";
import type { ActivationData } from "../../model/tensor_view";
import { unitName } from "../../model/tensor_view";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";
import type { LayerActivation } from "../../wire/generated";
import { activationFileName, fileContext } from "./activation_file_parts";
import { useUnits } from "./channel/use_units";
import { isSameOutput, useShownLayer } from "./shown_layer";

/** A button per file, once the layer is there. */
export function SaveLayer({
  store,
  state,
  entry,
}: {
  store: Store;
  state: ActivationsState;
  entry: LayerActivation;
}) {
  const data = shownValue(state.data.value);
  return data === undefined || !isSameOutput(data.entry, entry) ? null : (
    <LayerFiles store={store} state={state} data={data} />
  );
}

function LayerFiles({
  store,
  state,
  data,
}: {
  store: Store;
  state: ActivationsState;
  data: ActivationData;
}) {
  const { scales } = useShownLayer(store, state, data);
  const { units } = useUnits(state, data.entry);
  const context = fileContext(store, state);
  const name = (extension: string) =>
    activationFileName(context, data.entry, [`sample-${context.sample}`], extension);
  const { kind } = data.entry;
  const unit = unitName(data);
  const draw = () => {
    const color = themeColors();
    const colors = {
      background: color("bg"),
      text: color("muted"),
      edge: color("border"),
    };
    return toPngFile(
      kind === "sequence"
        ? drawSequenceSheet(data, scales.of)
        : drawContactSheet(data, scales.of, colors),
    );
  };
  const files: SavedFile[] = [
    ...(kind === "vector" || data.count === 0
      ? []
      : [
          {
            format: "PNG",
            hint:
              kind === "sequence"
                ? "All units over time as one picture, with these colours"
                : `All kept ${unit}s in order as one picture, with these colours`,
            name: name("png"),
            make: draw,
          },
        ]),
    {
      format: "NPZ",
      hint: `Values of all kept ${unit}s and statistics of all, for numpy.load`,
      name: name("npz"),
      make: () => toNpz(layerFile(data, context, units)),
    },
    {
      format: "safetensors",
      hint: `Values of all kept ${unit}s and statistics of all, for the safetensors package`,
      name: name("safetensors"),
      make: () => toSafetensors(layerFile(data, context, units)),
    },
    {
      format: "CSV",
      hint: `Statistics of all ${unit}s, for this sample and for all`,
      name: name("csv"),
      make: () =>
        new Blob(statisticsCsv(data, units), { type: "text/csv;charset=utf-8" }),
    },
  ];
  return <SaveButtons what="this layer" files={files} />;
}
