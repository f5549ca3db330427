/** Which layers have units that are dead, saturated, ...: all of them, over steps. */

import { batch } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { Choices } from "../../components/choices";
import { Icon } from "../../components/icons";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { createShareScale, scaleGradient } from "../../model/color_scale";
import { findHealthKind, HEALTH_KINDS } from "../../model/units/health_kinds";
import {
  countAt,
  orderLayers,
  summarizeHealth,
  worstAt,
} from "../../model/units/unit_health";
import type { ActivationsState } from "../../state/activations";
import { createResource, shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import type { UnitHealth, UnitHealthLayer } from "../../wire/generated";
import css from "./unit_health.css?inline";
import { UnitHealthMap } from "./unit_health_map";

addStyle(css);

/** The map, what it says in a sentence, and what one can choose. */
export function UnitHealthView({
  store,
  state,
}: {
  store: Store;
  state: ActivationsState;
}) {
  const resource = useMemo(
    () =>
      createResource<UnitHealth>(() => {
        const run = store.run.value;
        return run === null
          ? null
          : {
              key: run,
              scope: run,
              load: (abort) => store.source.unitHealth(run, abort),
            };
      }, store.generation),
    [store],
  );
  useEffect(() => resource.dispose, [resource]);
  const loadable = resource.value.value;
  const health = shownValue(loadable);
  return (
    <section class="kv-panel kv-health-view" aria-label="Unit health">
      {loadable.state === "loading" && <BusyLine what="the unit health" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      {health === undefined ? (
        loadable.state === "loading" && <Loading what="the unit health" />
      ) : health.layers.length === 0 ? (
        <EmptyState title="No capture of this run counts its units">
          <p>
            It was logged by an older tb_kerasviz, which kept statistics of each sample
            alone. Train again with this version to see dead and saturated units.
          </p>
        </EmptyState>
      ) : (
        <Health store={store} state={state} health={health} />
      )}
    </section>
  );
}

function Health({
  store,
  state,
  health,
}: {
  store: Store;
  state: ActivationsState;
  health: UnitHealth;
}) {
  const order = store.healthOrder;
  const kind = store.health.value;
  const dark = store.page.dark.value;
  const step = state.captureStep.value ?? 0;
  const current = Math.max(
    0,
    health.steps.findLastIndex((one) => one <= step),
  );
  const samples = shownValue(state.index.value)?.measured_samples ?? 0;
  const rows = useMemo(
    () => orderLayers(health, kind, order.value, current),
    [health, kind, order.value, current],
  );
  const worst = worstAt(health, kind, current);
  const open = (layer: UnitHealthLayer, column: number) => {
    batch(() => {
      const at = health.steps[column];
      if (at !== undefined && at !== state.captureStep.value) {
        store.setStep(at);
      }
      const any = (countAt(layer, kind, column) ?? 0) > 0;
      store.setGrid({ filter: any ? kind : "all" });
      store.openActivations(layer.path, layer.call, layer.output);
    });
  };
  return (
    <>
      <header class="kv-health-summary">
        {worst !== null && <Icon name="warning" />}
        <p>{summarizeHealth(health, kind, current, samples)}.</p>
        {worst !== null && (
          <button
            type="button"
            class="kv-button"
            title={`Shows these units of ${worst.path.slice(0, 200)} at this step`}
            onClick={() => open(worst, current)}
          >
            Show its units
          </button>
        )}
      </header>
      <div class="kv-controls">
        <Choices
          label="State of the units"
          choices={HEALTH_KINDS.map(({ kind: value, title, definition }) => ({
            value,
            title,
            hint: definition,
          }))}
          chosen={kind}
          onChoose={(one) => {
            store.health.value = one;
          }}
        />
        <label class="kv-field">
          <span class="kv-label">Order</span>
          <select
            class="kv-select"
            title="The worst are those with the largest share at the shown step"
            value={order.value}
            onChange={(event) => {
              order.value = event.currentTarget.value === "worst" ? "worst" : "layer";
            }}
          >
            <option value="layer">as executed</option>
            <option value="worst">worst first</option>
          </select>
        </label>
        {health.cut !== "" && <span class="kv-cut">{health.cut}</span>}
        <div
          class="kv-color-bar"
          role="img"
          aria-label="Colours from a few to all units of a layer"
          title={`Share of a layer's units: ${findHealthKind(kind)?.definition ?? ""}`}
        >
          <span class="kv-swatch kv-health-none" />
          none
          <span
            class="kv-color-ramp"
            style={{ background: scaleGradient(createShareScale(dark)) }}
          />
          100%
        </div>
      </div>
      <UnitHealthMap
        health={health}
        kind={kind}
        order={rows}
        current={current}
        samples={samples}
        dark={dark}
        onOpen={open}
      />
    </>
  );
}
