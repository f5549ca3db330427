import { describe, expect, it } from "vitest";
import { cellAfterKey, rowAfterKey } from "./grid_keys";

const ROWS = 30;
const COLUMNS = 5;

function pressed(key: string, row: number, column: number): [number, number] | null {
  const to = cellAfterKey(key, { row, column }, ROWS, COLUMNS);
  return to === null ? null : [to.row, to.column];
}

describe("cellAfterKey", () => {
  it.each<[string, [number, number]]>([
    ["ArrowUp", [14, 2]],
    ["ArrowDown", [16, 2]],
    ["ArrowLeft", [15, 1]],
    ["ArrowRight", [15, 3]],
    ["PageUp", [5, 2]],
    ["PageDown", [25, 2]],
    ["Home", [15, 0]],
    ["End", [15, 4]],
  ])("goes on by %s", (key, to) => {
    expect(pressed(key, 15, 2)).toEqual(to);
  });

  it("stays within the grid", () => {
    expect(pressed("ArrowUp", 0, 2)).toEqual([0, 2]);
    expect(pressed("PageUp", 3, 2)).toEqual([0, 2]);
    expect(pressed("ArrowDown", 29, 2)).toEqual([29, 2]);
    expect(pressed("PageDown", 25, 2)).toEqual([29, 2]);
    expect(pressed("ArrowLeft", 3, 0)).toEqual([3, 0]);
    expect(pressed("ArrowRight", 3, 4)).toEqual([3, 4]);
  });

  it("knows no other key", () => {
    for (const key of ["Enter", " ", "a", "toString", "__proto__"]) {
      expect(pressed(key, 3, 3)).toBeNull();
    }
  });
});

describe("rowAfterKey", () => {
  it("goes on within the list", () => {
    expect(rowAfterKey("ArrowUp", 4, 20)).toBe(3);
    expect(rowAfterKey("ArrowDown", 4, 20)).toBe(5);
    expect(rowAfterKey("PageUp", 4, 20)).toBe(0);
    expect(rowAfterKey("PageDown", 4, 20)).toBe(14);
    expect(rowAfterKey("PageDown", 14, 20)).toBe(19);
    expect(rowAfterKey("Home", 4, 20)).toBe(0);
    expect(rowAfterKey("End", 4, 20)).toBe(19);
  });

  it("begins at the first where none is chosen yet", () => {
    expect(rowAfterKey("ArrowDown", -1, 20)).toBe(0);
    expect(rowAfterKey("ArrowUp", -1, 20)).toBe(0);
  });

  it("leads nowhere by other keys, and in an empty list", () => {
    expect(rowAfterKey("ArrowLeft", 4, 20)).toBeNull();
    expect(rowAfterKey("constructor", 4, 20)).toBeNull();
    expect(rowAfterKey("End", -1, 0)).toBeNull();
  });
});
