/** How the large map is drawn over its picture. */

import { type Choice, Choices } from "../../../components/choices";
import { ColorBar } from "../../../components/color_bar";
import type { Stage } from "../../../draw/stage";
import type { ColorScale } from "../../../model/color_scale";
import type { MapPlacement } from "../../../model/map_placement";
import type { Store } from "../../../state/store";
import { RangeSwitch } from "../grid/range_switch";
import type { ShownLayer } from "../shown_layer";
import { type CellEdges, cellEdges, overlayOpacity } from "./channel_options";

const EDGES: readonly Choice<CellEdges>[] = [
  { value: "sharp", title: "Sharp", hint: "Each cell of the map with its edges" },
  {
    value: "smooth",
    title: "Smooth",
    hint: "Colours flow from cell to cell; values between cells are no logged ones",
  },
];

/** Opacity, edges, and what is known of where the map lies. */
export function StageControls({
  store,
  shown,
  stage,
  scale,
}: {
  store: Store;
  shown: ShownLayer;
  stage: Stage;
  scale: ColorScale;
}) {
  const { placement, picture } = stage;
  return (
    <div class="kv-stage-controls">
      {picture !== null && (
        <div class="kv-field">
          <label for="kv-opacity">Picture</label>
          <input
            id="kv-opacity"
            class="kv-size-slider"
            type="range"
            min={0}
            max={100}
            step={5}
            value={overlayOpacity.value}
            title="How much the map covers the picture: the picture alone at the left, the map alone at the right. In between, weak values let more of it through than strong ones"
            aria-valuetext={`map ${overlayOpacity.value}% opaque`}
            onInput={(event) => {
              overlayOpacity.value = Number(event.currentTarget.value);
            }}
          />
          <span class="kv-muted" aria-hidden="true">
            Map
          </span>
        </div>
      )}
      <Choices
        label="Edges of the cells"
        choices={EDGES}
        chosen={cellEdges.value}
        onChoose={(edges) => {
          cellEdges.value = edges;
        }}
      />
      <RangeSwitch store={store} shown={shown} />
      <ColorBar scale={scale} />
      {placement.kind !== "alone" && <PlacementNote placement={placement} />}
    </div>
  );
}

function PlacementNote({ placement }: { placement: MapPlacement }) {
  const { rows, columns } = placement;
  if (placement.kind === "stretched") {
    return (
      <span
        class="kv-stage-note kv-muted"
        title={`Drawn over the whole picture, since ${placement.reason}`}
      >
        stretched over the picture
      </span>
    );
  }
  const stride = [rows.field?.stride, columns.field?.stride].map(formatPixels);
  const extent = [rows.field?.extent, columns.field?.extent].map(formatPixels);
  return (
    <span
      class="kv-stage-note kv-muted"
      title={
        "Each value lies where it was computed, by the strides and paddings of the " +
        `layers before it: ${stride.join(" x ")} pixels from one value to the next, ` +
        `each computed from ${extent.join(" x ")} pixels (dashed under the pointer)`
      }
    >
      aligned
      <span class="kv-stage-more">
        : 1 value per {stride.join(" x ")} px, sees {extent.join(" x ")}
      </span>
    </span>
  );
}

function formatPixels(value: number | undefined): string {
  return value === undefined ? "?" : String(Number(value.toFixed(2)));
}
