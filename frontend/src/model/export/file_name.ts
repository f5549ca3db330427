/** Names of files that are saved. */

const MAX_RUN = 80;

/**
 * A name that every file system takes: `digits_architecture_step-120.svg`.
 *
 * @param run Name of the training; may hold anything.
 * @param what What is in the file.
 */
export function fileName(
  run: string,
  what: string,
  step: number | null,
  extension: string,
): string {
  const plain = run
    .replace(/[^\p{L}\p{M}\p{N}._-]+/gu, "-")
    .replace(/^[-.]+|[-.]+$/g, "");
  // Cut between characters, not inside of one.
  const short = [...plain].slice(0, MAX_RUN).join("");
  const parts = [short, what, step === null ? "" : `step-${step}`];
  return `${parts.filter(Boolean).join("_")}.${extension}`;
}
