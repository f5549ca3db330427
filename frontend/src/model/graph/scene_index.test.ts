import { describe, expect, test } from "vitest";
import { GROUP, NestedLayout } from "../layout/nested_layout";
import { createLayer, createModel, createNested } from "../test_graphs";
import { createCards, createSizes } from "./cards";
import { createLayerGraph } from "./layer_graph";
import { liftLinks } from "./lifted_edges";
import { type Direction, SceneIndex } from "./scene_index";

function createIndex(model = createNested(), opened: readonly number[] = []) {
  const graph = createLayerGraph(model);
  const edges = liftLinks(graph.tree);
  const open = new Uint8Array(graph.tree.size);
  for (const call of opened) {
    open[call] = 1;
  }
  const sizes = createSizes(createCards(graph));
  const scene = new NestedLayout(graph.tree, edges, sizes).layout(open);
  return new SceneIndex(graph, edges, scene);
}

describe("what is drawn", () => {
  test("is found at a point: cards, and headers of open groups", () => {
    const index = createIndex(createNested(), [1]);
    for (const call of [0, 2, 3, 4, 5, 9]) {
      const box = index.box(call);
      const x = (box?.left ?? 0) + (box?.width ?? 0) / 2;
      expect(index.hit(x, (box?.top ?? 0) + (box?.height ?? 0) / 2)).toBe(call);
    }
    const group = index.box(1);
    const left = group?.left ?? 0;
    const top = group?.top ?? 0;
    expect(index.hit(left + 10, top + 10)).toBe(1);
    expect(index.hit(left + 3, top + (group?.height ?? 0) - 3)).toBeNull();
    expect(index.hit(-100, -100)).toBeNull();
  });

  test("a header stays in sight with its group", () => {
    const index = createIndex(createNested(), [1]);
    const group = index.box(1);
    const at = index.placeOf.get(1) as number;
    const left = (group?.left ?? 0) + 10;
    const pinned = (group?.top ?? 0) + 100;
    expect(index.headerTop(at, pinned)).toBe(pinned);
    expect(index.hit(left, pinned + 10, pinned)).toBe(1);
    const end = (group?.top ?? 0) + (group?.height ?? 0);
    expect(index.headerTop(at, end + 500)).toBe(end - GROUP.header);
    const begin = group?.left ?? 0;
    const width = group?.width ?? 0;
    expect(index.headerLeft(at, begin - 50)).toBe(begin);
    const most = Math.max(0, width - 240);
    expect(index.headerLeft(at, begin + 5)).toBe(begin + Math.min(5, most));
    expect(index.headerLeft(at, begin + 5000)).toBe(begin + most);
  });

  test("a closed group stands for what is in it", () => {
    const index = createIndex();
    expect([2, 3, 4].map((call) => index.shown(call))).toEqual([1, 1, 1]);
    expect(index.box(3)).toBeNull();
  });

  test("what leads to a call and from it is lit, across groups", () => {
    const index = createIndex(createNested(), [5]);
    const lit = index.lit(8);
    const ends = (places: ReadonlySet<number>) =>
      [...places].map((place) => {
        const edge = index.scene.edges[place] as number;
        return [index.edges.from[edge], index.edges.to[edge]];
      });
    expect(ends(lit.incoming)).toEqual([[7, 8]]);
    expect(ends(lit.outgoing)).toEqual([
      [8, -1],
      [5, 9],
    ]);
    const far = [...lit.nodes].map((place) => index.scene.nodes[place]);
    expect(far.sort()).toEqual([7, 9]);
    expect(ends(index.lit(1).outgoing)).toEqual([
      [-1, 6],
      [1, 5],
    ]);
  });

  test("only edges that end at a card have a head", () => {
    const index = createIndex(createNested(), [5]);
    const heads = Array.from(index.scene.edges)
      .filter((_, place) => index.hasHead(place))
      .map((edge) => index.edges.to[edge]);
    expect(heads.sort()).toEqual([1, 6, 7, 8, 9, 9]);
  });
});

describe("arrow keys", () => {
  const names = ["in", "a", "b", "c", "out"];
  const model = createModel(
    names.map((path) => createLayer({ path })),
    names.map((path) => [path, null] as const),
    [
      [0, 1],
      [0, 2],
      [0, 3],
      [1, 4],
      [2, 4],
      [3, 4],
    ],
  );

  test("follow the edges, and go to the side at the same height", () => {
    const index = createIndex(model);
    const go = (from: number, direction: Direction) => index.neighbour(from, direction);
    const row = [1, 2, 3].sort(
      (p, q) => (index.box(p)?.left ?? 0) - (index.box(q)?.left ?? 0),
    );
    const [left, middle, right] = row as [number, number, number];
    expect(go(0, "down")).toBe(middle);
    expect(go(middle, "up")).toBe(0);
    expect(go(left, "right")).toBe(middle);
    expect(go(right, "left")).toBe(middle);
    expect(go(right, "right")).toBeNull();
    expect(go(right, "down")).toBe(4);
    expect(go(4, "down")).toBeNull();
  });

  test("go into open groups and past closed ones", () => {
    const open = createIndex(createNested(), [5]);
    expect(open.neighbour(0, "down")).toBe(1);
    expect(open.neighbour(1, "down")).toBe(6);
    expect(open.neighbour(5, "down")).toBe(6);
    expect(open.neighbour(8, "down")).toBe(9);
    expect(open.neighbour(6, "up")).toBe(1);
  });
});
