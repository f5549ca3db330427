/** Finds layers; in the table it filters the lines instead. */

import { type Signal, useSignal } from "@preact/signals";
import type { RefObject } from "preact";
import { Icon } from "../../components/icons";
import { shorten } from "../../model/layer_text";
import { searchLayers } from "../../model/search";
import type { Store } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import type { ArchitectureModel } from "./architecture_model";

const LIMIT = 50;

/** A field with the matches below it. */
export function SearchBox({
  store,
  model,
  query,
  input,
}: {
  store: Store;
  model: ArchitectureModel;
  query: Signal<string>;
  input: RefObject<HTMLInputElement | null>;
}) {
  const open = useSignal(false);
  const active = useSignal(0);
  const table = store.table.value;
  const { layers, total } = searchLayers(model.graph.layers, query.value, LIMIT);
  const listed = open.value && !table && query.value.trim() !== "";
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
        query.value = "";
        open.value = false;
        input.current?.blur();
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
        title="Words of a layer's name, class or path ( / )"
        aria-label={table ? "Filter layers" : "Find layers"}
        aria-expanded={listed}
        aria-controls="kv-search-results"
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
      {query.value.trim() !== "" && (
        <span class="kv-search-count" role="status">
          {total === 0 ? "none" : total}
        </span>
      )}
      {listed && (
        <div class="kv-search-results" id="kv-search-results" role="listbox">
          {layers.map((layer, i) => (
            <div
              key={layer.path}
              id={`kv-search-${i}`}
              class="kv-search-result"
              role="option"
              tabIndex={-1}
              aria-selected={i === active.value}
              ref={(element) => {
                if (i === active.value) {
                  element?.scrollIntoView?.({ block: "nearest" });
                }
              }}
              onClick={() => {
                active.value = i;
                jump(layer);
              }}
              onKeyDown={onKeyDown}
            >
              <span class="kv-search-name">{shorten(layer.name, 80)}</span>
              <span class="kv-muted">{shorten(layer.class_name, 40)}</span>
              {layer.path !== layer.name && (
                <span class="kv-search-path">{shorten(layer.path, 120)}</span>
              )}
            </div>
          ))}
          {total > layers.length && (
            <div class="kv-search-more">
              and {total - layers.length} more: add a word to narrow it down
            </div>
          )}
          {total === 0 && (
            <div class="kv-search-more">
              No layer has this in its name, class or path
            </div>
          )}
        </div>
      )}
    </div>
  );
}
