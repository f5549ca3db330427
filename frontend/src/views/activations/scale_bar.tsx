/** The colours of what is shown, with the numbers that they stand for. */

import { ColorBar } from "../../components/color_bar";
import { RANGE_DEFINITIONS } from "../../model/definitions";
import type { ActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import type { ShownLayer } from "./shown_layer";

/** The scale of values, or of their difference. */
export function ScaleBar({
  store,
  state,
  shown,
}: {
  store: Store;
  state: ActivationsState;
  shown: ShownLayer;
}) {
  const { range } = store.grid.value;
  const { scales, difference } = shown;
  const mode = typeof range === "string" ? range : "typed";
  const pinned = shownValue(state.grid.pinned.value);
  const unpinned = mode === "pinned" && pinned !== undefined && pinned.range === null;
  return (
    <ColorBar
      scale={scales.layer}
      below={scales.below}
      above={scales.above}
      title={
        unpinned
          ? "The log does not say the layer's range over all samples: this is the range of what is shown"
          : RANGE_DEFINITIONS[mode]
      }
      {...(difference === null ? {} : { name: "B \u2212 A" })}
      {...(scales.own ? { ends: ["lowest", "highest"] as const } : {})}
    />
  );
}
