/** When there is time for work that can wait. */

/** Where a browser does not tell when it is idle, it is taken to be after this. */
const PAUSE_MS = 250;

/** Comes to its end when the browser has nothing else to do. */
export function idle(): Promise<void> {
  return new Promise((resolve) => {
    if (typeof requestIdleCallback === "function") {
      requestIdleCallback(() => resolve());
    } else {
      setTimeout(resolve, PAUSE_MS);
    }
  });
}
