/** How somebody likes to look at things: kept in the browser, not in the address. */

import { effect, type Signal, signal } from "@preact/signals";

const PREFIX = "tb_kerasviz.";

/**
 * A signal that is remembered between visits.
 *
 * @param name Name to remember it by.
 * @param start Value at the first visit.
 * @param isValid Whether what was found may be used.
 */
export function createPreference<T extends string | number | null>(
  name: string,
  start: T,
  isValid: (value: unknown) => value is T,
): Signal<T> {
  const preference = signal(read(name, start, isValid));
  effect(() => {
    const text = JSON.stringify(preference.value);
    try {
      localStorage.setItem(PREFIX + name, text);
    } catch {
      // Without storage it lasts as long as the page does.
    }
  });
  return preference;
}

function read<T>(name: string, start: T, isValid: (value: unknown) => value is T): T {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? "");
    return isValid(value) ? value : start;
  } catch {
    return start;
  }
}
