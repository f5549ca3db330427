/** What the drawn graph is given by the view around it. */

/** Where the graph is drawn. */
export interface GraphElements {
  readonly canvas: HTMLCanvasElement;
  /** Takes the buttons over the cards. */
  readonly buttons: HTMLElement;
}

/** What the rest of the view is told. */
export interface GraphEvents {
  /** The part that is seen has changed, or what there is to see. */
  readonly onChange: () => void;
  /** Other groups are open: their keys, a line each; null = as at first sight. */
  readonly onOpen: (keys: string | null) => void;
  readonly onError: (message: string) => void;
  /** A layout has begun, or has ended. */
  readonly onBusy: (busy: boolean) => void;
  /** So many of its groups are laid out. */
  readonly onProgress: (done: number, total: number) => void;
}
