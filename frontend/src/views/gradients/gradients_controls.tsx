/** What the map shows: quantity, statistic, range of steps, another run. */

import { type Choice, Choices } from "../../components/choices";
import { ColorBar } from "../../components/color_bar";
import { Icon } from "../../components/icons";
import { QUANTITIES } from "../../model/dynamics/quantities";
import { formatCount } from "../../model/format";
import type { GradientsState } from "../../state/gradients";
import type { GradientsPlace } from "../../state/gradients_place";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { useHeatScale } from "./use_heat_scale";

const STATISTICS: readonly Choice<GradientsPlace["statistic"]>[] = [
  {
    value: "largest",
    title: "largest",
    hint: "The largest value of a single step in each cell: no spike is lost",
  },
  { value: "mean", title: "mean", hint: "The mean over the steps of each cell" },
];

const COMPARED: readonly Choice<"both" | "ratio">[] = [
  {
    value: "both",
    title: "both",
    hint: "Each row of the other run below that of this one",
  },
  {
    value: "ratio",
    title: "ratio",
    hint: "This run's value divided by the other's, by the logarithm",
  },
];

/** One line of controls, and the legend. */
export function GradientsControls({
  store,
  state,
  cut,
}: {
  store: Store;
  state: GradientsState;
  cut: string;
}) {
  const place = store.gradients.value;
  const range = state.range.value;
  const scale = useHeatScale(store, state);
  return (
    <div class="kv-controls kv-gradients-controls">
      <Choices
        label="Quantity"
        choices={QUANTITIES.map(({ id: value, title, definition }) => ({
          value,
          title,
          hint: definition,
        }))}
        chosen={place.quantity}
        onChoose={(quantity) => store.setGradients({ quantity })}
      />
      <Choices
        label="Value of a cell"
        choices={STATISTICS}
        chosen={place.statistic}
        onChoose={(statistic) => store.setGradients({ statistic })}
      />
      <Versus store={store} />
      {place.range !== null && range !== null && (
        <button
          type="button"
          class="kv-button"
          title="Shows all steps again (Escape)"
          onClick={() => store.setGradients({ range: null })}
        >
          <Icon name="close" />
          steps {formatCount(range.first)} to {formatCount(range.last)}
        </button>
      )}
      {cut !== "" && (
        <span class="kv-cut" title="What could not be read of the log">
          {cut}
        </span>
      )}
      <div class="kv-heat-legends">
        {scale !== null && (
          <ColorBar
            scale={scale.colors}
            ends={scale.ends}
            below={scale.below}
            {...(scale.middle === undefined ? {} : { middle: scale.middle })}
            {...(scale.name === null ? {} : { name: scale.name })}
          />
        )}
        <ul class="kv-legend kv-heat-legend" aria-label="Marks">
          {place.quantity !== "grad_zero_fraction" && (
            <li title="Exactly zero: no gradient, or nothing was changed">
              <span class="kv-swatch kv-swatch-hatched" /> zero
            </li>
          )}
          <li title="NaN or infinite elements of the gradient or of the weights">
            <span class="kv-swatch kv-swatch-broken" /> × not finite
          </li>
          {place.ratio && place.versus !== null && (
            <li title="The other run's value is exactly zero, and this one's is not">
              <span class="kv-swatch kv-swatch-dotted" /> other is zero
            </li>
          )}
        </ul>
      </div>
    </div>
  );
}

function Versus({ store }: { store: Store }) {
  const { versus, ratio } = store.gradients.value;
  const runs = (shownValue(store.runs.value) ?? []).filter(
    ({ name, steps }) =>
      name !== store.run.value &&
      (name === versus || (steps.dynamics ?? []).length > 0),
  );
  if (runs.length === 0 && versus === null) {
    return null;
  }
  return (
    <div class="kv-field">
      <label for="kv-gradients-vs">Compare with</label>
      <select
        id="kv-gradients-vs"
        class="kv-select"
        title="Shows another run below this one, or the ratio of both"
        value={versus ?? ""}
        onChange={(event) => {
          const wanted = event.currentTarget.value;
          store.setGradients({ versus: wanted === "" ? null : wanted });
        }}
      >
        <option value="">nothing</option>
        {runs.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
        {versus !== null && !runs.some(({ name }) => name === versus) && (
          <option value={versus}>{versus}</option>
        )}
      </select>
      {versus !== null && (
        <Choices
          label="How to compare"
          choices={COMPARED}
          chosen={ratio ? "ratio" : "both"}
          onChoose={(one) => store.setGradients({ ratio: one === "ratio" })}
        />
      )}
    </div>
  );
}
