/** A sample of tokens as a text. */

/**
 * Joins tokens: characters without spaces between them, words with.
 *
 * @param tokens A token for each position; those of the padding at the end are left
 *   out where they are empty.
 */
export function sampleText(tokens: readonly string[]): string {
  const end = tokens.findLastIndex((token) => token !== "") + 1;
  const used = tokens.slice(0, end);
  const letters = used.every((token) => [...token].length <= 1);
  return used.join(letters ? "" : " ").trim();
}
