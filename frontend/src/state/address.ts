/** Where the place in the app is kept so that it can be shared. */

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
