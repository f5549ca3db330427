import { expect, it } from "vitest";
import { variableRole } from "./variable_roles";

it.each([
  ["dense/kernel", "multiplies an input"],
  ["gru/gru_cell/recurrent_kernel", "state of the step before"],
  ["gamma", "scales"],
])("says what %s does", (path, words) => {
  expect(variableRole(path)).toContain(words);
});

it("says nothing of a name of somebody's own", () => {
  expect(variableRole("kernel/own")).toBe("");
  expect(variableRole("__proto__")).toBe("");
});
