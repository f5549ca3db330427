/** Says that a layout is being worked on, and how far it is. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { formatCount } from "../../model/format";
import { addStyle } from "../../theme/theme";
import css from "./layout_progress.css?inline";

addStyle(css);

/** Open groups that are laid out, and all of them; 0 while that is not known. */
export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What takes less time, in milliseconds, needs no word. */
const PATIENCE = 1_000;

/** Is not seen at first; then it says how far the layout is, and can end it. */
export function LayoutProgress({
  progress,
  onCancel,
}: {
  progress: Progress;
  onCancel: () => void;
}) {
  const long = useSignal(false);
  useEffect(() => {
    const timer = setTimeout(() => {
      long.value = true;
    }, PATIENCE);
    return () => clearTimeout(timer);
  }, [long]);
  if (!long.value) {
    return null;
  }
  const { done, total } = progress;
  return (
    <div class="kv-layout-progress" role="status">
      <span>
        Laying out the graph
        {total > 1 && `: ${formatCount(done)} of ${formatCount(total)} groups`}
      </span>
      <progress
        {...(total > 1 ? { value: done, max: total } : {})}
        aria-label="Layout of the graph"
      />
      <button
        type="button"
        class="kv-button"
        onClick={(event) => {
          event.stopPropagation();
          onCancel();
        }}
      >
        Cancel
      </button>
    </div>
  );
}
