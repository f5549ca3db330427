import { describe, expect, it } from "vitest";
import type { VariableAxis, WeightCapture } from "../../wire/generated";
import type { Tensors } from "../../wire/safetensors";
import { CapturedVariable } from "../kernel/incoming_kernel";
import { drawDifference, drawValues, indexOfPlace, layOut } from "./weight_picture";

/** Places of all cells, row by row. */
function places(kept: number[], spatialAxes = 0): number[][] {
  const picture = layOut(kept, spatialAxes);
  return Array.from({ length: picture.tileRows * picture.height }, (_, row) =>
    Array.from({ length: picture.tileColumns * picture.width }, (_, column) =>
      picture.placeOf(row, column),
    ),
  );
}

function named(...names: string[]): VariableAxis[] {
  return names.map((name) => ({ name, parts: [] }));
}

function captured(
  shape: number[],
  kept: (number[] | null)[],
  values: number[],
): CapturedVariable {
  const capture = {
    path: "a/kernel",
    shape,
    kept,
    cut: "",
  } as unknown as WeightCapture;
  const array = Float32Array.from(values);
  const tensors: Tensors = new Map([
    ["values", { dtype: "F32", shape: [array.length], values: array }],
  ]);
  return new CapturedVariable(capture, tensors);
}

describe("layOut", () => {
  it("shows a matrix as it is", () => {
    expect(places([2, 3])).toEqual([
      [0, 1, 2],
      [3, 4, 5],
    ]);
  });

  it("joins the axes of attention to what is nearest to a square, head by head", () => {
    const query = layOut([16, 4, 4], 0, named("input", "head", "unit"));
    expect([query.height, query.width, query.tileColumns]).toEqual([16, 4, 4]);
    expect([query.rows, query.columns]).toEqual(["input", "head × unit"]);
    expect(query.placeOf(1, 5)).toBe(16 + 5);
    const output = layOut([4, 4, 16], 0);
    expect([output.height, output.width, output.tileRows]).toEqual([4, 16, 4]);
    expect([output.rows, output.columns]).toEqual(["axis 0 × axis 1", "axis 2"]);
  });

  it("keeps the gates of a recurrent layer apart", () => {
    const gates = { name: "unit", parts: ["update", "reset", "candidate"] };
    const picture = layOut([8, 12], 0, [...named("input"), gates]);
    expect([picture.height, picture.width, picture.tileColumns]).toEqual([8, 4, 3]);
    expect(picture.columns).toBe("unit (update, reset, candidate)");
    expect(picture.placeOf(1, 11)).toBe(23);
    // A bias of one row for each source is no heap of rows apart.
    const bias = layOut([2, 12], 0, [{ name: "", parts: ["input", "state"] }, gates]);
    expect([bias.tileRows, bias.height]).toEqual([1, 2]);
  });

  it("shows a kernel whose window is one place as a matrix of channels", () => {
    const names = named("row", "column", "input channel", "output channel");
    const picture = layOut([1, 1, 16, 24], 2, names);
    expect([picture.kind, picture.height, picture.width]).toEqual(["matrix", 16, 24]);
    expect([picture.rows, picture.columns]).toEqual([
      "input channel",
      "output channel",
    ]);
    expect(picture.placeOf(2, 3)).toBe(51);
    expect(layOut([1, 1, 16, 24], 2).rows).toBe("axis 2");
  });

  it("breaks a long vector into lines and leaves the rest of the last one empty", () => {
    const picture = layOut([70], 0);
    expect([picture.kind, picture.height, picture.width]).toEqual(["strip", 2, 64]);
    expect(picture.placeOf(1, 5)).toBe(69);
    expect(picture.placeOf(1, 6)).toBe(-1);
    expect(places([])).toEqual([[0]]);
  });

  it("has a tile for each pair of channels", () => {
    // [height 2, width 2, inputs 1, outputs 2]
    expect(places([2, 2, 1, 2], 2)).toEqual([
      [0, 2, 1, 3],
      [4, 6, 5, 7],
    ]);
  });

  it("puts the depths of a volume beside each other", () => {
    // [depth 2, height 1, width 2, inputs 2, outputs 1]
    expect(places([2, 1, 2, 2, 1], 3)).toEqual([
      [0, 2, 4, 6],
      [1, 3, 5, 7],
    ]);
  });

  it.each([
    [[2792, 2], "blocks of 51 rows beside each other"],
    [[3, 700], "blocks of 70 columns below each other"],
  ])("folds the long matrix %j so that it is no thread", (kept, note) => {
    const picture = layOut(kept, 0);
    expect(picture.notes).toEqual([note]);
    const [rows, columns] = [
      picture.tileRows * picture.height,
      picture.tileColumns * picture.width,
    ];
    expect(columns / rows).toBeGreaterThan(1.5);
    expect(columns / rows).toBeLessThan(3);
    const all = places(kept)
      .flat()
      .filter((place) => place >= 0);
    expect(all.sort((a, b) => a - b)).toEqual(
      Array.from({ length: (kept[0] ?? 0) * (kept[1] ?? 0) }, (_, at) => at),
    );
  });

  it.each([
    [[7, 7, 3, 64], "blocks of 22 tiles below each other"],
    [[3, 3, 510, 1], "blocks of 16 tiles beside each other"],
    [[3, 3, 100, 2], "blocks of 10 tiles beside each other"],
  ])("folds the tiles of %j and keeps each of them whole", (kept, words) => {
    const picture = layOut(kept, 2);
    expect(picture.notes).toContain(words);
    const all = places(kept, 2)
      .flat()
      .filter((place) => place >= 0);
    expect(all.sort((a, b) => a - b)).toEqual(
      Array.from({ length: kept.reduce((a, b) => a * b) }, (_, at) => at),
    );
    // Below a weight lies that of the window's next row, of the same channels.
    const [, across = 1, inputs = 1, outputs = 1] = kept;
    expect(picture.placeOf(1, 0)).toBe(across * inputs * outputs);
  });

  it("keeps rows together where it folds", () => {
    const tall = layOut([2792, 2], 0);
    expect(tall.placeOf(1, 1)).toBe(3);
    // The second block begins with row 51.
    expect(tall.placeOf(0, 2)).toBe(102);
    const wide = layOut([3, 700], 0);
    expect(wide.placeOf(1, 1)).toBe(701);
    expect(wide.placeOf(3, 0)).toBe(70);
  });

  it("holds every value once, at any rank", () => {
    for (const [kept, axes] of [
      [[3, 5, 2, 4], 2],
      [[2, 3, 4, 2, 3], 3],
      [[5, 3, 2], 1],
      [[2, 3, 4, 5], 0],
    ] as [number[], number][]) {
      const all = places(kept, axes).flat();
      expect(all.sort((a, b) => a - b)).toEqual(all.map((_, at) => at));
      expect(all.length).toBe(kept.reduce((a, b) => a * b));
    }
  });
});

