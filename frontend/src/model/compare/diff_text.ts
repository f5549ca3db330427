/** Differences between graphs in a few words. */

import { formatBytes, formatCount } from "../layer_text";
import type { GraphDiff, Sign, TotalChange } from "./graph_diff";
import { CHANGE_KINDS, type ChangeKind, FROZEN } from "./layer_changes";

/** What marks a layer, besides its colour. */
export const SIGNS: Readonly<Record<Sign, string>> = {
  added: "+",
  removed: "−",
  changed: "≠",
  resized: "~",
};

/** What the marks mean. */
export const SIGN_TITLES: Readonly<Record<Sign, string>> = {
  added: "Added: only in the model that is shown",
  removed: "Removed: only in the model that it is compared with",
  changed: "Changed: its class, configuration, training, dtype, wiring or place",
  resized: "Resized: only its shapes or parameters differ, as they follow from others",
};

/** The same in one word. */
export const SIGN_NAMES: Readonly<Record<Sign, string>> = {
  added: "added",
  removed: "removed",
  changed: "changed",
  resized: "resized",
};

/** Headings of the kinds of differences. */
export const KIND_TITLES: Readonly<Record<ChangeKind, string>> = {
  class: "Another class",
  configuration: "Configuration",
  trainable: "Frozen or unfrozen",
  dtype: "Dtype",
  wiring: "Wiring",
  place: "Name or place",
  size: "Only resized",
};

/** All differences in one line; empty if there are none. */
export function describeDiff(diff: GraphDiff): string {
  const parts: string[] = [];
  const { added, removed } = diff.counts;
  if (added > 0) {
    parts.push(`${layers(added)} added`);
  }
  if (removed > 0) {
    parts.push(`${layers(removed)} removed`);
  }
  const byKind = new Map<string, number>();
  for (const { fields } of diff.changed) {
    const first = fields[0];
    if (first !== undefined) {
      const what = first.kind === "trainable" ? trainedText(first.after) : first.kind;
      byKind.set(what, (byKind.get(what) ?? 0) + 1);
    }
  }
  for (const kind of ["frozen", "unfrozen", ...CHANGE_KINDS]) {
    const count = byKind.get(kind);
    if (count !== undefined) {
      parts.push(`${layers(count)} ${PHRASES[kind] ?? kind}`);
    }
  }
  for (const { name, before, after } of diff.model) {
    parts.push(`${name} ${before} → ${after}`);
  }
  const optimizer = diff.totals.find((total) => total.name === "Optimizer");
  const built = optimizer !== undefined && optimizer.before !== optimizer.after;
  if (parts.length === 0 && built) {
    const counts = [optimizer.before, optimizer.after].map(formatCount).join(" → ");
    parts.push(`optimizer parameters ${counts}`);
  }
  return parts.join(", ");
}

/**
 * Whether the graphs differ only in that the optimizer has made its variables, as
 * it does in the first step of every training: nothing that anybody changed.
 */
export function isOptimizerBuilt(diff: GraphDiff): boolean {
  const { added, removed } = diff.counts;
  const optimizer = diff.totals.find((total) => total.name === "Optimizer");
  const same = added + removed + diff.changed.length + diff.model.length === 0;
  return same && optimizer?.before === 0 && optimizer.after > 0;
}

const PHRASES: Readonly<Record<string, string>> = {
  class: "of another class",
  configuration: "configured anew",
  dtype: "of another dtype",
  wiring: "wired anew",
  place: "renamed or moved",
  size: "resized",
};

function trainedText(after: string): string {
  return after === FROZEN ? "frozen" : "unfrozen";
}

function layers(count: number): string {
  return count === 1 ? "1 layer" : `${formatCount(count)} layers`;
}

/** How a total has moved: "+1,024 (+12.5 %)"; empty if it has not. */
export function describeTotal(total: TotalChange): string {
  const by = total.after - total.before;
  if (by === 0) {
    return "";
  }
  const sign = by > 0 ? "+" : "−";
  const size = formatTotal(Math.abs(by), total.unit);
  const share = total.before > 0 ? ` (${sign}${percent(by / total.before)})` : "";
  return `${sign}${size}${share}`;
}

/** A count or a size. */
export function formatTotal(value: number, unit: TotalChange["unit"]): string {
  return unit === "bytes" ? formatBytes(value) : formatCount(value);
}

function percent(share: number): string {
  const value = Math.abs(share) * 100;
  if (value < 0.1) {
    return "< 0.1 %";
  }
  return value < 100 ? `${value.toFixed(1)} %` : `${formatCount(Math.round(value))} %`;
}
