/** The differences in the side panel: of the model, and of one layer. */

import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { describeTotal, formatTotal, KIND_TITLES } from "../../model/compare/diff_text";
import type {
  GraphDiff,
  LayerChange,
  Sign,
  TotalChange,
} from "../../model/compare/graph_diff";
import {
  CHANGE_KINDS,
  type ChangeKind,
  type FieldChange,
} from "../../model/compare/layer_changes";
import { countOf, formatCount, formatShapes, shorten } from "../../model/layer_text";
import type { Store } from "../../state/store";
import type { LayerNode } from "../../wire/generated";
import { Mark } from "./compare_bar";
import type { Compared } from "./compared";
import { Fact, Section } from "./facts";

/** More of a kind are listed when asked for. */
const FIRST_ROWS = 40;
const MORE_ROWS = 400;

/** Totals and all differences, by kind. */
export function ModelComparison({
  store,
  compared,
}: {
  store: Store;
  compared: Compared;
}) {
  const { diff, title } = compared;
  const byKind = useMemo(() => groupByKind(diff), [diff]);
  return (
    <div class="kv-compare-details">
      <Section title={`Compared with ${shorten(title, 60)}`}>
        <Totals totals={diff.totals} />
        {diff.model.length > 0 && (
          <dl class="kv-arch-facts">
            {diff.model.map(({ name, before, after }) => (
              <Fact key={name} name={name}>
                <Values before={before} after={after} />
              </Fact>
            ))}
          </dl>
        )}
        {diff.signs.size === 0 && diff.removed.length === 0 && (
          <p class="kv-muted">No layer differs.</p>
        )}
      </Section>
      <Differences
        title="Added"
        sign="added"
        rows={diff.added.map((layer) => ({ layer, text: describe(layer) }))}
        onOpen={(path) => store.selectLayer(path)}
      />
      <Differences
        title="Removed"
        sign="removed"
        rows={diff.removed.map((layer) => ({ layer, text: describe(layer) }))}
        // Where another layer has its path now, that one would be selected.
        onOpen={(path) => !diff.partners.has(path) && store.selectLayer(path)}
      />
      {CHANGE_KINDS.map((kind) => (
        <Differences
          key={kind}
          title={KIND_TITLES[kind]}
          sign={kind === "size" ? "resized" : "changed"}
          rows={(byKind.get(kind) ?? []).map((change) => ({
            layer: change.after,
            text: describeFields(change.fields),
          }))}
          onOpen={(path) => store.selectLayer(path)}
        />
      ))}
    </div>
  );
}

/** In what a layer differs from the one that it is taken for. */
export function LayerComparison({
  compared,
  layer,
}: {
  compared: Compared;
  layer: LayerNode;
}) {
  const { diff, title } = compared;
  const changes = useMemo(
    () => new Map(diff.changed.map((change) => [change.after.path, change])),
    [diff],
  );
  const change = changes.get(layer.path);
  const sign = diff.signs.get(layer.path);
  if (sign === undefined) {
    return (
      <p class="kv-compare-note">The same as in {title}, but for what is inside.</p>
    );
  }
  const before = change?.before;
  return (
    <section class="kv-arch-section kv-compare-layer">
      <h3>
        <Mark sign={sign} /> {sign === "added" ? "Not in" : "Other than in"}{" "}
        <span dir="auto">{shorten(title, 60)}</span>
      </h3>
      {before !== undefined && before.path !== layer.path && (
        <p class="kv-muted">
          There it is <code dir="auto">{shorten(before.path, 200)}</code>.
        </p>
      )}
      {change !== undefined && <Fields fields={change.fields} />}
    </section>
  );
}

/** A layer that is only in the graph that is compared with. */
export function RemovedLayer({ compared, path }: { compared: Compared; path: string }) {
  const layer = findRemoved(compared.diff, path);
  if (layer === null) {
    return null;
  }
  return (
    <section class="kv-compare-layer">
      <h3 class="kv-arch-name" dir="auto">
        {layer.name}
      </h3>
      <p>
        <Mark sign="removed" /> Only in <span dir="auto">{compared.title}</span>
      </p>
      <dl class="kv-arch-facts">
        <Fact name="Path" mono>
          {layer.path}
        </Fact>
        <Fact name="Class">{layer.class_name}</Fact>
        <Fact name="Input" mono>
          {formatShapes(layer.input_shapes)}
        </Fact>
        <Fact name="Output" mono>
          {formatShapes(layer.output_shapes)}
        </Fact>
        <Fact name="Parameters">{formatCount(layer.params)}</Fact>
        {layer.children.length > 0 && (
          <Fact name="Holds">{countOf(layer.children.length, "layer")}</Fact>
        )}
      </dl>
    </section>
  );
}

