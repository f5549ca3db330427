import { expect, test } from "vitest";
import { fileName } from "./file_name";

test("a file is named by its run, what it holds and the step", () => {
  expect(fileName("healthy", "graph", 120, "svg")).toBe("healthy_graph_step-120.svg");
  expect(fileName("a/b 1.5", "layers", null, "csv")).toBe("a-b-1.5_layers.csv");
});

test.each([
  ["../../etc/passwd", "etc-passwd_graph.dot"],
  [".", "graph.dot"],
  ["", "graph.dot"],
  ['<b> "x" | * ? : \\ \0 \n', "b-x_graph.dot"],
  ["学習 １", "学習-１_graph.dot"],
  ["x".repeat(500), `${"x".repeat(80)}_graph.dot`],
])("whatever its run is called: %s", (run, name) => {
  expect(fileName(run, "graph", null, "dot")).toBe(name);
});
