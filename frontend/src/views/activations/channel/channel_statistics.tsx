/** The statistics of one channel: of this sample, and of all. */

import { SATURATED_DEFINITION, STATS } from "../../../model/definitions";
import { formatShare, formatValue } from "../../../model/format";
import { type ActivationData, unitName } from "../../../model/tensor_view";
import type { UnitData } from "../../../model/units/unit_data";
import { formatStat } from "../statistics_table";

/** A table of both; only of this sample where no more was measured. */
export function ChannelStatistics({
  data,
  channel,
  units,
  measured,
}: {
  data: ActivationData;
  channel: number;
  units: UnitData | null;
  /** Samples that `units` are of. */
  measured: number;
}) {
  const unit = unitName(data);
  const saturated = units?.saturated(channel) ?? null;
  const constant = data.isConstant(channel);
  // One value for one sample: what there is of it is the value itself.
  const single = data.entry.kind === "vector";
  const value = data.unitValue(channel);
  return (
    <section class="kv-detail-section" aria-label="Statistics">
      <table class="kv-facts">
        <thead>
          <tr>
            <th scope="col">Statistics</th>
            <th
              scope="col"
              title={`Over all ${describeSize(data)} values of this ${unit} for this sample`}
            >
              this sample
            </th>
            {units !== null && (
              <th
                scope="col"
                title={`Over all values of this ${unit} for all samples of the probe`}
              >
                all {measured}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {single && (
            <tr title={`What this ${unit} returns for this sample`}>
              <th scope="row">value</th>
              <td data-alarm={!Number.isFinite(value)}>{formatValue(value)}</td>
              {units !== null && <td />}
            </tr>
          )}
          {STATS.map(({ name, title, definition }) => {
            const values = [
              ...(single ? [] : [data.stat(channel, name)]),
              ...(units === null ? [] : [units.stat(channel, name)]),
            ];
            return (
              values.length > 0 && (
                <tr key={name} title={definition}>
                  <th scope="row">{title}</th>
                  {single && <td />}
                  {values.map((one, at) => (
                    <td key={at} data-alarm={isAlarming(name, one)}>
                      {formatStat(name, one)}
                    </td>
                  ))}
                </tr>
              )
            );
          })}
          {saturated !== null && (
            <tr title={SATURATED_DEFINITION}>
              <th scope="row">saturated</th>
              <td />
              <td>{formatShare(saturated)}</td>
            </tr>
          )}
        </tbody>
      </table>
      {data.entry.cut !== "" && (
        <p class="kv-muted">What is drawn was reduced for the log: {data.entry.cut}.</p>
      )}
      {constant && data.entry.kind !== "vector" && (
        <p class="kv-note">
          Every value is {formatValue(data.stat(channel, "min"))}: this {unit} tells the
          next layer nothing about this sample.
        </p>
      )}
      {units !== null && isDead(units, channel) && (
        <p class="kv-note">
          Zero for all {measured} samples of the probe: this {unit} looks dead. After a
          ReLU it gets no gradient from any of them.
        </p>
      )}
    </section>
  );
}

function isDead(units: UnitData, channel: number): boolean {
  return (
    units.stat(channel, "nonfinite") === 0 &&
    units.stat(channel, "min") === 0 &&
    units.stat(channel, "max") === 0
  );
}

function describeSize(data: ActivationData): string {
  const [height, width] = data.entry.full_map;
  return height === 1 ? String(width) : `${height}x${width}`;
}

function isAlarming(name: string, value: number): boolean {
  return name === "nonfinite" ? value > 0 : Number.isNaN(value);
}
