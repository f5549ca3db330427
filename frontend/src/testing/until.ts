/** Waiting, for tests. */

/** Waits until a condition holds; fails if it never does. */
export async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if (condition()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("It did not come about.");
}
