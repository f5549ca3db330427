import { describe, expect, test } from "vitest";
import {
  type CallNode,
  type LayerNode,
  type ModelGraph,
  VARIABLE_INFO_DEFAULTS,
  type VariableInfo,
} from "../../wire/generated";
import { createLayer, createModel, createNested, createRandom } from "../test_graphs";
import { describeDiff, describeTotal } from "./diff_text";
import { compareGraphs, isSame } from "./graph_diff";

type Fields = Partial<LayerNode> & { path: string };

/** A kernel and a bias, as a Dense of these units has them. */
function variables(units: number, trainable = true): VariableInfo[] {
  return [
    ["kernel", [8, units], 8 * units] as const,
    ["bias", [units], units] as const,
  ].map(([name, shape, params]) => ({
    ...VARIABLE_INFO_DEFAULTS,
    path: name,
    name,
    shape,
    dtype: "float32",
    trainable,
    params,
  }));
}

function dense(path: string, units: number, fields: Partial<LayerNode> = {}): Fields {
  return {
    path,
    output_shapes: [[null, units]],
    params: 9 * units,
    trainable_params: 9 * units,
    variables: variables(units),
    config: { name: path, units, activation: "relu" },
    ...fields,
  };
}

/** Layers one after another. */
function chain(layers: readonly Fields[]): ModelGraph {
  const calls = layers.map((layer) => [layer.path, null] as const);
  const links = layers.slice(1).map((_, i) => [i, i + 1] as const);
  return createModel(layers.map(createLayer), calls, links);
}

/** Every difference as "path: name before -> after". */
function changes(before: ModelGraph, after: ModelGraph): string[] {
  const diff = compareGraphs(before, after);
  return [
    ...diff.added.map((layer) => `+ ${layer.path}`),
    ...diff.removed.map((layer) => `- ${layer.path}`),
    ...diff.changed.flatMap((change) =>
      change.fields.map(
        ({ name, before: a, after: b }) => `${change.after.path}: ${name} ${a} -> ${b}`,
      ),
    ),
  ];
}

const THREE = [dense("first", 4), dense("second", 5), dense("third", 6)];

