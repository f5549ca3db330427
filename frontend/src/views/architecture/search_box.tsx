/** Finds layers; in the table it filters the lines instead. */

import { useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { Icon } from "../../components/icons";
import { formatCount, shorten } from "../../model/layer_text";
import type { Store } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import type { ArchitectureModel } from "./architecture_model";
import { Filters } from "./filters";
import { foundIn } from "./found";

const LIMIT = 50;

/** A field with the matches below it. */
export function SearchBox({
  store,
  model,
  input,
}: {
  store: Store;
  model: ArchitectureModel;
  input: RefObject<HTMLInputElement | null>;
}) {
  const open = useSignal(false);
  const active = useSignal(0);
  const table = store.table.value;
  const query = store.find;
  const found = foundIn(store, model);
  const total = found.layers.length;
  const layers = found.layers.slice(0, LIMIT);
  const listed = open.value && !table && !found.matcher.empty;
  const jump = (layer: LayerNode | undefined) => {
    if (layer !== undefined) {
      store.selectLayer(layer.path);
    }
  };
  const move = (by: number) => {
    if (layers.length > 0) {
      active.value = (active.value + by + layers.length) % layers.length;
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    switch (event.key) {
      case "ArrowDown":
        move(1);
        break;
      case "ArrowUp":
        move(-1);
        break;
      case "Enter":
        if (store.layer.value === layers[active.value]?.path) {
          // Once more goes on to the next match.
          move(event.shiftKey ? -1 : 1);
        }
        jump(layers[active.value]);
        break;
      case "Escape":
        if (query.value !== "") {
          query.value = "";
          active.value = 0;
        } else {
          open.value = false;
          // On to what was searched, so that the keyboard goes on there.
          document
            .querySelector<HTMLElement>(".kv-graph, .kv-table")
            ?.focus({ preventScroll: true });
        }
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  return (
    <div
      class="kv-search"
      onFocusOut={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) {
          open.value = false;
        }
      }}
    >
      <Icon name="search" />
      <input
        ref={input}
        class="kv-input"
        role="combobox"
        placeholder={table ? "Filter layers" : "Find layers"}
        title="Name, class, path, shape, number or property ( / )"
        aria-label={table ? "Filter layers" : "Find layers"}
        aria-expanded={listed}
        aria-controls={listed ? "kv-search-results" : undefined}
        aria-activedescendant={
          listed && layers.length > 0 ? `kv-search-${active.value}` : undefined
        }
        autocomplete="off"
        spellcheck={false}
        value={query.value}
        onFocus={() => {
          open.value = true;
        }}
        onInput={(event) => {
          query.value = event.currentTarget.value;
          active.value = 0;
          open.value = true;
        }}
        onKeyDown={onKeyDown}
      />
      {!found.matcher.empty && (
        <span class="kv-search-count" role="status">
          {total === 0 ? "none" : formatCount(total)}
        </span>
      )}
      {open.value && (
        <div class="kv-search-popup">
          <Filters
            store={store}
            model={model}
            context={found.context}
            problems={found.matcher.problems}
          />
          {listed && (
            <Results
              layers={layers}
              total={total}
              active={active.value}
              onChoose={(at) => {
                active.value = at;
                jump(layers[at]);
              }}
              onKeyDown={onKeyDown}
            />
          )}
        </div>
      )}
    </div>
  );
}

function Results({
  layers,
  total,
  active,
  onChoose,
  onKeyDown,
}: {
  layers: readonly LayerNode[];
  total: number;
  active: number;
  onChoose: (at: number) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}) {
  return (
    <>
      <div
        class="kv-search-results"
        id="kv-search-results"
        role="listbox"
        aria-label="Layers found"
      >
        {layers.map((layer, i) => (
          <div
            key={layer.path}
            id={`kv-search-${i}`}
            class="kv-search-result"
            role="option"
            tabIndex={-1}
            aria-selected={i === active}
            ref={(element) => {
              if (i === active) {
                element?.scrollIntoView?.({ block: "nearest" });
              }
            }}
            onClick={() => onChoose(i)}
            onKeyDown={onKeyDown}
          >
            <span class="kv-search-name">{shorten(layer.name, 80)}</span>
            <span class="kv-muted">{shorten(layer.class_name, 40)}</span>
            {layer.path !== layer.name && (
              <span class="kv-search-path">{shorten(layer.path, 120)}</span>
            )}
          </div>
        ))}
      </div>
      {total > layers.length && (
        <div class="kv-search-more">
          and {formatCount(total - layers.length)} more: add a word to narrow it down
        </div>
      )}
      {total === 0 && <div class="kv-search-more">No layer is like this</div>}
    </>
  );
}
