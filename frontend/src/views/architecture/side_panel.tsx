/** The panel beside graph and table: the selected layer, else the model. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Icon } from "../../components/icons";
import { createPreference } from "../../state/preference";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import { type ArchitectureModel, foldNode } from "./architecture_model";
import {
  isRemoved,
  LayerComparison,
  ModelComparison,
  RemovedLayer,
} from "./compare_details";
import { comparedOf } from "./compared";
import { FoldDetails } from "./fold_details";
import { LayerDetails } from "./layer_details";
import { ModelDetails } from "./model_details";
import css from "./panel.css?inline";
import { useAdvice } from "./use_advice";
import type { ViewMemory } from "./view_memory";

addStyle(css);

const WIDTH = { least: 220, usual: 330, most: 720, step: 24 } as const;

/** On a page this narrow the panel lies over the graph, so it starts put away. */
const NARROW = 680;

const isWidth = (value: unknown): value is number =>
  typeof value === "number" && value >= WIDTH.least && value <= WIDTH.most;
const isFlag = (value: unknown): value is number => value === 0 || value === 1;

const width = createPreference("architecture.panel", WIDTH.usual, isWidth);
const folded = createPreference<number>(
  "architecture.folded",
  window.innerWidth < NARROW ? 1 : 0,
  isFlag,
);

/** Can be made wider, narrower, and put away. */
export function SidePanel({
  store,
  model,
  memory,
}: {
  store: Store;
  model: ArchitectureModel;
  memory: ViewMemory;
}) {
  const path = store.layer.value;
  const layer = path === null ? undefined : model.graph.byPath.get(path);
  const key = path === null ? memory.fold.value : null;
  const fold = key === null ? null : foldNode(model.graph, key);
  const selectFold = (chosen: string | null) => {
    memory.fold.value = chosen;
  };
  const compared = comparedOf(store, model.graph.graph);
  const removed = path !== null && compared !== null && isRemoved(compared.diff, path);
  const notes = useAdvice(model.graph);
  if (folded.value === 1) {
    return (
      <div class="kv-arch-panel-folded">
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="Show the details"
          title="Show the details"
          onClick={() => {
            folded.value = 0;
          }}
        >
          <Icon name="previous" />
        </button>
      </div>
    );
  }
  return (
    <>
      <Divider />
      <aside
        class="kv-arch-panel"
        tabIndex={-1}
        style={{ width: `${width.value}px` }}
        aria-label="Details"
      >
        <header class="kv-arch-panel-head">
          <h2>{fold !== null ? "Group" : layer === undefined ? "Model" : "Layer"}</h2>
          {(path !== null || fold !== null) && (
            <button
              type="button"
              class="kv-button"
              title="Show the model instead ( Esc )"
              onClick={() => {
                selectFold(null);
                store.selectLayer(null);
              }}
            >
              Model
            </button>
          )}
          <button
            type="button"
            class="kv-button kv-button-icon"
            aria-label="Hide the details"
            title="Hide the details"
            onClick={() => {
              folded.value = 1;
            }}
          >
            <Icon name="next" />
          </button>
        </header>
        <div class="kv-arch-panel-body">
          {layer === undefined && removed && (
            <RemovedLayer compared={compared} path={path} />
          )}
          {path !== null && layer === undefined && !removed && (
            <p class="kv-arch-panel-note" role="status">
              The model at this step has no layer <code dir="auto">{path}</code>.
            </p>
          )}
          {compared !== null && layer === undefined && fold === null && (
            <ModelComparison store={store} compared={compared} />
          )}
          {compared !== null && layer !== undefined && (
            <LayerComparison compared={compared} layer={layer} />
          )}
          {fold !== null && (
            <FoldDetails
              key={key}
              store={store}
              model={model}
              node={fold}
              onSelect={selectFold}
            />
          )}
          {layer === undefined && fold === null && (
            <ModelDetails store={store} model={model} notes={notes} />
          )}
          {layer !== undefined && (
            <LayerDetails
              key={layer.path}
              store={store}
              model={model}
              layer={layer}
              notes={notes}
            />
          )}
        </div>
      </aside>
    </>
  );
}

function Divider() {
  const dragging = useSignal(false);
  const start = useRef({ x: 0, width: 0 });
  const resize = (to: number) => {
    const most = Math.min(WIDTH.most, window.innerWidth * 0.7);
    width.value = Math.round(Math.min(most, Math.max(WIDTH.least, to)));
  };
  return (
    <div
      class="kv-arch-divider"
      role="separator"
      aria-orientation="vertical"
      aria-label="Width of the details"
      aria-valuenow={width.value}
      aria-valuemin={WIDTH.least}
      aria-valuemax={WIDTH.most}
      tabIndex={0}
      data-dragging={dragging.value ? "" : undefined}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        start.current = { x: event.clientX, width: width.value };
        dragging.value = true;
      }}
      onPointerMove={(event) => {
        if (dragging.value) {
          resize(start.current.width + start.current.x - event.clientX);
        }
      }}
      onPointerUp={() => {
        dragging.value = false;
      }}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
          const by = event.key === "ArrowLeft" ? WIDTH.step : -WIDTH.step;
          resize(width.value + by);
          event.preventDefault();
        }
      }}
    />
  );
}
