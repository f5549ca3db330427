/** Texts for the positions of a sequence, from the probe's inputs. */

import type { ProbeIndex } from "../../wire/generated";

/** Texts of one sample of one input. */
export interface TokenAxis {
  /** Name of the input. */
  readonly input: string;
  /** One per position. */
  readonly texts: readonly string[];
}

/**
 * The inputs that can name the positions of a sequence: those whose texts are as
 * many as it is long.
 *
 * Where there are several, such as ids and their mask, the one that says most comes
 * first: that with the most different texts.
 *
 * @param length Length of the whole sequence.
 */
export function findTokenAxes(
  probe: ProbeIndex | undefined,
  sample: number,
  length: number,
): TokenAxis[] {
  const axes = (probe?.inputs ?? []).flatMap((input) => {
    const texts = input.tokens[sample];
    return texts?.length === length && length > 0 ? [{ input: input.name, texts }] : [];
  });
  const variety = new Map(axes.map((axis) => [axis, new Set(axis.texts).size]));
  return axes.sort((a, b) => (variety.get(b) ?? 0) - (variety.get(a) ?? 0));
}

const SIGNS: Readonly<Record<string, string>> = {
  " ": "␣",
  "\n": "⏎",
  "\t": "⇥",
};

/** A token as one can see it: spaces and the like by their signs. */
export function showToken(text: string): string {
  if (text === "") {
    return "∅";
  }
  return text.trim() === "" || /[\n\t]/.test(text)
    ? text.replace(/[ \n\t]/g, (sign) => SIGNS[sign] ?? sign)
    : text;
}
