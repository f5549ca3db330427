/** What is shown instead of data: loading, an error, or nothing yet. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { addStyle } from "../theme/theme";
import { Icon } from "./icons";
import css from "./states.css?inline";

addStyle(css);

/** Shorter waits than this are not shown, since that would only flicker. */
const PATIENCE_MS = 300;

/** True once it has been rendered for a while. */
function usePatience(patience = PATIENCE_MS): boolean {
  const [over, setOver] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setOver(true), patience);
    return () => clearTimeout(timer);
  }, []);
  return over;
}

/** Says what is being loaded, once it takes noticeable time: `patience`, in ms. */
export function Loading({ what, patience }: { what: string; patience?: number }) {
  return usePatience(patience) ? (
    <div class="kv-loading" role="status">
      <span class="kv-spinner" />
      Loading {what} …
    </div>
  ) : null;
}

/** A line at the top of what is shown while newer data are on their way. */
export function BusyLine({ what }: { what: string }) {
  return usePatience() ? (
    <div class="kv-busy-line" role="status" aria-label={`Loading ${what}`} />
  ) : null;
}

/** Why something is not there, in its place. */
export function ErrorNote({
  message,
  onRetry,
}: {
  message: string;
  onRetry?: (() => void) | undefined;
}) {
  return (
    <div class="kv-error" role="alert">
      <Icon name="warning" />
      <span dir="auto">{message}</span>
      {onRetry && (
        <button type="button" class="kv-button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}

/** Says why there is nothing, and what to do about it. */
export function EmptyState({
  title,
  children,
}: {
  title: string;
  children?: ComponentChildren;
}) {
  return (
    <section class="kv-state">
      <h2>{title}</h2>
      {children}
    </section>
  );
}
