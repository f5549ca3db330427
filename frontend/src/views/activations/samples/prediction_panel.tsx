/** What the model says of the chosen sample, now and over steps. */

import { Icon } from "../../../components/icons";
import { LINE_COLORS } from "../../../draw/class_lines";
import { chooseClasses } from "../../../model/predictions/prediction_lines";
import {
  formatOutput,
  longPrediction,
  type OutputValues,
  predict,
} from "../../../model/predictions/predictions";
import type { ActivationsState } from "../../../state/activations";
import { shownValue } from "../../../state/loadable";
import type { Predictions } from "../../../state/predictions";
import type { Store } from "../../../state/store";
import { addStyle } from "../../../theme/theme";
import { PredictionCurves } from "./prediction_curves";
import css from "./prediction_panel.css?inline";
import { sampleName } from "./sample_name";

addStyle(css);

/** The top classes as bars, and a line for each over steps. */
export function PredictionPanel({
  store,
  state,
  predictions,
  onClose,
}: {
  store: Store;
  state: ActivationsState;
  predictions: Predictions;
  onClose: () => void;
}) {
  const loadable = predictions.values.value;
  const output = shownValue(loadable);
  const sample = state.sample.value;
  const probe = shownValue(state.probe.value);
  const label = probe?.labels[sample];
  const prediction = output === undefined ? null : predict(output, sample, label);
  const classes = output === undefined ? [] : chooseClasses(output, sample, label);
  return (
    <section
      class="kv-prediction-panel"
      aria-label="Predictions"
      onKeyDown={(event) => {
        if (event.key === "Escape") {
          onClose();
          event.stopPropagation();
        }
      }}
    >
      <header>
        <h3>
          <bdi>{sampleName(probe, sample).slice(0, 100)}</bdi>
        </h3>
        <p>
          {loadable.state === "error" ? (
            <span class="kv-error-text">{loadable.message}</span>
          ) : prediction === null ? (
            "Loading…"
          ) : (
            `${longPrediction(prediction)}.`
          )}
        </p>
        <button
          type="button"
          class="kv-button kv-button-icon"
          aria-label="Close the predictions"
          title="Close (Escape)"
          onClick={onClose}
        >
          <Icon name="close" />
        </button>
      </header>
      {output !== undefined && (
        <div class="kv-prediction-body">
          {prediction?.kind === "classes" && (
            <TopClasses
              output={output}
              sample={sample}
              classes={classes}
              label={prediction.label}
              dark={store.page.dark.value}
            />
          )}
          <PredictionCurves
            store={store}
            state={state}
            which={predictions.output}
            output={output}
            classes={classes}
          />
        </div>
      )}
    </section>
  );
}

function TopClasses({
  output,
  sample,
  classes,
  label,
  dark,
}: {
  output: OutputValues;
  sample: number;
  classes: readonly number[];
  label: number | null;
  dark: boolean;
}) {
  const values = output.classes(sample);
  const palette = LINE_COLORS[dark ? "dark" : "light"];
  const finite = classes
    .map((index) => values[index] ?? Number.NaN)
    .filter(Number.isFinite);
  const low = output.probability ? 0 : Math.min(0, ...finite);
  const high = output.probability ? 1 : Math.max(0, ...finite);
  const place = (value: number) => (100 * (value - low)) / (high - low || 1);
  return (
    <ol class="kv-top-classes">
      {classes.map((index, at) => {
        const value = values[index] ?? Number.NaN;
        const [from, to] = [place(Math.min(0, value)), place(Math.max(0, value))];
        return (
          <li key={index}>
            <span class="kv-top-name" title={`Class ${index} of ${values.length}`}>
              {index}
              {index === label && <span class="kv-top-label">label</span>}
            </span>
            <span class="kv-top-bar">
              {Number.isFinite(value) && (
                <span
                  style={{
                    left: `${from}%`,
                    width: `${to - from}%`,
                    background: palette[at % palette.length],
                  }}
                />
              )}
            </span>
            <span class="kv-top-value">{formatOutput(value, output.probability)}</span>
          </li>
        );
      })}
      {output.cut !== "" && <li class="kv-muted">The log has {output.cut}.</li>}
    </ol>
  );
}
