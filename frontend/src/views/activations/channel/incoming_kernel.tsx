/** The weights that the selected channel is computed with. */

import type { ComponentChildren } from "preact";
import { ColorBar } from "../../../components/color_bar";
import { createColorScale } from "../../../model/color_scale";
import { formatCount, formatValue } from "../../../model/format";
import type { IncomingKernel } from "../../../model/kernel/incoming_kernel";
import type { ActivationsState } from "../../../state/activations";
import { followKernel, kernelPlanOf, selectedEntry } from "../../../state/channel_data";
import { shownValue } from "../../../state/loadable";
import { type Store, stepsOf } from "../../../state/store";
import { addStyle } from "../../../theme/theme";
import { useFollowed } from "../../use_followed";
import css from "./incoming_kernel.css?inline";
import { KernelBars } from "./kernel_bars";
import { KernelTiles } from "./kernel_tiles";

addStyle(css);

/** Tiles for windows, bars for single weights; nothing for layers without any. */
export function IncomingKernelSection({
  store,
  state,
  dark,
}: {
  store: Store;
  state: ActivationsState;
  dark: boolean;
}) {
  const loadable = useFollowed(() => followKernel(store, state), [store, state]);
  const entry = selectedEntry(state);
  const plan = entry === null ? null : kernelPlanOf(store, entry);
  if (plan === null) {
    return null;
  }
  const shown = shownValue(loadable);
  if (loadable.state === "idle") {
    return <NoWeights store={store} />;
  }
  if (loadable.state === "error") {
    return (
      <Frame>
        <p class="kv-error-text">{loadable.message}</p>
      </Frame>
    );
  }
  if (shown === undefined) {
    return (
      <Frame>
        <p class="kv-muted">Loading…</p>
      </Frame>
    );
  }
  const { step, answer } = shown;
  if (answer.state === "missing") {
    return (
      <Frame step={step}>
        <p class="kv-muted">It cannot be shown: {answer.reason}.</p>
      </Frame>
    );
  }
  return (
    <Frame step={step} busy={loadable.state === "loading"}>
      <KernelFacts kernel={answer.kernel} separable={plan.pointwise !== null} />
      <Weights kernel={answer.kernel} dark={dark} />
    </Frame>
  );
}

function Frame({
  step,
  busy = false,
  children,
}: {
  step?: number;
  busy?: boolean;
  children: ComponentChildren;
}) {
  return (
    <section
      class="kv-detail-section kv-kernel"
      aria-label="Incoming weights"
      aria-busy={busy}
    >
      <h3>
        Incoming weights{" "}
        {step !== undefined && (
          <span
            class="kv-muted"
            title="The last capture of weights up to the step that is shown"
          >
            of step {formatCount(step)}
          </span>
        )}
      </h3>
      {children}
    </section>
  );
}

function NoWeights({ store }: { store: Store }) {
  const first = stepsOf(store.runInfo.value, "weights")[0];
  return (
    <Frame>
      <p class="kv-muted">
        {first === undefined
          ? 'No weights were logged. KerasViz(..., weights="epoch") logs them every ' +
            "epoch, which is the default; Writer.write_weights does in a custom loop."
          : `The first capture of weights is at step ${formatCount(first)}.`}
      </p>
    </Frame>
  );
}

function KernelFacts({
  kernel,
  separable,
}: {
  kernel: IncomingKernel;
  separable: boolean;
}) {
  const { inputs, inputCount, height, width, bias, cut } = kernel;
  const one = height * width === 1;
  const count =
    inputs.length < inputCount ? `${inputs.length} of ${inputCount}` : inputCount;
  return (
    <p class="kv-kernel-facts">
      <span title="Inputs of the layer that this channel is computed from">
        {one ? "" : `${height}x${width} from `}
        {count} {inputCount === 1 ? "input" : "inputs"}
      </span>
      {separable && (
        <span title="The depthwise kernel of each input times its pointwise weights">
          both steps as one
        </span>
      )}
      {bias !== null && (
        <span title="What is added after the weighted sum">
          bias <strong>{formatValue(bias)}</strong>
        </span>
      )}
      {cut !== "" && (
        <span
          class="kv-muted"
          title="What the capture of weights kept of the kernel; more is kept with a larger capture_mb"
        >
          kept {cut}
        </span>
      )}
    </p>
  );
}

function Weights({ kernel, dark }: { kernel: IncomingKernel; dark: boolean }) {
  const most = kernel.values.reduce(
    (top, value) => (Number.isFinite(value) ? Math.max(top, Math.abs(value)) : top),
    0,
  );
  const scale = createColorScale(-most, most, dark, true);
  return (
    <>
      {kernel.height * kernel.width > 1 ? (
        <KernelTiles kernel={kernel} scale={scale} dark={dark} />
      ) : (
        <KernelBars kernel={kernel} scale={scale} dark={dark} />
      )}
      <ColorBar scale={scale} />
    </>
  );
}
