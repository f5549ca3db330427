/** In what two layers that are taken for the same differ. */

import type { LayerNode, Shape, VariableInfo } from "../../wire/generated";
import { summarize } from "../config_text";
import { formatCount, formatShape, formatShapes } from "../layer_text";
import { compareConfigs, layerKeys } from "./config_changes";
import { isAutomaticName, ownParams } from "./layer_match";
import type { WiredInput, Wiring } from "./wiring";

/** Kinds of differences, the weightiest first. */
export const CHANGE_KINDS = [
  "class",
  "configuration",
  "trainable",
  "dtype",
  "wiring",
  "place",
  "size",
] as const;

export type ChangeKind = (typeof CHANGE_KINDS)[number];

/** What is said of a layer whose variables are not trained. */
export const FROZEN = "no (frozen)";

/** One difference, in words. */
export interface FieldChange {
  readonly kind: ChangeKind;
  /** What differs, such as "filters" or "output shape". */
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** What comparing a layer takes besides the layer. */
export interface ChangeContext {
  /** Path of the layer that holds it; empty for outermost ones. */
  readonly holder: { readonly before: string; readonly after: string };
  readonly wiring: { readonly before: Wiring; readonly after: Wiring };
  /** Whether both wirings are in the order of the arguments. */
  readonly ordered: boolean;
  /** Path after of a layer before; its own where it has no partner. */
  readonly renamed: (path: string) => string;
  /** How a layer is called, by its path. */
  readonly nameOf: (path: string) => string;
}

/** Everything that differs, the weightiest first; what is inside of it does not count. */
export function compareLayers(
  before: LayerNode,
  after: LayerNode,
  context: ChangeContext,
): FieldChange[] {
  const changes: FieldChange[] = [];
  const add = (kind: ChangeKind, name: string, a: string, b: string): void => {
    if (a !== b) {
      changes.push({ kind, name, before: a, after: b });
    }
  };
  const sameClass =
    before.class_name === after.class_name && before.module === after.module;
  if (before.class_name !== after.class_name) {
    add("class", "class", before.class_name, after.class_name);
  } else {
    add("class", "module", before.module, after.module);
  }
  if (sameClass) {
    changes.push(...configChanges(before, after));
  }
  const own = { before: ownParams(before), after: ownParams(after) };
  if (own.before > 0 && own.after > 0) {
    add("trainable", "trainable", trainableText(before), trainableText(after));
  }
  add("dtype", "dtype policy", before.dtype_policy, after.dtype_policy);
  add(
    "dtype",
    "output dtype",
    joined(before.output_dtypes),
    joined(after.output_dtypes),
  );
  changes.push(...wiringChanges(before, after, context));
  const named = before.name !== after.name;
  if (named && !(isAutomaticName(before) && isAutomaticName(after))) {
    add("place", "name", before.name, after.name);
  }
  if (context.renamed(context.holder.before) !== context.holder.after) {
    const held = (path: string) => (path === "" ? "the model" : context.nameOf(path));
    add("place", "inside of", held(context.holder.before), held(context.holder.after));
  }
  changes.push(...sizeChanges(before, after, own));
  return changes;
}

function configChanges(before: LayerNode, after: LayerNode): FieldChange[] {
  if (before.config === after.config) {
    return [];
  }
  // What a wrapper holds is compared as a layer of its own.
  const without = [before, after].flatMap((layer) =>
    layer.children.length > 0 ? layerKeys(layer.config) : [],
  );
  const text = (value: unknown): string =>
    value === undefined ? "not set" : summarize(value).text;
  return compareConfigs(before.config, after.config, new Set(without)).map(
    ({ key, before: a, after: b }) => {
      const texts = { before: text(a), after: text(b) };
      const same = texts.before === texts.after;
      return {
        kind: "configuration",
        name: key,
        before: texts.before,
        after: same ? `${texts.after} (other values)` : texts.after,
      };
    },
  );
}

/** Which of its own variables are trained. */
export function trainableText(layer: LayerNode): string {
  const trained = layer.variables.filter((variable) => variable.trainable);
  if (!layer.trainable || trained.length === 0) {
    return FROZEN;
  }
  return trained.length === layer.variables.length
    ? "yes"
    : `only ${joined(trained.map((variable) => variable.name))}`;
}

function wiringChanges(
  before: LayerNode,
  after: LayerNode,
  context: ChangeContext,
): FieldChange[] {
  const a = context.wiring.before.get(before.path);
  const b = context.wiring.after.get(after.path);
  if (a === undefined || b === undefined) {
    return [];
  }
  if (a.length !== b.length) {
    const [x, y] = [formatCount(a.length), formatCount(b.length)];
    return [{ kind: "wiring", name: "calls", before: x, after: y }];
  }
  const changes: FieldChange[] = [];
  const { ordered, renamed, nameOf } = context;
  const same = (x: WiredInput, y: WiredInput): boolean =>
    renamed(x.layer) === y.layer &&
    x.call === y.call &&
    (!ordered || x.output === y.output);
  a.forEach((inputs, call) => {
    const others = b[call] as readonly WiredInput[];
    // Without their order, each has to be somewhere in the other.
    const wired =
      inputs.length === others.length &&
      inputs.every((x, i) =>
        ordered || inputs.length === 1
          ? same(x, others[i] as WiredInput)
          : others.some((y) => same(x, y)),
      );
    if (!wired) {
      const name = a.length > 1 ? `takes from (call ${call + 1})` : "takes from";
      changes.push({
        kind: "wiring",
        name,
        before: sourcesText(inputs, nameOf),
        after: sourcesText(others, nameOf),
      });
    }
  });
  return changes;
}

function sourcesText(
  inputs: readonly WiredInput[],
  nameOf: (path: string) => string,
): string {
  if (inputs.length === 0) {
    return "nothing";
  }
  const names = inputs.map(({ layer, call, output }) => {
    const name = layer === "" ? "?" : nameOf(layer);
    const from = call > 0 ? `${name} (call ${call + 1})` : name;
    return output !== null && output > 0 ? `${from} [output ${output}]` : from;
  });
  return joined(names);
}

function sizeChanges(
  before: LayerNode,
  after: LayerNode,
  own: { before: number; after: number },
): FieldChange[] {
  const changes: FieldChange[] = [];
  const add = (name: string, a: string, b: string): void => {
    if (a !== b) {
      changes.push({ kind: "size", name, before: a, after: b });
    }
  };
  const shapes = (name: string, a: readonly Shape[], b: readonly Shape[]): void => {
    if (!sameShapes(a, b)) {
      add(name, formatShapes(a), formatShapes(b));
    }
  };
  shapes("input shape", before.input_shapes, after.input_shapes);
  shapes("output shape", before.output_shapes, after.output_shapes);
  if (!sameVariables(before.variables, after.variables)) {
    const old = new Map(before.variables.map((one) => [one.name, one]));
    const now = new Map(after.variables.map((one) => [one.name, one]));
    const text = (variable: VariableInfo | undefined): string =>
      variable === undefined
        ? "none"
        : `${formatShape(variable.shape)} ${variable.dtype}`;
    for (const name of new Set([...old.keys(), ...now.keys()])) {
      add(name, text(old.get(name)), text(now.get(name)));
    }
  }
  add("parameters", formatCount(own.before), formatCount(own.after));
  return changes;
}

function sameVariables(
  a: readonly VariableInfo[],
  b: readonly VariableInfo[],
): boolean {
  return (
    a.length === b.length &&
    a.every((one, i) => {
      const other = b[i];
      return (
        one.name === other?.name &&
        one.dtype === other.dtype &&
        sameShapes([one.shape], [other.shape])
      );
    })
  );
}

function sameShapes(a: readonly Shape[], b: readonly Shape[]): boolean {
  const same = (x: Shape, y: Shape | undefined) =>
    x.length === y?.length && x.every((size, i) => size === y[i]);
  return a.length === b.length && a.every((shape, i) => same(shape, b[i]));
}

function joined(texts: readonly string[]): string {
  const shown = texts.slice(0, 8).join(", ");
  return texts.length > 8 ? `${shown} and ${texts.length - 8} more` : shown;
}
