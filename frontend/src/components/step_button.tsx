/** A button to the one before, or to the next. */

import { Icon } from "./icons";

const WAYS = {
  previous: { name: "Previous", key: "left arrow" },
  next: { name: "Next", key: "right arrow" },
} as const;

/** Says which key does the same. */
export function StepButton({
  to,
  what,
  title = what,
  disabled,
  onGo,
}: {
  to: keyof typeof WAYS;
  /** What one goes to, as in "head". */
  what: string;
  /** The same in more words. */
  title?: string;
  disabled: boolean;
  onGo: () => void;
}) {
  const { name, key } = WAYS[to];
  return (
    <button
      type="button"
      class="kv-button kv-button-icon"
      aria-label={`${name} ${what}`}
      title={`${name} ${title} (${key})`}
      disabled={disabled}
      onClick={onGo}
    >
      <Icon name={to} />
    </button>
  );
}
