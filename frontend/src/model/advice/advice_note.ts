/** A note on a layer or on the model. */

/** One note. */
export interface Advice {
  /** Path of the layer that it is about; null = the model as a whole. */
  readonly path: string | null;
  /** What it is, in a few words. */
  readonly title: string;
  /** Why that is worth a look, and what is usually done about it. */
  readonly text: string;
}
