/** The statistics of every channel, also of those whose maps were not kept. */

import { useSignal } from "@preact/signals";
import { useRef } from "preact/hooks";
import { Icon } from "../../components/icons";
import { useSize } from "../../components/painted_canvas";
import { sortChannels } from "../../model/channels/channel_order";
import { STATS } from "../../model/definitions";
import { formatShare, formatValue } from "../../model/format";
import { type ActivationData, type StatName, unitName } from "../../model/tensor_view";
import { windowRows } from "../../model/windowing";

const ROW_HEIGHT = 26;

/** A statistic as text. */
export function formatStat(name: StatName, value: number): string {
  return name === "zero_fraction" ? formatShare(value) : formatValue(value);
}

/**
 * Channels in the order of a column; what is no number comes last.
 *
 * @param channels Which ones, ascending; all of them without it.
 */
export function orderRows(
  data: ActivationData,
  column: StatName | "channel",
  descending: boolean,
  channels?: readonly number[],
): number[] {
  const all = Array.from({ length: data.entry.channels }, (_, index) => index);
  const keys =
    column === "channel"
      ? null
      : Float64Array.from(all, (channel) => data.stat(channel, column));
  return sortChannels(channels ?? all, keys, descending);
}

/** A row per channel; a click opens it, a click on a heading sorts by it. */
export function StatisticsTable({
  data,
  channels: wanted,
  onOpen,
}: {
  data: ActivationData;
  /** Which channels, ascending; all of them without it. */
  channels?: readonly number[];
  onOpen: (channel: number) => void;
}) {
  const column = useSignal<StatName | "channel">("channel");
  const descending = useSignal(false);
  const scroller = useRef<HTMLDivElement>(null);
  const { height } = useSize(scroller);
  const top = useSignal(0);
  const channels = orderRows(data, column.value, descending.value, wanted);
  const unit = unitName(data);

  const sortBy = (name: StatName | "channel") => {
    descending.value = column.value === name ? !descending.value : name !== "channel";
    column.value = name;
  };
  const heading = (name: StatName | "channel", title: string, definition: string) => (
    <th
      key={name}
      scope="col"
      aria-sort={
        column.value === name
          ? descending.value
            ? "descending"
            : "ascending"
          : undefined
      }
    >
      <button
        type="button"
        class="kv-heading"
        title={definition}
        onClick={() => sortBy(name)}
      >
        {title}
        {column.value === name && <Icon name={descending.value ? "down" : "up"} />}
      </button>
    </th>
  );

  const inView = windowRows(channels.length, ROW_HEIGHT, top.value, height);
  return (
    <div
      ref={scroller}
      class="kv-scroller"
      onScroll={(event) => {
        top.value = event.currentTarget.scrollTop;
      }}
    >
      <table class="kv-statistics" aria-rowcount={channels.length}>
        <thead>
          <tr>
            {heading("channel", unit, `Index of the ${unit} in the layer's output`)}
            {STATS.map((stat) => heading(stat.name, stat.title, stat.definition))}
          </tr>
        </thead>
        <tbody>
          <tr style={{ height: `${inView.from * ROW_HEIGHT}px` }} />
          {channels.slice(inView.from, inView.to).map((channel) => (
            <tr key={channel} style={{ height: `${ROW_HEIGHT}px` }}>
              <th scope="row">
                <button
                  type="button"
                  class="kv-link"
                  title={
                    data.positionOf(channel) === null
                      ? "Its map was not kept; its statistics are complete"
                      : "Shows it large"
                  }
                  onClick={() => onOpen(channel)}
                >
                  {channel}
                </button>
              </th>
              {STATS.map(({ name }) => {
                const value = data.stat(channel, name);
                const alarm =
                  name === "nonfinite" ? value > 0 : data.isConstant(channel);
                return (
                  <td key={name} data-alarm={alarm}>
                    {formatStat(name, value)}
                  </td>
                );
              })}
            </tr>
          ))}
          <tr style={{ height: `${(channels.length - inView.to) * ROW_HEIGHT}px` }} />
        </tbody>
      </table>
    </div>
  );
}
