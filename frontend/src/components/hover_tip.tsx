/** A note beside the pointer. */

import type { ReadonlySignal } from "@preact/signals";
import { addStyle } from "../theme/theme";
import css from "./hover_tip.css?inline";

addStyle(css);

/** Where the pointer is and what is there. */
export interface Hover {
  readonly x: number;
  readonly y: number;
  /** First the value, then where it is. */
  readonly lines: readonly string[];
}

const OFFSET = 14;
/** The note is never wider than this, so it turns to the other side here. */
const WIDTH = 230;

/** Shows the note, if there is one; it never takes the pointer itself. */
export function HoverTip({ hover }: { hover: ReadonlySignal<Hover | null> }) {
  return hover.value === null ? null : <HoverNote at={hover.value} />;
}

/** The note at a place. */
export function HoverNote({ at }: { at: Hover }) {
  const left = at.x + OFFSET + WIDTH < window.innerWidth;
  const above = at.y + 130 > window.innerHeight;
  const style = {
    [left ? "left" : "right"]:
      `${left ? at.x + OFFSET : window.innerWidth - at.x + OFFSET}px`,
    [above ? "bottom" : "top"]:
      `${above ? window.innerHeight - at.y + OFFSET : at.y + OFFSET}px`,
  };
  return (
    <div class="kv-hover-tip" style={style} role="status">
      {at.lines.map((line, row) => (
        <div key={row}>{line}</div>
      ))}
    </div>
  );
}
