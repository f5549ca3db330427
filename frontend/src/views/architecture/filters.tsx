/** Filters below the search field: each puts a term into the query, or takes it out. */

import { useMemo } from "preact/hooks";
import { SIGN_NAMES } from "../../model/compare/diff_text";
import { FAMILIES, FAMILY_LABELS, familyOf } from "../../model/layer_family";
import { formatCount } from "../../model/layer_text";
import { hasTerm, toggleTerm } from "../../model/search/query";
import {
  createMatcher,
  PROPERTIES,
  type SearchContext,
} from "../../model/search/search";
import type { Store } from "../../state/store";
import type { ArchitectureModel } from "./architecture_model";

interface Filter {
  readonly term: string;
  readonly name: string;
  readonly title: string;
  readonly count: number;
}

const NAMES: readonly (readonly [property: string, name: string])[] = [
  ["params", "With parameters"],
  ["frozen", "Frozen"],
  ["shared", "Shared"],
  ["unused", "Not called"],
  ["unknown", "Unknown"],
  ["custom", "User-defined"],
  ["added", SIGN_NAMES.added],
  ["changed", SIGN_NAMES.changed],
  ["resized", SIGN_NAMES.resized],
];

/** What can be asked for besides words, with an example of each. */
const EXAMPLES: readonly (readonly [example: string, meaning: string])[] = [
  ["conv bn", "both words, in name, class or path"],
  ["class:conv", "in the class; also name: path: module: dtype: family:"],
  ["3x3", "a kernel, a variable or an output of these sizes"],
  ["None,56,56", "a part of a shape; (None, 10) is a whole one"],
  [
    "params>1e6",
    "also own, share, macs, bytes, calls, or a number of the configuration",
  ],
  ["activation:relu", "a key of the configuration"],
  ["is:frozen", "a property, as the filters above have them"],
  ["-dropout", "without it"],
];

/** The filters that some layer fits, and how to write others. */
export function Filters({
  store,
  model,
  context,
  problems,
}: {
  store: Store;
  model: ArchitectureModel;
  context: SearchContext;
  problems: readonly string[];
}) {
  const filters = useMemo(() => createFilters(model, context), [model, context]);
  const query = store.find.value;
  return (
    <div class="kv-filters">
      <div class="kv-filter-chips" role="group" aria-label="Filters">
        {filters
          .filter(({ count, term }) => count > 0 || hasTerm(query, term))
          .map(({ term, name, title, count }) => (
            <button
              key={term}
              type="button"
              class="kv-filter"
              aria-pressed={hasTerm(query, term)}
              title={title}
              onClick={() => {
                store.find.value = toggleTerm(query, term);
              }}
            >
              {name} <span class="kv-muted">{formatCount(count)}</span>
            </button>
          ))}
      </div>
      {problems.map((problem) => (
        <p key={problem} class="kv-filter-problem" role="status">
          {problem}
        </p>
      ))}
      {query.trim() === "" && (
        <dl class="kv-search-help" aria-label="What can be written here">
          {EXAMPLES.map(([example, meaning]) => (
            <div key={example}>
              <dt>
                <button
                  type="button"
                  class="kv-arch-link kv-mono"
                  title="Try it"
                  onClick={() => {
                    store.find.value = example;
                  }}
                >
                  {example}
                </button>
              </dt>
              <dd>{meaning}</dd>
            </div>
          ))}
        </dl>
      )}
    </div>
  );
}

function createFilters(model: ArchitectureModel, context: SearchContext): Filter[] {
  const { layers } = model.graph;
  const filters = NAMES.map(([property, name]): Filter => {
    const term = `is:${property}`;
    const matcher = createMatcher(term, context);
    const count = layers.filter((layer) => matcher.score(layer) > 0).length;
    return {
      term,
      name,
      title: `A layer that is ${PROPERTIES[property]} (${term})`,
      count,
    };
  });
  const counts = new Map<string, number>();
  for (const layer of layers) {
    const family = familyOf(layer);
    counts.set(family, (counts.get(family) ?? 0) + 1);
  }
  const families = FAMILIES.map((family): Filter => {
    const term = `family:${family}`;
    const name = FAMILY_LABELS[family];
    const title = `Layers of this family (${term})`;
    return { term, name, title, count: counts.get(family) ?? 0 };
  });
  return [...filters, ...families];
}
