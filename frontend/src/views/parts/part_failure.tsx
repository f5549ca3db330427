/** Says that the code of a part could not be loaded, and gets a new one. */

import { useSignal } from "@preact/signals";
import { EmptyState, ErrorNote } from "../../components/states";
import { capitalize } from "../../model/format";
import type { Store } from "../../state/store";

/**
 * Its button loads the tab anew, which gets code that belongs together; but only
 * if TensorBoard answers, since there would be no tab at all else.
 */
export function PartFailure({
  store,
  name,
  failure,
}: {
  store: Store;
  /** What the part is to its user. */
  name: string;
  failure: string;
}) {
  const unreachable = useSignal<string | null>(null);
  const reload = async () => {
    unreachable.value = null;
    try {
      store.source.revalidate();
      await store.source.runs();
    } catch (error) {
      unreachable.value = error instanceof Error ? error.message : String(error);
      return;
    }
    store.page.reload();
  };
  return (
    <EmptyState title={`${capitalize(name)} could not be loaded`}>
      <p role="alert">
        TensorBoard did not send the code of it. Perhaps TensorBoard was stopped, or
        tb_kerasviz was upgraded since this page was opened. Loading the tab again gets
        the code that is there now, and keeps the place.
      </p>
      <p>
        The browser says: <span dir="auto">{failure}</span>
      </p>
      <button type="button" class="kv-button" onClick={reload}>
        Load the tab again
      </button>
      {unreachable.value !== null && <ErrorNote message={unreachable.value} />}
    </EmptyState>
  );
}
