/** The selected map and the picture below it, ready to be drawn. */

import { useEffect, useMemo } from "preact/hooks";
import { createMapCanvas, createStagePicture, type Stage } from "../../../draw/stage";
import type { ColorScale } from "../../../model/color_scale";
import { placeAlone, placeOver } from "../../../model/map_placement";
import type { ActivationData } from "../../../model/tensor_view";
import type { ActivationsState } from "../../../state/activations";
import { followPicture } from "../../../state/channel_picture";
import { shownValue } from "../../../state/loadable";
import type { Store } from "../../../state/store";
import { readPicture } from "../samples/sample_picture";
import { overlayOpacity } from "./channel_options";

/** Makes the stage of a map; null where it was not kept, or is not drawn as one. */
export function useStage(
  store: Store,
  state: ActivationsState,
  data: ActivationData,
  position: number | null,
  scale: ColorScale | null,
): Stage | null {
  const followed = useMemo(() => followPicture(store, state), [store, state]);
  useEffect(() => followed.dispose, [followed]);
  const below = followed.below.value;
  const tensors = shownValue(followed.pixels.value);
  const picture = useMemo(() => {
    const pixels = tensors === undefined ? null : readPicture(tensors);
    return pixels === null ? null : createStagePicture(pixels);
  }, [tensors]);
  const opacity = below === null || picture === null ? 1 : overlayOpacity.value / 100;
  const map = useMemo(
    () =>
      position === null || scale === null
        ? null
        : createMapCanvas(data, position, scale, opacity),
    [data, position, scale, opacity],
  );
  const placement = useMemo(
    () =>
      below === null
        ? placeAlone(data.entry)
        : placeOver(data.entry, below.answer, [below.height, below.width]),
    [data.entry, below],
  );
  return useMemo(
    () =>
      map === null || position === null || data.entry.kind === "sequence"
        ? null
        : { data, position, placement, map, picture: below === null ? null : picture },
    [data, position, placement, map, picture, below],
  );
}
