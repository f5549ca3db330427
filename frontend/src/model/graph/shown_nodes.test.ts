import { expect, test } from "vitest";
import { ShownNodes } from "./shown_nodes";

test("nodes in closed groups are shown by the groups, worked out once", () => {
  let asked = 0;
  const scene = {
    shown: (node: number) => {
      asked += 1;
      return node > 2 ? 2 : node;
    },
  };
  const nodes = new Set([1, 3, 4]);
  const shown = new ShownNodes();
  expect([...shown.of(scene, nodes)]).toEqual([1, 2]);
  expect(shown.of(scene, nodes)).toBe(shown.of(scene, nodes));
  expect(asked).toBe(3);
  expect([...shown.of({ shown: (node) => node }, nodes)]).toEqual([1, 3, 4]);
  expect([...shown.of(scene, new Set([4]))]).toEqual([2]);
});