describe("what is drawn", () => {
  it("counts what is not finite and scales by the rest", () => {
    const drawn = drawValues(
      Float32Array.of(1, -3, Number.NaN, Number.NEGATIVE_INFINITY),
    );
    expect([drawn.low, drawn.high, drawn.nonfinite]).toEqual([-3, 1, 2]);
  });

  it("subtracts by the indices of the whole variable and marks what was not kept", () => {
    const here = captured([4], [[1, 3]], [10, 20]);
    const base = captured([4], [[0, 1]], [1, 2]);
    const drawn = drawDifference(Float32Array.of(10, 20), here.indices, base);
    expect([...drawn.values]).toEqual([8, 0]);
    expect([...(drawn.missing ?? [])]).toEqual([0, 1]);
    expect([drawn.low, drawn.high, drawn.finite]).toEqual([8, 8, 1]);
  });

  it("subtracts what other indices were kept of, along every axis", () => {
    const shape = [5, 4, 6];
    const ramp = (size: number) => Array.from({ length: size }, (_, at) => at ** 2);
    const here = captured(shape, [[0, 2, 4], null, [1, 2, 5]], ramp(36));
    const base = captured(shape, [[2, 3, 4], [0, 3], null], ramp(36));
    const drawn = drawDifference(here.values, here.indices, base);
    here.values.forEach((value, place) => {
      const before = base.at(indexOfPlace(here.indices, place));
      expect(drawn.missing?.[place]).toBe(before === null ? 1 : 0);
      expect(drawn.values[place]).toBe(before === null ? 0 : value - before);
    });
    expect(drawn.finite).toBe(12);
  });

  it("subtracts the one value of a scalar", () => {
    const base = captured([], [], [2]);
    expect([...drawDifference(Float32Array.of(5), [], base).values]).toEqual([3]);
  });

  it("knows the index of a place among kept values", () => {
    expect(
      indexOfPlace(
        [
          [0, 2],
          [5, 6, 9],
        ],
        4,
      ),
    ).toEqual([2, 6]);
    expect(indexOfPlace([], 0)).toEqual([]);
  });
});
