/** What the app needs of the page around it. */

import type { ReadonlySignal } from "@preact/signals";

/** The page's address, as entries of our own. */
export interface Address {
  read(): ReadonlyMap<string, string>;
  /**
   * @param entries All of our entries.
   * @param push Whether the way back leads to the place before.
   */
  write(entries: ReadonlyMap<string, string>, push: boolean): void;
  /** Calls back when the user goes back, forward, or edits the address. */
  subscribe(listener: () => void): () => void;
}

/** The page around the app. */
export interface Page {
  readonly address: Address;
  /** Whether the page is dark; what is painted on a canvas depends on it. */
  readonly dark: ReadonlySignal<boolean>;
  /** Whether our tab is the one that is shown; else there is nothing to paint. */
  readonly visible: ReadonlySignal<boolean>;
  /** Loads the app anew, its code included; what is in the address stays. */
  reload(): void;
}
