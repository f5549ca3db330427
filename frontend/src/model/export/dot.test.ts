import { describe, expect, test } from "vitest";
import type { ModelGraph } from "../../wire/generated";
import { createCards } from "../graph/cards";
import { createLayerGraph } from "../graph/layer_graph";
import { createLayer, createModel, createNested } from "../test_graphs";
import { type DotSource, quote, toDot } from "./dot";

function sourceOf(model: ModelGraph, open: readonly number[]): DotSource {
  const graph = createLayerGraph(model);
  const cards = createCards(graph);
  const flags = new Uint8Array(graph.tree.size);
  for (const node of open) {
    flags[node] = 1;
  }
  return {
    name: model.name,
    tree: graph.tree,
    cardOf: (node) => cards[node],
    pathOf: (node) => graph.nodes[node]?.call?.layer,
    open: flags,
  };
}

/** What a reader of DOT makes of a quoted string, up to the codes of labels. */
function unquote(text: string): string {
  const inner = /^"((?:[^"\\]|\\[\s\S])*)"$/.exec(text)?.[1];
  if (inner === undefined) {
    throw new Error(`This is not one string of DOT: ${text.slice(0, 100)}`);
  }
  return inner
    .replace(/\\([\s\S])/g, (_, sign) => (sign === "n" ? "\n" : sign))
    .replaceAll("&amp;", "&");
}

describe("strings", () => {
  test.each([
    "plain",
    'a "quoted" name',
    "ends with a backslash\\",
    '\\" ]; evil [label="',
    "\\N \\G \\n is no new line",
    "<b>markup</b> &lt; & &amp;",
    "two\nlines",
    "}\n digraph { // comment /* */ #",
    "名前 🙂",
    "",
  ])("come back as they were: %s", (text) => {
    expect(unquote(quote(text))).toBe(text);
    // No code of Graphviz's but our own new lines is left.
    expect(quote(text).replace(/\\\\/g, "")).not.toMatch(/\\[^n"]/);
  });

  test("lose what would end them", () => {
    expect(quote("a\0b\ud800")).toBe('"a\ufffdb\ufffd"');
  });
});

describe("graphs", () => {
  test("with all groups open have every call and every link", () => {
    const text = toDot(sourceOf(createNested(), [1, 5])).join("");
    expect(text.match(/^ *n\d+ \[/gm)).toHaveLength(8);
    expect(text.match(/^ *subgraph cluster_\d+ \{/gm)).toHaveLength(2);
    const edges = Array.from(text.matchAll(/n(\d+) -> n(\d+);/g), ([, a, b]) => [
      Number(a),
      Number(b),
    ]);
    expect(edges).toEqual(createNested().links);
    expect(text.split("{")).toHaveLength(text.split("}").length);
  });

  test("have closed groups as one node, and no edge twice", () => {
    const text = toDot(sourceOf(createNested(), [5])).join("");
    expect(text).toContain("subgraph cluster_5 {");
    expect(text).not.toContain("cluster_1 ");
    expect(text).toMatch(/n1 \[.*peripheries=2/);
    const edges = Array.from(text.matchAll(/(n\d+ -> n\d+);/g), ([, edge]) => edge);
    expect(edges).toEqual([
      "n0 -> n1",
      "n1 -> n6",
      "n6 -> n7",
      "n7 -> n8",
      "n8 -> n9",
      "n0 -> n9",
    ]);
  });

  test("hold what the cards say, and the path", () => {
    const layer = createLayer({
      path: 'a/b "c" \\',
      class_name: "Dense",
      params: 1234,
    });
    const text = toDot(sourceOf(createModel([layer], [[layer.path, null]], []), []));
    const line = text.find((part) => part.includes("n0 [")) ?? "";
    const [label = "", tooltip = ""] = line.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
    expect(unquote(label)).toBe('b "c" \\\nDense\n(None, 8)\n1,234 parameters');
    expect(unquote(tooltip)).toBe(layer.path);
  });

  test("nested 5,000 deep are written as well", () => {
    const count = 5_000;
    const calls = Array.from({ length: count }, (_, i): [string, number | null] => [
      `layer_${i}`,
      i === 0 ? null : i - 1,
    ]);
    const layers = calls.map(([path]) => createLayer({ path }));
    const all = Array.from({ length: count }, (_, i) => i);
    const text = toDot(sourceOf(createModel(layers, calls, []), all)).join("");
    expect(text.match(/subgraph/g)).toHaveLength(count - 1);
  });

  test("without a layer are empty graphs", () => {
    expect(toDot(sourceOf(createModel([], [], []), [])).join("")).toMatch(
      /^digraph "model" \{[\s\S]*\}\n$/,
    );
  });
});
