/** Goes from step to step by itself, as fast as their data arrive. */

import { effect, type ReadonlySignal, signal } from "@preact/signals";

/** What is played. */
export interface Playable {
  /** Logged steps, ascending. */
  readonly steps: ReadonlySignal<readonly number[]>;
  readonly currentStep: ReadonlySignal<number | null>;
  /** Whether something of the current step is still on its way. */
  readonly busy: ReadonlySignal<boolean>;
  /** Whether anybody can see it. */
  readonly visible: ReadonlySignal<boolean>;
  /** Milliseconds for which each step is shown, once it has arrived. */
  readonly interval: ReadonlySignal<number>;
  readonly setStep: (step: number) => void;
}

/** Plays, or does not. */
export interface Player {
  readonly playing: ReadonlySignal<boolean>;
  /** Begins at the current step, or at the first one if it is the last; or stops. */
  toggle(): void;
  stop(): void;
  dispose(): void;
}

/** Creates a player, which stops at the last step. */
export function createPlayer(what: Playable): Player {
  const { steps, currentStep, busy, visible, interval, setStep } = what;
  const playing = signal(false);
  const isLast = () => {
    const last = steps.value.at(-1);
    return last === undefined || (currentStep.value ?? last) >= last;
  };
  const stop = effect(() => {
    if (!playing.value) {
      return undefined;
    }
    const current = currentStep.value;
    const next = steps.value.find((step) => current !== null && step > current);
    if (next === undefined) {
      playing.value = false;
      return undefined;
    }
    if (busy.value || !visible.value) {
      return undefined;
    }
    const timer = setTimeout(() => setStep(next), interval.value);
    return () => clearTimeout(timer);
  });
  return {
    playing,
    toggle: () => {
      const [first] = steps.value;
      if (!playing.value && first !== undefined && isLast()) {
        setStep(first);
      }
      playing.value = !playing.value && steps.value.length > 1;
    },
    stop: () => {
      playing.value = false;
    },
    dispose: stop,
  };
}
