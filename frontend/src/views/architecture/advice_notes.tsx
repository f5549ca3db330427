/** Quiet notes on layers, with their reasons. */

import type { Advice } from "../../model/advice/advice";
import { formatCount } from "../../model/format";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { Section } from "./facts";

const FIRST_NOTES = 20;

/** The notes on one layer. */
export function LayerNotes({ notes }: { notes: readonly Advice[] }) {
  return (
    <>
      {notes.map((note) => (
        <div key={note.title} class="kv-note" role="note">
          <strong>{note.title}</strong>
          <p dir="auto">{note.text}</p>
        </div>
      ))}
    </>
  );
}

/** All notes on the model; each leads to its layer. */
export function ModelNotes({
  store,
  model,
  notes,
}: {
  store: Store;
  model: ArchitectureModel;
  notes: readonly Advice[];
}) {
  if (notes.length === 0) {
    return null;
  }
  return (
    <Section title={`Worth a look (${formatCount(notes.length)})`}>
      <LinkedNotes store={store} model={model} notes={notes} />
    </Section>
  );
}

/** Notes that each lead to their layer. */
export function LinkedNotes({
  store,
  model,
  notes,
}: {
  store: Store;
  model: ArchitectureModel;
  notes: readonly Advice[];
}) {
  const shown = notes.slice(0, FIRST_NOTES);
  return (
    <>
      {shown.map((note, i) => (
        <div key={i} class="kv-note" role="note">
          <strong>{note.title}</strong>
          {note.path !== null && (
            <>
              {": "}
              <button
                type="button"
                class="kv-arch-link"
                dir="auto"
                onClick={() => store.selectLayer(note.path)}
              >
                {model.graph.byPath.get(note.path)?.name ?? note.path}
              </button>
            </>
          )}
          <p dir="auto">{note.text}</p>
        </div>
      ))}
      {notes.length > shown.length && (
        <p class="kv-muted">and {formatCount(notes.length - shown.length)} more</p>
      )}
    </>
  );
}
