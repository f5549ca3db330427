/** Search, zoom, and the choice between graph and table. */

import type { ReadonlySignal } from "@preact/signals";
import type { RefObject } from "preact";
import { Icon } from "../../components/icons";
import { groupsOf } from "../../model/graph/node_tree";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";
import { ColorChoice } from "./color_choice";
import { ColumnChoice } from "./column_choice";
import { CompareChoice } from "./compare_bar";
import { ExportMenu } from "./export_menu";
import type { GraphController } from "./graph_controller";
import { KeyHelp } from "./key_help";
import { SearchBox } from "./search_box";
import type { ViewMemory } from "./view_memory";

/** The line above graph and table. */
export function ArchitectureToolbar({
  store,
  model,
  memory,
  controller,
  search,
}: {
  store: Store;
  model: ArchitectureModel;
  memory: ViewMemory;
  controller: ReadonlySignal<GraphController | null>;
  search: RefObject<HTMLInputElement | null>;
}) {
  const table = store.table.value;
  const nested = table
    ? model.graph.layers.some((layer) => layer.children.length > 0)
    : groupsOf(model.graph.tree).length > 0;
  const setAll = (open: boolean) => {
    if (table) {
      const all = model.graph.layers.filter((layer) => layer.children.length > 0);
      memory.expanded.value = new Set(open ? all.map((layer) => layer.path) : []);
    } else {
      controller.value?.setAll(open);
    }
  };
  return (
    <div class="kv-arch-toolbar" role="toolbar" aria-label="Architecture">
      <div class="kv-segments">
        <button
          type="button"
          class="kv-button"
          aria-pressed={!table}
          onClick={() => store.setTable(false)}
        >
          Graph
        </button>
        <button
          type="button"
          class="kv-button"
          aria-pressed={table}
          onClick={() => store.setTable(true)}
        >
          <Icon name="table" />
          Table
        </button>
      </div>
      <SearchBox store={store} model={model} input={search} />
      {nested && (
        <div class="kv-segments">
          <button
            type="button"
            class="kv-button"
            title="Show what is inside of every group and nested model"
            onClick={() => setAll(true)}
          >
            Expand all
          </button>
          <button
            type="button"
            class="kv-button"
            title="Show every group and nested model as one card"
            onClick={() => setAll(false)}
          >
            Collapse all
          </button>
        </div>
      )}
      {table && <ColumnChoice memory={memory} />}
      <CompareChoice store={store} />
      <ExportMenu store={store} model={model} controller={controller} />
      {!table && <ColorChoice store={store} />}
      {!table && <ZoomButtons controller={controller} />}
      <KeyHelp />
    </div>
  );
}

function ZoomButtons({
  controller,
}: {
  controller: ReadonlySignal<GraphController | null>;
}) {
  return (
    <div class="kv-segments kv-arch-zoom">
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Zoom out"
        title="Zoom out ( - )"
        onClick={() => controller.value?.zoomBy(0.8)}
      >
        −
      </button>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label="Zoom in"
        title="Zoom in ( + )"
        onClick={() => controller.value?.zoomBy(1.25)}
      >
        +
      </button>
      <button
        type="button"
        class="kv-button"
        title="Show the whole graph ( f )"
        onClick={() => controller.value?.fit()}
      >
        Fit
      </button>
    </div>
  );
}
