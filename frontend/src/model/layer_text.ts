/** How shapes, counts and sizes are written: as Keras writes them. */

import type { LayerNode, Shape } from "../wire/generated";

/** A shape as Python writes a tuple: `(None, 26, 26, 32)`, `(None,)`. */
export function formatShape(shape: Shape): string {
  const sizes = shape.map((size) => (size === null ? "None" : String(size)));
  return sizes.length === 1 ? `(${sizes[0]},)` : `(${sizes.join(", ")})`;
}

/** Shapes of all inputs or outputs, `?` where they are unknown. */
export function formatShapes(shapes: readonly Shape[]): string {
  if (shapes.length === 0) {
    return "?";
  }
  return shapes.length === 1
    ? formatShape(shapes[0] as Shape)
    : `[${shapes.map(formatShape).join(", ")}]`;
}

/** Shapes of one sample, in few letters: `56×56×64`, `128`. */
export function formatShortShapes(shapes: readonly Shape[]): string {
  const first = shapes[0];
  if (first === undefined) {
    return "?";
  }
  const sizes = first.slice(1).map((size) => (size === null ? "?" : String(size)));
  const text = sizes.length === 0 ? "()" : sizes.join("×");
  return shapes.length === 1 ? text : `${text} + ${shapes.length - 1}`;
}

/** A number of things: `1 layer`, `1,200 layers`. */
export function countOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** A count with commas between thousands. */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** A count in few letters: `1.2 M`. */
export function formatShortCount(count: number): string {
  const units = ["", " k", " M", " G", " T"];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)}${units[unit]}`;
}

/** A size in bytes as `model.summary()` writes it: `97.80 MB`. */
export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(2)} ${units[unit]}`;
}

/** Bytes of one element. */
export function itemSize(dtype: string): number {
  if (dtype === "bool") {
    return 1;
  }
  const bits = /(\d+)(?:_e\w+)?$/.exec(dtype)?.[1];
  return dtype.startsWith("float8") || bits === undefined ? 1 : Number(bits) / 8;
}

interface VariableBytes {
  readonly all: number;
  readonly trainable: number;
  readonly non_trainable: number;
}

const counted = new WeakMap<readonly LayerNode[], VariableBytes>();

/** Bytes of the variables of layers and of all layers in them. */
export function bytesOf(
  layers: readonly LayerNode[],
  which: keyof VariableBytes = "all",
): number {
  let bytes = counted.get(layers);
  if (bytes === undefined) {
    bytes = countBytes(layers);
    counted.set(layers, bytes);
  }
  return bytes[which];
}

function countBytes(layers: readonly LayerNode[]): VariableBytes {
  const seen = new Set<string>();
  const stack = [...layers];
  let trainable = 0;
  let others = 0;
  while (stack.length > 0) {
    const layer = stack.pop() as LayerNode;
    for (const variable of layer.variables) {
      if (seen.has(variable.path)) {
        continue;
      }
      seen.add(variable.path);
      const bytes = variable.params * itemSize(variable.dtype);
      if (variable.trainable) {
        trainable += bytes;
      } else {
        others += bytes;
      }
    }
    for (const child of layer.children) {
      stack.push(child);
    }
  }
  return { all: trainable + others, trainable, non_trainable: others };
}

/** A layer in one sentence, for those who do not see the drawing. */
export function describeLayer(layer: LayerNode): string {
  const parts = [layer.name, layer.class_name];
  if (layer.output_shapes.length > 0) {
    parts.push(`output ${formatShapes(layer.output_shapes)}`);
  }
  parts.push(`${formatCount(layer.params)} parameters`);
  return parts.join(", ");
}

/** Cuts a text in its middle, where names differ least. */
export function shorten(text: string, length: number): string {
  if (text.length <= length) {
    return text;
  }
  const head = Math.ceil((length - 1) / 2);
  return `${text.slice(0, head)}…${text.slice(text.length - (length - 1 - head))}`;
}
