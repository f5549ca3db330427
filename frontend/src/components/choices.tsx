/** A few buttons of which one is pressed. */

import type { ComponentChildren } from "preact";

/** What one can choose. */
export interface Choice<T extends string> {
  readonly value: T;
  readonly title: ComponentChildren;
  /** What it means, on hover. */
  readonly hint: string;
  readonly disabled?: boolean;
}

/** The buttons, side by side. */
export function Choices<T extends string>({
  label,
  choices,
  chosen,
  onChoose,
  class: className,
}: {
  /** What is chosen, for those who do not see where the buttons are. */
  label: string;
  choices: readonly Choice<T>[];
  chosen: T;
  onChoose: (value: T) => void;
  class?: string;
}) {
  return (
    <div
      class={`kv-segments${className === undefined ? "" : ` ${className}`}`}
      role="group"
      aria-label={label}
    >
      {choices.map(({ value, title, hint, disabled = false }) => (
        <button
          key={value}
          type="button"
          class="kv-button"
          title={hint}
          aria-pressed={value === chosen}
          disabled={disabled}
          onClick={() => onChoose(value)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}
