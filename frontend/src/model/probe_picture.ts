/** Which picture of the probe a map lies over. */

import type {
  LayerActivation,
  ModelGraph,
  ProbeIndex,
  ProbeInput,
} from "../wire/generated";
import { type FieldAnswer, receptiveField } from "./receptive_field";

/** An input of the probe that is a picture, and where the map lies in it. */
export interface PictureBelow {
  /** Which of the probe's inputs it is. */
  readonly index: number;
  readonly height: number;
  readonly width: number;
  readonly answer: FieldAnswer;
}

const PICTURE_CHANNELS = [1, 3, 4];

/**
 * Chooses the picture that a map is of: the first one that leads to the layer.
 *
 * @param graph The model; null while it is not known.
 * @returns null for outputs that are no maps, and probes without pictures.
 */
export function choosePicture(
  graph: ModelGraph | null,
  entry: LayerActivation,
  probe: ProbeIndex,
): PictureBelow | null {
  if (entry.kind !== "map" || entry.slices.length > 0) {
    return null;
  }
  const found = probe.inputs.flatMap((input, index): PictureBelow[] => {
    const size = pictureSize(input);
    if (size === null) {
      return [];
    }
    const [height, width] = size;
    const { name } = input;
    const inputs = probe.inputs.length;
    const answer: FieldAnswer =
      graph === null
        ? { state: "unknown", reason: "the model's graph was not logged" }
        : receptiveField(
            graph,
            entry.path,
            entry.call,
            { name, index, inputs, height, width },
            entry.full_map,
          );
    return [{ index, height, width, answer }];
  });
  return found.find((one) => one.answer.state === "known") ?? found[0] ?? null;
}

/** Height and width of an input's pictures as given; null if it has none. */
export function pictureSize({
  picture,
  shape,
}: ProbeInput): readonly [number, number] | null {
  const [, a, b, c] = shape;
  if (!picture || a === undefined || b === undefined) {
    return null;
  }
  const first =
    c !== undefined && !PICTURE_CHANNELS.includes(c) && PICTURE_CHANNELS.includes(a);
  return first ? [b, c] : [a, b];
}
