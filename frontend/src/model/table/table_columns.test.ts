import { describe, expect, test } from "vitest";
import { createLayer } from "../test_graphs";
import {
  COLUMN_IDS,
  COLUMNS,
  cellText,
  chosenColumns,
  comparatorOf,
  costText,
  type RowFacts,
} from "./table_columns";

function facts(
  fields: Parameters<typeof createLayer>[0],
  more: Partial<RowFacts> = {},
): RowFacts {
  const layer = createLayer(fields);
  return { layer, share: 0, connectedTo: [], sign: null, changes: [], ...more };
}

describe("columns of the table", () => {
  test("each has its place", () => {
    expect(COLUMNS.map(({ id }) => id)).toEqual([...COLUMN_IDS]);
  });

  test("are chosen by the room there is, or by the reader", () => {
    const narrow = chosenColumns("", false, false);
    const wide = chosenColumns("", true, false);
    expect(narrow[0]).toBe("layer");
    expect(narrow).not.toContain("connected_to");
    expect(wide).toContain("connected_to");
    expect(wide).not.toContain("difference");
    expect(chosenColumns("", false, true)).toContain("difference");
    expect(chosenColumns("calls,__proto__,path", true, false)).toEqual([
      "layer",
      "path",
      "calls",
    ]);
  });

  test("say what is not known", () => {
    expect(costText(0, 2, String)).toBe("unknown");
    expect(costText(5, 2, String)).toBe("≥ 5");
    expect(costText(0, 0, String)).toBe("0");
    expect(cellText(facts({ path: "a", output_shapes: [] }), "output_shape")).toBe("?");
    expect(cellText(facts({ path: "a", calls: 0 }), "calls")).toBe("?");
  });

  test("say whether a layer is trained", () => {
    const text = (params: number, trainable_params: number) =>
      cellText(facts({ path: "a", params, trainable_params }), "trainable");
    expect([text(4, 4), text(4, 0), text(4, 2), text(0, 0)]).toEqual([
      "yes",
      "no",
      "2 of 4",
      "",
    ]);
  });

  test("a difference is said in words", () => {
    const changes = [
      { kind: "configuration" as const, name: "units", before: "4", after: "8" },
    ];
    const row = facts({ path: "a" }, { sign: "changed", changes });
    expect(cellText(row, "difference")).toBe("units 4 → 8");
    expect(cellText(facts({ path: "a" }, { sign: "added" }), "difference")).toBe(
      "added",
    );
    expect(cellText(facts({ path: "a" }), "difference")).toBe("");
  });

  test.each(COLUMN_IDS)("lines are ordered by %s", (column) => {
    const small = facts({
      path: "layer_9",
      class_name: "A",
      dtype_policy: "a",
      input_shapes: [[null, 2]],
      output_shapes: [[null, 2]],
      params: 1,
      trainable_params: 1,
      multiply_adds: 9,
      activation_bytes: 9,
      calls: 1,
    });
    const large = facts(
      {
        path: "layer_10",
        class_name: "B",
        dtype_policy: "b",
        input_shapes: [[null, 2, 2]],
        output_shapes: [[null, 2, 2]],
        params: 20,
        trainable_params: 20,
        multiply_adds: 10,
        activation_bytes: 10,
        calls: 2,
      },
      { connectedTo: ["x"] },
    );
    const compare = comparatorOf(column);
    // These two are alike in what the layers do not differ in here.
    const alike = column === "own_params" || column === "difference";
    expect(Math.sign(compare(small, large))).toBe(alike ? 0 : -1);
    expect(Math.sign(compare(large, small))).toBe(alike ? 0 : 1);
  });
});
