/** Buttons that save files, one click each. */

import { useSignal } from "@preact/signals";
import { errorMessage } from "../state/loadable";
import { saveFile } from "./save_file";

/** A file that can be saved. */
export interface SavedFile {
  /** What the button says. */
  readonly format: string;
  /** What is in the file. */
  readonly hint: string;
  readonly name: string;
  readonly make: () => Blob | Promise<Blob>;
}

/** A button per format. */
export function SaveButtons({
  what,
  files,
}: {
  /** What is saved, for those who do not see where the buttons are. */
  what: string;
  files: readonly SavedFile[];
}) {
  const busy = useSignal<ReadonlySet<string>>(new Set());
  const error = useSignal("");
  const save = async (file: SavedFile) => {
    busy.value = new Set(busy.value).add(file.format);
    error.value = "";
    try {
      saveFile(file.name, await file.make());
    } catch (reason) {
      error.value = `${file.format} could not be saved: ${errorMessage(reason)}`;
    } finally {
      const others = [...busy.value].filter((format) => format !== file.format);
      busy.value = new Set(others);
    }
  };
  return (
    <div class="kv-field kv-save">
      <span class="kv-label">Save</span>
      <div class="kv-segments" role="group" aria-label={`Save ${what}`}>
        {files.map((file) => (
          <button
            key={file.format}
            type="button"
            class="kv-button"
            title={file.hint}
            aria-label={`Save ${what} as ${file.format}`}
            disabled={busy.value.has(file.format)}
            onClick={() => save(file)}
          >
            {file.format}
          </button>
        ))}
      </div>
      {error.value !== "" && (
        <span class="kv-error-text" role="alert">
          {error.value}
        </span>
      )}
    </div>
  );
}
