/** The statistics of one channel on both sides of a comparison. */

import {
  CHANGE_DEFINITION,
  channelChange,
} from "../../../model/channels/channel_change";
import { STATS } from "../../../model/definitions";
import { formatValue } from "../../../model/format";
import { type StatName, unitName } from "../../../model/tensor_view";
import type { ShownLayer } from "../shown_layer";
import { formatStat } from "../statistics_table";

/** A row per statistic: A, B, and what B has more. */
export function PairStatistics({
  shown,
  channel,
}: {
  shown: ShownLayer;
  channel: number;
}) {
  const [a, b] = shown.sides;
  if (a === undefined || b === undefined) {
    return null;
  }
  const there = channel < a.data.entry.channels;
  const change = channelChange(a.data, b.data, channel);
  return (
    <div class="kv-detail-facts">
      <h3>Statistics</h3>
      <table class="kv-pair-table">
        <thead>
          <tr>
            <td />
            <th scope="col" title={a.title}>
              A
            </th>
            <th scope="col" title={b.title}>
              B
            </th>
            <th scope="col" title="B minus A">
              B {"\u2212"} A
            </th>
          </tr>
        </thead>
        <tbody>
          {STATS.map(({ name, title, definition }) => {
            const before = there ? a.data.stat(channel, name) : Number.NaN;
            const after = b.data.stat(channel, name);
            return (
              <tr key={name} title={definition}>
                <th scope="row">{title}</th>
                <td>{there ? formatStat(name, before) : "none"}</td>
                <td>{formatStat(name, after)}</td>
                <td>{there ? formatSigned(name, after - before) : ""}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p title={`The ${CHANGE_DEFINITION}`}>
        Change: <strong>{formatValue(change)}</strong>
      </p>
      <p class="kv-muted">
        Over all values of this {unitName(shown.data)}, also those that the log reduced.
      </p>
    </div>
  );
}

function formatSigned(name: StatName, value: number): string {
  const sign = value > 0 ? "+" : value < 0 ? "-" : "";
  return `${sign}${formatStat(name, Math.abs(value))}`;
}
