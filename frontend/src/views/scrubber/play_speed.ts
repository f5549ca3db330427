/** How fast steps are played: remembered, since it is a matter of taste. */

import { computed } from "@preact/signals";
import { createPreference } from "../../state/preference";

/** Speeds that can be chosen. */
export const SPEEDS = [0.5, 1, 2, 4] as const;

/** Milliseconds of a step at speed 1. */
const STEP_MS = 800;

/** The chosen speed. */
export const playSpeed = createPreference<number>(
  "play_speed",
  1,
  (value): value is number => SPEEDS.some((speed) => speed === value),
);

/** Milliseconds for which a step is shown. */
export const playInterval = computed(() => STEP_MS / playSpeed.value);