describe("comparing graphs", () => {
  test("a graph is the same as itself", () => {
    for (const graph of [chain(THREE), createNested(), chain([])]) {
      const diff = compareGraphs(graph, structuredClone(graph));
      expect(isSame(diff)).toBe(true);
      expect(describeDiff(diff)).toBe("");
      expect(diff.partners.size).toBe(diff.totals[0]?.after);
    }
  });

  test("names what is added, removed and changed", () => {
    const after = chain([
      dense("first", 4),
      dense("new", 4, { class_name: "Dropout", params: 0, variables: [] }),
      dense("second", 7),
    ]);
    expect(changes(chain(THREE), after)).toEqual([
      "+ new",
      "- third",
      "second: units 5 -> 7",
      "second: takes from first -> new",
      "second: output shape (None, 5) -> (None, 7)",
      "second: kernel (8, 5) float32 -> (8, 7) float32",
      "second: bias (5,) float32 -> (7,) float32",
      "second: parameters 45 -> 63",
    ]);
    const diff = compareGraphs(chain(THREE), after);
    expect(describeDiff(diff)).toBe(
      "1 layer added, 1 layer removed, 1 layer configured anew",
    );
    expect(Object.fromEntries(diff.signs)).toEqual({ new: "added", second: "changed" });
    expect([...diff.removedFrom]).toEqual([["third", null]]);
  });

  test("tells what only follows from other layers apart", () => {
    const after = chain([dense("first", 4), dense("second", 5), dense("third", 6)]);
    const layers = after.layers.map((layer) =>
      layer.path === "third" ? { ...layer, input_shapes: [[null, 9]] } : layer,
    );
    const diff = compareGraphs(chain(THREE), { ...after, layers });
    expect(diff.signs.get("third")).toBe("resized");
    expect(describeDiff(diff)).toBe("1 layer resized");
  });

  test("says which layers are frozen and what the optimizer is now", () => {
    const frozen = { trainable: false, trainable_params: 0 };
    const after = chain([
      dense("first", 4, { ...frozen, variables: variables(4, false) }),
      dense("second", 5, { ...frozen, variables: variables(5, false) }),
      dense("third", 6),
    ]);
    const before = { ...chain(THREE), optimizer: "Adam" };
    const diff = compareGraphs(before, { ...after, optimizer: "SGD" });
    expect(describeDiff(diff)).toBe("2 layers frozen, optimizer Adam → SGD");
    const back = compareGraphs({ ...after, optimizer: "" }, { ...before });
    expect(describeDiff(back)).toBe("2 layers unfrozen, optimizer none → Adam");
  });

  test("a layer without variables is neither frozen nor not", () => {
    const plain = { params: 0, variables: [], class_name: "ReLU" };
    const before = chain([dense("act", 4, plain)]);
    const after = chain([dense("act", 4, { ...plain, trainable: false })]);
    expect(changes(before, after)).toEqual([]);
  });

  test("looks through the names that Keras gives", () => {
    const auto = (from: number, units: readonly number[]) =>
      chain(
        units.map((n, i) => dense(from + i === 0 ? "dense" : `dense_${from + i}`, n)),
      );
    const one = auto(0, [4, 5, 6]);
    // The same model, made second: some of its names are other layers' of the first.
    for (const from of [1, 2, 3, 40]) {
      expect(changes(one, auto(from, [4, 5, 6]))).toEqual([]);
    }
    expect(changes(one, auto(1, [4, 99, 5, 6]))).toEqual([
      "+ dense_2",
      "dense_3: takes from dense -> dense_2",
    ]);
    expect(changes(auto(1, [4, 99, 5, 6]), auto(7, [4, 5, 6]))).toEqual([
      "- dense_2",
      "dense_8: takes from dense_2 -> dense_7",
    ]);
  });

  test("what an author named is never taken for another, but when built alike", () => {
    const before = chain([dense("a", 4), dense("b", 5), dense("c", 6)]);
    const after = chain([dense("a", 4), dense("other", 5), dense("c", 9)]);
    expect(changes(before, after).slice(0, 2)).toEqual([
      "c: units 6 -> 9",
      "c: output shape (None, 6) -> (None, 9)",
    ]);
    expect(changes(before, after)).toContain("other: name b -> other");
    const bigger = chain([dense("a", 4), dense("other", 50), dense("c", 6)]);
    expect(changes(before, bigger).slice(0, 2)).toEqual(["+ other", "- b"]);
  });

  test("names a nested model once, and counts what is in it", () => {
    const nested = createNested();
    const without = createModel(
      nested.layers.filter((layer) => layer.path !== "inner"),
      [
        ["input", null],
        ["out", null],
      ],
      [[0, 1]],
    );
    const diff = compareGraphs(nested, without);
    expect(diff.removed.map((layer) => layer.path)).toEqual(["inner"]);
    expect(diff.counts.removed).toBe(4);
    const back = compareGraphs(without, nested);
    expect(back.added.map((layer) => layer.path)).toEqual(["inner"]);
    expect(back.signs.get("inner/a")).toBe("added");
  });

  test("compares what is inside of nested models", () => {
    const before = createNested();
    const after = structuredClone(before);
    const inner = after.layers[1] as unknown as { children: LayerNode[] };
    inner.children[1] = { ...(inner.children[1] as LayerNode), class_name: "Conv1D" };
    inner.children.pop();
    const diff = compareGraphs(before, after);
    expect(diff.signs.get("inner/a")).toBe("changed");
    expect(diff.signs.has("inner")).toBe(false);
    expect([...diff.removedFrom]).toEqual([["inner/b", "inner"]]);
  });

  test("finds layers that another layer holds now", () => {
    const inner = (children: readonly Fields[]) =>
      dense("inner", 1, {
        class_name: "Sequential",
        kind: "model",
        children: children.map(createLayer),
      });
    const before = createModel([inner([dense("a", 4)])].map(createLayer), [], []);
    const after = createModel([inner([]), dense("a", 4)].map(createLayer), [], []);
    expect(changes(before, after)).toEqual(["a: inside of inner -> the model"]);
  });

  test("compares calls and where they take their inputs from", () => {
    const layers = ["a", "b", "add"].map((path) => createLayer({ path }));
    const calls = layers.map((layer) => [layer.path, null] as const);
    const wired = (inputs: CallNode["inputs"], more: readonly string[] = []) => {
      const all = [...calls, ...more.map((path) => [path, null] as const)];
      const graph = createModel(layers, all, []);
      const nodes = graph.nodes.map((node) =>
        node.id === 2 ? { ...node, inputs } : node,
      );
      return { ...graph, nodes };
    };
    const both = wired([
      [0, 0],
      [1, 0],
    ]);
    const turned = wired([
      [1, 0],
      [0, 0],
    ]);
    expect(changes(both, turned)).toEqual(["add: takes from a, b -> b, a"]);
    expect(changes(both, wired([[0, 1]]))).toEqual([
      "add: takes from a, b -> a [output 1]",
    ]);
    expect(changes(both, wired([[0, 0], null]))).toEqual([
      "add: takes from a, b -> a, ?",
    ]);
    const unknown = wired([[0, 0], null]);
    expect(changes(unknown, structuredClone(unknown))).toEqual([]);
    expect(changes(both, wired(both.nodes[2]?.inputs ?? [], ["a"]))).toEqual([
      "a: calls 1 -> 2",
    ]);
  });

  test("an older log without the order of inputs is compared without it", () => {
    const layers = ["a", "b", "add"].map((path) => createLayer({ path }));
    const calls = layers.map((layer) => [layer.path, null] as const);
    const links = [
      [1, 2],
      [0, 2],
    ] as const;
    const old = createModel(layers, calls, links);
    const nodes = old.nodes.map((node) => {
      const inputs: CallNode["inputs"] = [
        [1, 0],
        [0, 0],
      ];
      return node.id === 2 ? { ...node, inputs } : node;
    });
    expect(changes(old, { ...old, nodes })).toEqual([]);
    expect(changes(old, { ...old, links: [[0, 2]] })).toEqual([
      "add: takes from a, b -> a",
    ]);
  });

  test("shows both totals and how far they are apart", () => {
    const before = { ...chain(THREE), params: 1_000, activation_bytes: 2_048 };
    const after = { ...before, params: 1_250, activation_bytes: 1_024 };
    const { totals } = compareGraphs(before, after);
    const text = (name: string) => {
      const total = totals.find((one) => one.name === name);
      return total === undefined ? "?" : describeTotal(total);
    };
    expect(text("Parameters")).toBe("+250 (+25.0 %)");
    expect(text("Activations")).toBe("−1.00 KB (−50.0 %)");
    expect(text("Layers")).toBe("");
  });

  test("finds the removed layers of long chains of equal layers", () => {
    const random = createRandom(3);
    const all = Array.from({ length: 10_000 }, (_, i) =>
      dense(i === 0 ? "dense" : `dense_${i}`, 4 + (i % 7) * (1 + (i % 11))),
    );
    const gone = new Set(
      Array.from({ length: 40 }, () => Math.floor(random() * 9_999)),
    );
    const left = all
      .filter((_, i) => !gone.has(i))
      .map((layer, i) => ({ ...layer, path: i === 0 ? "dense" : `dense_${i}` }));
    const diff = compareGraphs(chain(all), chain(left));
    expect(diff.counts).toMatchObject({ added: 0, removed: gone.size });
    // Only what came after a removed one takes its input from another now.
    expect(diff.changed.length).toBeGreaterThan(0);
    expect(diff.changed.length).toBeLessThanOrEqual(gone.size);
    const kinds = diff.changed.flatMap(({ fields }) => fields.map(({ kind }) => kind));
    expect(new Set(kinds)).toEqual(new Set(["wiring"]));
  });
});