/** Whether a path is that of a removed layer. */
export function isRemoved(diff: GraphDiff, path: string): boolean {
  return findRemoved(diff, path) !== null;
}

function findRemoved(diff: GraphDiff, path: string): LayerNode | null {
  return diff.removed.find((layer) => layer.path === path) ?? null;
}

function groupByKind(diff: GraphDiff): Map<ChangeKind, LayerChange[]> {
  const groups = new Map<ChangeKind, LayerChange[]>();
  for (const change of diff.changed) {
    const kind = change.fields[0]?.kind ?? "size";
    const list = groups.get(kind);
    if (list === undefined) {
      groups.set(kind, [change]);
    } else {
      list.push(change);
    }
  }
  return groups;
}

function Totals({ totals }: { totals: readonly TotalChange[] }) {
  return (
    <dl class="kv-arch-facts kv-compare-totals" aria-label="Totals of both">
      {totals
        .filter(({ before, after }) => before !== 0 || after !== 0)
        .map((total) => (
          <Fact key={total.name} name={total.name}>
            {total.before === total.after ? (
              <>
                {totalText(total, 1)} <span class="kv-muted">in both</span>
              </>
            ) : (
              <>
                <Values before={totalText(total, 0)} after={totalText(total, 1)} />
                <div class="kv-compare-by">{describeTotal(total)}</div>
              </>
            )}
          </Fact>
        ))}
    </dl>
  );
}

function totalText(total: TotalChange, side: 0 | 1): string {
  const value = formatTotal(side === 0 ? total.before : total.after, total.unit);
  // What no formula gives comes on top of it.
  return total.unknown[side] > 0 ? `≥ ${value}` : value;
}

interface Row {
  readonly layer: LayerNode;
  readonly text: string;
}

function Differences({
  title,
  sign,
  rows,
  onOpen,
}: {
  title: string;
  sign: Sign;
  rows: readonly Row[];
  onOpen: (path: string) => void;
}) {
  const most = useSignal(FIRST_ROWS);
  if (rows.length === 0) {
    return null;
  }
  const shown = rows.slice(0, most.value);
  return (
    <Section title={`${title} (${formatCount(rows.length)})`}>
      <ul class="kv-arch-children kv-compare-list">
        {shown.map(({ layer, text }) => (
          <li key={layer.path}>
            <Mark sign={sign} />
            <div class="kv-compare-text">
              <button
                type="button"
                class="kv-arch-link"
                dir="auto"
                title={layer.path}
                onClick={() => onOpen(layer.path)}
              >
                {shorten(layer.name, 100)}
              </button>
              <div class="kv-muted" dir="auto">
                {text}
              </div>
            </div>
          </li>
        ))}
      </ul>
      {rows.length > shown.length && (
        <button
          type="button"
          class="kv-button"
          onClick={() => {
            most.value += MORE_ROWS;
          }}
        >
          {formatCount(rows.length - shown.length)} more
        </button>
      )}
    </Section>
  );
}

function Fields({ fields }: { fields: readonly FieldChange[] }) {
  return (
    <dl class="kv-arch-facts kv-compare-fields">
      {fields.map(({ name, before, after }) => (
        <Fact key={name} name={shorten(name, 80)}>
          <Values before={before} after={after} />
        </Fact>
      ))}
    </dl>
  );
}

function Values({ before, after }: { before: string; after: string }) {
  return (
    <>
      <span class="kv-compare-before" dir="auto">
        {before}
      </span>
      <span class="kv-muted"> → </span>
      <span dir="auto">{after}</span>
    </>
  );
}

function describe(layer: LayerNode): string {
  const parts = [layer.class_name];
  if (layer.children.length > 0) {
    parts.push(`holds ${countOf(layer.children.length, "layer")}`);
  }
  if (layer.params > 0) {
    parts.push(`${formatCount(layer.params)} parameters`);
  }
  return shorten(parts.join(", "), 200);
}

function describeFields(fields: readonly FieldChange[]): string {
  const texts = fields
    .slice(0, 2)
    .map(
      ({ name, before, after }) =>
        `${name} ${shorten(before, 40)} → ${shorten(after, 40)}`,
    );
  const more = fields.length > 2 ? `, and ${fields.length - 2} more` : "";
  return texts.join(", ") + more;
}
