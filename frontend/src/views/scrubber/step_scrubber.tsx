/** Goes through the logged steps: by slider, by keys, or by itself. */

import { useEffect, useMemo } from "preact/hooks";
import { Icon } from "../../components/icons";
import { StepButton } from "../../components/step_button";
import { formatCount, formatValue } from "../../model/format";
import { pointAtStep, type Trend } from "../../model/overlay/trend";
import { shownValue } from "../../state/loadable";
import { followLosses, type LossCurve } from "../../state/loss_curve";
import { createPlayer } from "../../state/player";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import { playInterval, playSpeed, SPEEDS } from "./play_speed";
import { ScrubberTrack } from "./scrubber_track";
import css from "./step_scrubber.css?inline";

addStyle(css);

/** The steps that have something the view shows, with the loss behind them. */
export function StepScrubber({ store }: { store: Store }) {
  const player = useMemo(
    () =>
      createPlayer({
        steps: store.steps,
        currentStep: store.currentStep,
        busy: store.awaited.busy,
        visible: store.page.visible,
        interval: playInterval,
        setStep: store.setStep,
      }),
    [store],
  );
  useEffect(() => player.dispose, [player]);
  const losses = useMemo(() => followLosses(store), [store]);
  useEffect(() => losses.dispose, [losses]);
  const curve = shownValue(losses.value.value)?.curve ?? null;

  const steps = store.steps.value;
  const current = store.currentStep.value ?? 0;
  const index = Math.max(0, steps.indexOf(current));
  const last = steps.length - 1;
  const latest = store.step.value === null;
  const playing = player.playing.value;
  const go = (to: number) => {
    const step = steps[Math.max(0, Math.min(last, to))];
    if (step !== undefined) {
      store.setStep(step);
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { target, key } = event;
    if (target instanceof HTMLSelectElement) {
      return;
    }
    const to = {
      ArrowLeft: index - 1,
      ArrowDown: index - 1,
      ArrowRight: index + 1,
      ArrowUp: index + 1,
      Home: 0,
      End: last,
    }[key];
    if (to !== undefined) {
      go(to);
    } else if (key === " " && !(target instanceof HTMLButtonElement)) {
      player.toggle();
    } else {
      return;
    }
    event.preventDefault();
  };
  return (
    <div class="kv-scrubber" role="group" aria-label="Step" onKeyDown={onKeyDown}>
      <button
        type="button"
        class="kv-button kv-button-icon"
        aria-label={playing ? "Pause" : "Play"}
        title={
          playing
            ? "Pause (space, on the slider)"
            : "Play: goes through the logged steps, and waits for the data of each " +
              "(space, on the slider)"
        }
        disabled={last < 1}
        onClick={player.toggle}
      >
        <Icon name={playing ? "pause" : "play"} />
      </button>
      <select
        class="kv-select kv-scrubber-speed"
        aria-label="Speed of playing"
        title="How fast it plays; 1× shows a step for at least 0.8 seconds"
        disabled={last < 1}
        value={playSpeed.value}
        onChange={(event) => {
          playSpeed.value = Number(event.currentTarget.value);
        }}
      >
        {SPEEDS.map((speed) => (
          <option key={speed} value={speed}>
            {speed}×
          </option>
        ))}
      </select>
      <StepButton
        to="previous"
        what="step"
        title="logged step"
        disabled={index === 0}
        onGo={() => go(index - 1)}
      />
      <ScrubberTrack
        steps={steps}
        index={index}
        curve={curve}
        dark={store.page.dark.value}
        onGo={go}
      />
      <StepButton
        to="next"
        what="step"
        title="logged step"
        disabled={index >= last}
        onGo={() => go(index + 1)}
      />
      <div class="kv-scrubber-where">
        <output title="Optimizer steps done when this was logged">
          step {current.toLocaleString("en")}
        </output>
        {curve !== null && <LossAt curve={curve} step={current} />}
      </div>
      <button
        type="button"
        class="kv-button kv-scrubber-latest"
        aria-label="Latest"
        aria-pressed={latest}
        title="Show the latest step, also as new ones are logged"
        onClick={() => {
          player.stop();
          store.setStep(latest ? current : null);
        }}
      >
        <Icon name="latest" />
        <span>Latest</span>
      </button>
    </div>
  );
}

function LossAt({ curve, step }: { curve: LossCurve; step: number }) {
  const { tag, train, validation } = curve;
  const value = lossAt(train, step);
  const sentences = [
    describeLoss(`${tag} of training`, train, step),
    ...(validation === null ? [] : [describeLoss("validation", validation, step)]),
  ];
  return (
    <span class="kv-muted kv-scrubber-loss" title={sentences.join("; ")}>
      {value === null ? "no loss yet" : `loss ${formatValue(value)}`}
    </span>
  );
}

/** The last loss up to a step; null if there is none. */
function lossAt(trend: Trend, step: number): number | null {
  const at = pointAtStep(trend, step);
  return at === null ? null : (trend.values[at] ?? null);
}

function describeLoss(name: string, trend: Trend, step: number): string {
  const at = pointAtStep(trend, step);
  const value = at === null ? null : (trend.values[at] ?? null);
  return at === null || value === null
    ? `${name}: not logged up to here`
    : `${name}: ${formatValue(value)}, logged at step ${formatCount(trend.steps[at] ?? 0)}`;
}
