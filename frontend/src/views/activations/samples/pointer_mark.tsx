/** Marks on the picture of a sample what lies under the pointer on a map. */

import type { ReadonlySignal } from "@preact/signals";
import { cellSpan, placeOver } from "../../../model/map_placement";
import type { PictureBelow } from "../../../model/probe_picture";
import type { ActivationsState } from "../../../state/activations";
import { selectedEntry } from "../../../state/channel_data";

/** A ring over a picture that is drawn as large as it fits into a square. */
export function PointerMark({
  state,
  below,
  input,
}: {
  state: ActivationsState;
  /** The picture that the maps lie over. */
  below: ReadonlySignal<PictureBelow | null>;
  /** Which input of the model the picture is of. */
  input: number;
}) {
  const point = state.pointer.value;
  const picture = below.value;
  const entry = selectedEntry(state);
  if (point === null || picture === null || picture.index !== input || entry === null) {
    return null;
  }
  if (entry.kind !== "map" || entry.slices.length > 0) {
    return null;
  }
  const { height, width } = picture;
  const { rows, columns } = placeOver(entry, picture.answer, [height, width]);
  const middle = (axis: typeof rows, share: number) => {
    const { from, to } = cellSpan(axis, Math.floor(share * axis.cells));
    return Math.max(0, Math.min(1, (from + to) / 2 / axis.picture));
  };
  // How much of the square the picture takes on each side.
  const wide = Math.min(1, width / height);
  const tall = Math.min(1, height / width);
  return (
    <span
      class="kv-pointer-mark"
      style={{
        left: `${50 + (middle(columns, point.x) - 0.5) * wide * 100}%`,
        top: `${50 + (middle(rows, point.y) - 0.5) * tall * 100}%`,
      }}
    />
  );
}
