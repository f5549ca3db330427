import { describe, expect, it } from "vitest";
import { layerActivation } from "../testing/fake_logs";
import {
  cellAt,
  cellSpan,
  placeAlone,
  placeOver,
  reductionFactor,
  seenByCell,
  spanOf,
  valuesOfCell,
} from "./map_placement";
import type { AxisField, FieldAnswer } from "./receptive_field";

function known(rows: AxisField, columns = rows): FieldAnswer {
  return { state: "known", field: { rows, columns } };
}

function entry(full: [number, number], kept: [number, number]) {
  return layerActivation("a", { full_map: full, kept_map: kept });
}

describe("a map over a picture", () => {
  it("covers all of it after padding", () => {
    const answer = known({ size: 8, stride: 1, offset: 0, extent: 3 });
    const { rows, kind } = placeOver(entry([8, 8], [8, 8]), answer, [8, 8]);
    expect(kind).toBe("aligned");
    expect(rows).toMatchObject({ start: 0, length: 8, cell: 1 });
    expect(spanOf(rows)).toEqual({ from: 0, to: 8 });
    expect(cellSpan(rows, 7)).toEqual({ from: 7, to: 8 });
  });

  it("covers the inner part without padding", () => {
    const answer = known({ size: 6, stride: 1, offset: 1, extent: 3 });
    const { rows } = placeOver(entry([6, 6], [6, 6]), answer, [8, 8]);
    expect(rows).toMatchObject({ start: 1, length: 6 });
    expect(cellAt(rows, 0.9)).toBeNull();
    expect(cellAt(rows, 1)).toBe(0);
    expect(cellAt(rows, 6.9)).toBe(5);
    expect(cellAt(rows, 7)).toBeNull();
    // Value 0 is computed from pixels 0, 1 and 2.
    expect(seenByCell(rows, 0)).toEqual({ from: 0, to: 3 });
  });

  it("lies on a grid with strides, and sees no more than the picture", () => {
    const answer = known({ size: 4, stride: 4, offset: 2, extent: 13 });
    const { rows } = placeOver(entry([4, 4], [4, 4]), answer, [16, 16]);
    expect(cellSpan(rows, 1)).toEqual({ from: 4.5, to: 8.5 });
    expect(seenByCell(rows, 0)).toEqual({ from: 0, to: 9 });
    expect(seenByCell(rows, 3)).toEqual({ from: 8, to: 16 });
  });

  it("may be larger than the picture", () => {
    const answer = known({ size: 10, stride: 1, offset: -1, extent: 1 });
    const { rows } = placeOver(entry([10, 10], [10, 10]), answer, [8, 8]);
    expect(spanOf(rows)).toEqual({ from: -1, to: 9 });
  });

  it("is stretched where its place is unknown, and says why", () => {
    const answer: FieldAnswer = { state: "unknown", reason: "it is reshaped" };
    const placed = placeOver(entry([4, 2], [4, 2]), answer, [8, 8]);
    expect(placed).toMatchObject({ kind: "stretched", reason: "it is reshaped" });
    expect(cellSpan(placed.columns, 1)).toEqual({ from: 4, to: 8 });
    expect(cellSpan(placed.rows, 1)).toEqual({ from: 2, to: 4 });
    expect(seenByCell(placed.rows, 1)).toBeNull();
  });
});

describe("a map that was reduced", () => {
  it("has cells of several values, the last of fewer", () => {
    const { rows, kind } = placeAlone(entry([10, 10], [4, 4]));
    expect(kind).toBe("alone");
    expect(rows).toMatchObject({ factor: 3, cell: 3, length: 10 });
    expect(valuesOfCell(rows, 3)).toEqual({ from: 9, to: 10 });
    expect(cellSpan(rows, 3)).toEqual({ from: 9, to: 10 });
    expect(cellAt(rows, 9.5)).toBe(3);
  });

  it("is placed by the values that each cell averages", () => {
    const answer = known({ size: 8, stride: 2, offset: 0.5, extent: 2 });
    const { rows } = placeOver(entry([8, 8], [4, 4]), answer, [16, 16]);
    expect(cellSpan(rows, 1)).toEqual({ from: 4, to: 8 });
    expect(seenByCell(rows, 1)).toEqual({ from: 4, to: 8 });
  });

  it("of a volume has its depths side by side", () => {
    const volume = layerActivation("a", {
      full_map: [16, 16],
      kept_map: [8, 24],
      slices: [0, 2, 5],
    });
    expect(reductionFactor(volume)).toBe(2);
    const { rows, columns } = placeAlone(volume);
    expect(rows).toMatchObject({ length: 16, cell: 2, cells: 8 });
    expect(columns).toMatchObject({ length: 48, cell: 2, cells: 24 });
    expect(cellAt(columns, 47)).toBe(23);
  });

  it("is reduced by the same factor on both axes", () => {
    expect(reductionFactor(entry([112, 112], [28, 28]))).toBe(4);
    expect(reductionFactor(entry([1, 200], [1, 50]))).toBe(4);
    expect(reductionFactor(entry([7, 7], [7, 7]))).toBe(1);
    expect(reductionFactor(entry([1, 1], [1, 1]))).toBe(1);
    // A log that makes no sense ends the search too.
    expect(reductionFactor(entry([5, 5], [0, 0]))).toBe(5);
  });
});
