/** What the layers are coloured by. */

import {
  findMetric,
  isLogged,
  METRICS,
  type Metric,
} from "../../model/overlay/metrics";
import type { Store } from "../../state/store";

const GROUPS = [...new Set(METRICS.map((metric) => metric.group))];

/** A choice among families and metrics; what was not logged cannot be chosen. */
export function ColorChoice({ store }: { store: Store }) {
  const steps = store.runInfo.value?.steps ?? {};
  const chosen = findMetric(store.color.value ?? "");
  return (
    <label
      class="kv-arch-color"
      title={chosen?.definition ?? "What the colours of the layers stand for"}
    >
      <span class="kv-arch-color-name">Colour by</span>
      <select
        class="kv-select"
        aria-label="Colour by"
        value={chosen?.id ?? ""}
        onChange={(event) => {
          store.setColor(findMetric(event.currentTarget.value)?.id ?? null);
        }}
      >
        <option value="">Kind of layer</option>
        {GROUPS.map((group) => (
          <optgroup key={group} label={group}>
            {METRICS.filter((metric) => metric.group === group).map((metric) => (
              <Choice
                key={metric.id}
                metric={metric}
                logged={isLogged(metric, steps)}
              />
            ))}
          </optgroup>
        ))}
      </select>
    </label>
  );
}

function Choice({ metric, logged }: { metric: Metric; logged: boolean }) {
  return (
    <option value={metric.id} disabled={!logged} title={metric.definition}>
      {metric.title}
      {!logged && " (not logged)"}
    </option>
  );
}
