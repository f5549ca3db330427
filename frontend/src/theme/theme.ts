/** Light and dark, for style sheets and for what is painted. */

import { effect, type ReadonlySignal } from "@preact/signals";
import css from "./theme.css?inline";

/**
 * Adds a style sheet to the document.
 *
 * A bundled style sheet is not loaded by TensorBoard's page, so each comes as
 * text: `import css from "./x.css?inline"`.
 */
export function addStyle(text: string): void {
  const style = document.createElement("style");
  style.textContent = text;
  document.head.append(style);
}

// The first of all, so that any other may say otherwise of what is alike everywhere.
addStyle(css);

/** Keeps the document in the page's theme; call it once. */
export function followTheme(dark: ReadonlySignal<boolean>): () => void {
  return effect(() => {
    document.documentElement.dataset.theme = dark.value ? "dark" : "light";
  });
}

/** Names of the colours of `theme.css`. */
export type ThemeColor =
  | "bg"
  | "surface"
  | "raised"
  | "hover"
  | "border"
  | "border-strong"
  | "text"
  | "muted"
  | "accent"
  | "accent-soft"
  | "on-accent"
  | "warning"
  | "warning-soft"
  | "error"
  | "error-soft";

/** Colours of the current theme by name, for painting; look anew after a change. */
export function themeColors(): (name: ThemeColor) => string {
  const style = getComputedStyle(document.documentElement);
  return (name) => style.getPropertyValue(`--kv-${name}`).trim() || "#808080";
}
