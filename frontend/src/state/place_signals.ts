/** The place in the app as signals, kept in step with the page's address. */

import { batch, effect, type Signal, signal } from "@preact/signals";
import type { Address } from "./page";
import { formatPlace, type Place, parsePlace } from "./place";

/** A signal for each part of the place. */
export type PlaceSignals = { readonly [Part in keyof Place]: Signal<Place[Part]> };

/** The place of the address at first, and whatever becomes of it. */
export interface KeptPlace {
  readonly place: PlaceSignals;
  /** From the next change on, the way back leads to the place before it. */
  push(): void;
  dispose(): void;
}

/** Reads the place from the address, and writes it there as it changes. */
export function keepPlace(address: Address): KeptPlace {
  const place = createSignals(parsePlace(address.read()));
  const parts = Object.keys(place) as (keyof Place)[];
  let push = false;
  const unfollow = effect(() => {
    address.write(formatPlace(readSignals(place, parts)), push);
    push = false;
  });
  const unsubscribe = address.subscribe(() => {
    const { run, ...others } = parsePlace(address.read());
    batch(() => {
      // An address without a run is one of the run that is shown.
      place.run.value = run ?? place.run.value;
      for (const part of parts) {
        if (part !== "run") {
          set(place, others, part);
        }
      }
    });
  });
  return {
    place,
    push: () => {
      push = true;
    },
    dispose: () => {
      unsubscribe();
      unfollow();
    },
  };
}

function createSignals(start: Place): PlaceSignals {
  const entries = Object.entries(start).map(([part, value]) => [part, signal(value)]);
  return Object.fromEntries(entries) as PlaceSignals;
}

function readSignals(place: PlaceSignals, parts: readonly (keyof Place)[]): Place {
  const entries = parts.map((part) => [part, place[part].value]);
  return Object.fromEntries(entries) as unknown as Place;
}

function set<Part extends keyof Place>(
  place: PlaceSignals,
  to: Pick<Place, Part>,
  part: Part,
): void {
  const target: Signal<Place[Part]> = place[part];
  target.value = to[part];
}
