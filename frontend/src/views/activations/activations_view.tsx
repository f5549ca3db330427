/** What each layer returns for a sample of the probe, at a step. */

import { useEffect, useMemo } from "preact/hooks";
import { BusyLine, EmptyState, ErrorNote, Loading } from "../../components/states";
import { type ActivationsState, createActivationsState } from "../../state/activations";
import { shownValue } from "../../state/loadable";
import { type Store, stepsOf } from "../../state/store";
import { addStyle } from "../../theme/theme";
import { createLazyPart } from "../parts/lazy_part";
import { ActivationPanel } from "./activation_panel";
import panelCss from "./activation_panel.css?inline";
import css from "./activations.css?inline";
import detailCss from "./channel/channel_detail.css?inline";
import gridCss from "./grid/channel_grid.css?inline";
import { LayerList } from "./layer_list";
import layersCss from "./layer_list.css?inline";
import { ModeSwitch } from "./mode_switch";
import { SampleStrip } from "./samples/sample_strip";
import samplesCss from "./samples/sample_strip.css?inline";
import tableCss from "./statistics_table.css?inline";

for (const part of [
  css,
  samplesCss,
  layersCss,
  panelCss,
  gridCss,
  tableCss,
  detailCss,
]) {
  addStyle(part);
}

interface ModeProps {
  store: Store;
  state: ActivationsState;
}

const Health = createLazyPart<ModeProps>(
  "the health of the units",
  async () => (await import("./unit_health_view")).UnitHealthView,
);
const Attention = createLazyPart<ModeProps>(
  "the attention",
  async () => (await import("./attention/attention_parts")).AttentionView,
);

const WITH_PROBE = `tb_kerasviz.KerasViz("logs/run1", probe=x_val[:8])`;

/** The activations of one layer for one sample at one step. */
export function ActivationsView({ store }: { store: Store }) {
  const state = useMemo(() => createActivationsState(store), [store]);
  useEffect(() => state.dispose, [state]);

  if (state.captureSteps.value.length === 0) {
    return <NoCaptures store={store} />;
  }
  const first = state.captureSteps.value[0];
  if (state.captureStep.value === null && first !== undefined) {
    return (
      <EmptyState title={`No activations up to step ${store.currentStep.value}`}>
        <p>The first capture of this run is at step {first}.</p>
        <button type="button" class="kv-button" onClick={() => store.setStep(first)}>
          Go to step {first}
        </button>
      </EmptyState>
    );
  }
  return <Captures store={store} state={state} />;
}

function NoCaptures({ store }: { store: Store }) {
  const notices = shownValue(store.status.value)?.notices ?? [];
  const failures = notices.filter((notice) => notice.topic === "activations");
  if (failures.length > 0) {
    return (
      <EmptyState title="The activations could not be captured">
        {failures.map((notice) => (
          <p key={notice.message}>
            At step {notice.step}: {notice.message}
          </p>
        ))}
        <p>The training and the rest of its log went on.</p>
      </EmptyState>
    );
  }
  const hasProbe = stepsOf(store.runInfo.value, "probe").length > 0;
  return hasProbe ? (
    <EmptyState title="No activations were captured yet">
      <p>
        The probe was logged; its activations follow at the first capture. With
        activations=None there is none; notices above say if something went wrong.
      </p>
    </EmptyState>
  ) : (
    <EmptyState title="No probe was given">
      <p>
        Activations are what the layers return for a few samples of yours, the probe.
        Pass it to the callback: probe=x_val[:8], or whatever the model is called with.
      </p>
      <pre>{WITH_PROBE}</pre>
    </EmptyState>
  );
}

function Captures({ store, state }: { store: Store; state: ActivationsState }) {
  const loadable = state.index.value;
  const thumbnails = state.thumbnails.value;
  if (shownValue(loadable) === undefined) {
    return loadable.state === "error" ? (
      <ErrorNote message={loadable.message} onRetry={store.reload} />
    ) : (
      <Loading what="the activations" />
    );
  }
  return (
    <div class="kv-activations">
      {loadable.state === "loading" && <BusyLine what="the activations" />}
      {loadable.state === "error" && (
        <ErrorNote message={loadable.message} onRetry={store.reload} />
      )}
      <div class="kv-activations-top">
        <ModeSwitch store={store} state={state} />
        {store.mode.value !== "health" && <SampleStrip store={store} state={state} />}
      </div>
      {thumbnails.state === "error" && (
        <ErrorNote message={thumbnails.message} onRetry={store.reload} />
      )}
      <ModeBody store={store} state={state} />
    </div>
  );
}

function ModeBody({ store, state }: { store: Store; state: ActivationsState }) {
  switch (store.mode.value) {
    case "health":
      return <Health.Part store={store} state={state} />;
    case "attention":
      return <Attention.Part store={store} state={state} />;
    default:
      return (
        <div class="kv-activations-main">
          <LayerList store={store} state={state} />
          <ActivationPanel store={store} state={state} />
        </div>
      );
  }
}
