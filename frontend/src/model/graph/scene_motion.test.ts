import { describe, expect, test } from "vitest";
import { NestedLayout } from "../layout/nested_layout";
import { createNested } from "../test_graphs";
import { createCards, createSizes } from "./cards";
import { createLayerGraph } from "./layer_graph";
import { liftLinks } from "./lifted_edges";
import { SceneMotion } from "./scene_motion";

const graph = createLayerGraph(createNested());
const edges = liftLinks(graph.tree);
const layout = new NestedLayout(graph.tree, edges, createSizes(createCards(graph)));

function sceneWith(opened: readonly number[]) {
  const open = new Uint8Array(graph.tree.size);
  for (const node of opened) {
    open[node] = 1;
  }
  return layout.layout(open);
}

const closed = sceneWith([]);
const opened = sceneWith([1]);
const view = { x: 0, y: 0, zoom: 1 };

describe("the way between two scenes", () => {
  const motion = new SceneMotion(
    graph.tree,
    edges,
    { scene: closed, view },
    { scene: opened, view: { x: 40, y: -10, zoom: 1 } },
  );

  test("ends at the later one", () => {
    expect(motion.at(1)).toEqual(opened);
  });

  test("begins where everything was on the screen", () => {
    const start = motion.at(0);
    [0, 1, 5, 9].forEach((node) => {
      const before = closed.nodes.indexOf(node);
      const at = opened.nodes.indexOf(node);
      const left = closed.left[before] as number;
      expect(start.left[at]).toBeCloseTo(left + 40, 2);
      expect(start.top[at]).toBeCloseTo((closed.top[before] as number) - 10, 2);
      expect(start.heights[at]).toBeCloseTo(closed.heights[before] as number, 2);
    });
  });

  test("what was hidden comes out of its group, smaller", () => {
    const start = motion.at(0);
    const group = opened.nodes.indexOf(1);
    const inner = opened.nodes.indexOf(3);
    const left = start.left[inner] as number;
    const groupLeft = start.left[group] as number;
    expect(left).toBeGreaterThan(groupLeft);
    expect(left + (start.widths[inner] as number)).toBeLessThan(
      groupLeft + (start.widths[group] as number),
    );
  });

  test("edges stay at the nodes that they join", () => {
    for (const progress of [0, 0.3, 0.8]) {
      const scene = motion.at(progress);
      scene.edges.forEach((edge, i) => {
        const from = edges.from[edge] as number;
        const at = scene.nodes.indexOf(from);
        if (from < 0) {
          return;
        }
        const p = (scene.pointStart[i] as number) * 2;
        const bottom = (scene.top[at] as number) + (scene.heights[at] as number);
        expect(scene.points[p + 1]).toBeCloseTo(bottom, 1);
      });
    }
  });

  test("closing begins with the frame that was open", () => {
    const back = new SceneMotion(
      graph.tree,
      edges,
      { scene: opened, view },
      { scene: closed, view },
    );
    const at = closed.nodes.indexOf(1);
    const before = opened.nodes.indexOf(1);
    expect(back.at(0).heights[at]).toBeCloseTo(opened.heights[before] as number, 2);
  });
});
