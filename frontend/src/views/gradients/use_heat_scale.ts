/** The colours of the map. */

import { useMemo } from "preact/hooks";
import { createColorScale } from "../../model/color_scale";
import {
  createDynamicsScale,
  type DynamicsScale,
} from "../../model/dynamics/quantities";
import type { GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";

/** Powers of two on each side of equal, where two runs are divided. */
const RATIO_POWERS = 6;

/** A scale, and what its legend is called if not like the quantity. */
export interface HeatScale extends DynamicsScale {
  readonly name: string | null;
}

/** The scale of what is shown, the same for both runs; null before it is there. */
export function useHeatScale(store: Store, state: GradientsState): HeatScale | null {
  const map = shownValue(state.map.value);
  const other = shownValue(state.otherMap.value);
  const dark = store.page.dark.value;
  const { quantity, ratio, versus } = store.gradients.value;
  const divides = ratio && versus !== null;
  return useMemo(() => {
    if (map === undefined) {
      return null;
    }
    if (divides) {
      return {
        colors: createColorScale(-RATIO_POWERS, RATIO_POWERS, dark, true),
        isLog: true,
        ends: [`≤ 1/${2 ** RATIO_POWERS}`, `≥ ${2 ** RATIO_POWERS}`],
        below: false,
        middle: "equal",
        place: (value) => (value > 0 ? Math.log2(value) : Number.NaN),
        name: "this run / the other",
      };
    }
    const maps = other === undefined || versus === null ? [map] : [map, other];
    return { ...createDynamicsScale(quantity, maps, dark), name: null };
  }, [map, other, dark, quantity, divides, versus]);
}
