/** All keys of the architecture, in a window over it. */

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../../components/icons";

/** Whether the window is open. */
export const keyHelpOpen = signal(false);

const KEYS: readonly (readonly [
  group: string,
  keys: readonly (readonly [keys: readonly string[], meaning: string])[],
])[] = [
  [
    "Anywhere",
    [
      [["/"], "search"],
      [["t"], "table or graph"],
      [["["], "the difference before, while comparing"],
      [["]"], "the next difference, while comparing"],
      [["Esc"], "no paths; select nothing"],
      [["?"], "this help"],
    ],
  ],
  [
    "Graph",
    [
      [["↑", "↓"], "along the edges; from nothing, move the graph"],
      [["←", "→"], "to what is beside it"],
      [["Enter"], "open or close a group; a layer's activations"],
      [["p"], "all paths from it; once more elsewhere: to there"],
      [["u"], "the group around it"],
      [["f"], "show all"],
      [["+", "−"], "zoom"],
    ],
  ],
  [
    "Table",
    [
      [["↑", "↓"], "line by line; Page Up, Page Down, Home and End go further"],
      [["←", "→"], "close or open what holds other layers"],
      [["Space"], "select"],
      [["Enter"], "the layer's activations"],
    ],
  ],
  [
    "Search",
    [
      [["↑", "↓"], "through what was found"],
      [["Enter"], "go there, and on to the next"],
      [["Tab"], "to the filters"],
      [["Esc"], "clear; once more: back to the graph"],
    ],
  ],
];

/** A button, and the window that it opens. */
export function KeyHelp() {
  const dialog = useRef<HTMLDialogElement>(null);
  const open = keyHelpOpen.value;
  useEffect(() => {
    if (open) {
      // The page behind is out of reach until it is closed, and has the focus then.
      dialog.current?.showModal();
    }
  }, [open]);
  return (
    <>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Keys"
        aria-haspopup="dialog"
        title="All keys ( ? )"
        onClick={() => {
          keyHelpOpen.value = true;
        }}
      >
        ?
      </button>
      {open && (
        <dialog
          ref={dialog}
          class="kv-key-help"
          aria-labelledby="kv-key-help-title"
          onClose={() => {
            keyHelpOpen.value = false;
          }}
        >
          <header>
            <h2 id="kv-key-help-title">Keys</h2>
            <button
              type="button"
              class="kv-button kv-button-icon"
              aria-label="Close"
              onClick={() => dialog.current?.close()}
            >
              <Icon name="close" />
            </button>
          </header>
          <div class="kv-key-groups">
            {KEYS.map(([group, keys]) => (
              <section key={group}>
                <h3>{group}</h3>
                <dl>
                  {keys.map(([names, meaning]) => (
                    <div key={meaning}>
                      <dt>
                        {names.map((name) => (
                          <kbd key={name}>{name}</kbd>
                        ))}
                      </dt>
                      <dd>{meaning}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            ))}
          </div>
        </dialog>
      )}
    </>
  );
}
