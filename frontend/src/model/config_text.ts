/** Values of a configuration in one line each, as Python would write them. */

import { shorten } from "./layer_text";

const MAX_TEXT = 300;
const MAX_ITEMS = 8;

/** A value in one line, and whether that is all there is to it. */
export interface Summary {
  readonly text: string;
  readonly complete: boolean;
}

/** Whether a value has entries. */
export function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** Writes a value in one line. */
export function summarize(value: unknown): Summary {
  if (!isObject(value)) {
    return { text: shorten(formatScalar(value), MAX_TEXT), complete: true };
  }
  if (Array.isArray(value)) {
    const plain = value.length <= MAX_ITEMS && !value.some(isObject);
    return plain
      ? { text: shorten(formatList(value), MAX_TEXT), complete: true }
      : { text: `list of ${value.length}`, complete: false };
  }
  const entries = Object.entries(value);
  const name = entries.find(([key]) => key === "class_name")?.[1];
  if (typeof name !== "string") {
    const text = entries.length === 0 ? "{}" : `dict of ${entries.length}`;
    return { text, complete: entries.length === 0 };
  }
  // A serialized Keras object: its class and what it was made with.
  const config = entries.find(([key]) => key === "config")?.[1];
  const settings = isObject(config) && !Array.isArray(config) ? config : {};
  const made = Object.entries(settings).filter(
    ([key]) => key !== "name" || name === "DTypePolicy",
  );
  const simple = made
    .filter(([, item]) => !isObject(item))
    .slice(0, 4)
    .map(([key, item]) => `${key}=${formatScalar(item)}`);
  const rest = made.length > simple.length ? ", …" : "";
  return {
    text: shorten(`${name}(${simple.join(", ")}${rest})`, MAX_TEXT),
    complete: false,
  };
}

function formatList(items: readonly unknown[]): string {
  const texts = items.map(formatScalar);
  return `[${texts.join(", ")}]`;
}

function formatScalar(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return String(value);
    default:
      return value === null || value === undefined ? "None" : typeof value;
  }
}
