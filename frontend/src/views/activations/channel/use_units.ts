/** What was measured of the selected output over all samples. */

import { useMemo } from "preact/hooks";
import { readUnits, type UnitData } from "../../../model/units/unit_data";
import type { ActivationsState } from "../../../state/activations";
import { errorMessage, shownValue } from "../../../state/loadable";
import type { LayerActivation } from "../../../wire/generated";

/** The units; null where nothing was measured, or not yet. */
export interface FoundUnits {
  readonly units: UnitData | null;
  /** Why they cannot be shown; empty if they can. */
  readonly error: string;
}

/** Reads the units that belong to an entry. */
export function useUnits(state: ActivationsState, entry: LayerActivation): FoundUnits {
  const loadable = state.grid.units.value;
  const tensors = shownValue(loadable);
  const found = useMemo((): FoundUnits => {
    try {
      const units =
        tensors === undefined || entry.units === null
          ? null
          : readUnits(tensors, entry);
      return { units, error: "" };
    } catch (error) {
      return { units: null, error: errorMessage(error) };
    }
  }, [tensors, entry]);
  return loadable.state === "error" ? { units: null, error: loadable.message } : found;
}
