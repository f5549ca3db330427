/**
 * Where the values of a layer's map lie in the picture that the model was given.
 *
 * Followed call by call through the logged graph: convolutions, pooling, padding,
 * cropping and upsampling by their configurations, everything else that keeps the
 * height and the width as if each value stayed where it was.
 */

import type { CallNode, LayerNode, ModelGraph, Shape } from "../wire/generated";
import { layersByPath } from "./graph/layers_by_path";

/** One axis: value i of the map is centred at pixel `offset + stride * i`. */
export interface AxisField {
  /** Values of the map. */
  readonly size: number;
  /** Pixels from one value to the next. */
  readonly stride: number;
  /** Pixel at which value 0 is centred; 0 = the first pixel's own centre. */
  readonly offset: number;
  /** Pixels that a value is computed from, those beyond the edges included. */
  readonly extent: number;
}

/** Both axes of a map. */
export interface ReceptiveField {
  readonly rows: AxisField;
  readonly columns: AxisField;
}

/** The field, or why it is not known. */
export type FieldAnswer =
  | { readonly state: "known"; readonly field: ReceptiveField }
  | { readonly state: "unknown"; readonly reason: string };

/** The picture that positions are asked for in. */
export interface PictureInput {
  /** Name of the model's input. */
  readonly name: string;
  /** Which of the model's inputs it is, and of how many. */
  readonly index: number;
  readonly inputs: number;
  readonly height: number;
  readonly width: number;
}

type Entry = ReceptiveField | string | undefined;

/** What moves values although height and width stay, or may do so. */
const MOVES = new Set([
  "Permute",
  "Transpose",
  "Reshape",
  "Flatten",
  "Flip",
  "Roll",
  "Rot90",
  "Swapaxes",
  "Moveaxis",
]);

/**
 * Finds where a layer's map lies.
 *
 * @param graph The model.
 * @param layer Path of the layer.
 * @param call Which of its calls.
 * @param picture The picture.
 * @param map Height and width of the map, which the answer must fit.
 */
export function receptiveField(
  graph: ModelGraph,
  layer: string,
  call: number,
  picture: PictureInput,
  map: readonly [number, number],
): FieldAnswer {
  const node = graph.nodes.find((one) => one.layer === layer && one.call === call);
  const root = findRoot(graph, picture);
  if (node === undefined || root === null) {
    const reason = "the logged graph does not show how the picture reaches this layer";
    return { state: "unknown", reason };
  }
  const fields = followFields(graph, root, picture);
  const leaf = isLeaf(graph, node.id) ? node.id : lastLeaf(graph, node.id);
  const found = leaf === null ? undefined : fields[leaf];
  if (found === undefined) {
    const reason = "no path of the graph leads from this picture to this layer";
    return { state: "unknown", reason };
  }
  if (typeof found === "string") {
    return { state: "unknown", reason: found };
  }
  if (found.rows.size !== map[0] || found.columns.size !== map[1]) {
    const size = `${found.rows.size}x${found.columns.size}`;
    const reason =
      `by the layers' configurations the map would be ${size}, and it is ` +
      map.join("x");
    return { state: "unknown", reason };
  }
  return { state: "known", field: found };
}

/** The call of the input layer that takes the picture; null if that is not clear. */
function findRoot(graph: ModelGraph, picture: PictureInput): number | null {
  const fed = new Set(graph.links.map(([, to]) => to));
  const layers = layersByPath(graph);
  const roots = graph.nodes.filter(
    (node) =>
      node.parent === null &&
      !fed.has(node.id) &&
      layers.get(node.layer)?.class_name === "InputLayer",
  );
  const named = roots.find((node) => node.layer.split("/").at(-1) === picture.name);
  const placed = roots.length === picture.inputs ? roots[picture.index] : undefined;
  return (named ?? placed)?.id ?? null;
}

function isLeaf(graph: ModelGraph, id: number): boolean {
  return !graph.nodes.some((node) => node.parent === id);
}

/** The one leaf call in a nested model whose value no other call in it takes. */
function lastLeaf(graph: ModelGraph, id: number): number | null {
  const inside = new Set([id]);
  for (const node of graph.nodes) {
    if (node.parent !== null && inside.has(node.parent)) {
      inside.add(node.id);
    }
  }
  const parents = new Set(graph.nodes.map((node) => node.parent));
  const taken = new Set(
    graph.links.filter(([, to]) => inside.has(to)).map(([from]) => from),
  );
  const last = [...inside].filter((one) => !parents.has(one) && !taken.has(one));
  return last.length === 1 ? (last[0] ?? null) : null;
}

/** The field of every leaf call that the picture reaches, or why it has none. */
function followFields(
  graph: ModelGraph,
  root: number,
  picture: PictureInput,
): readonly Entry[] {
  const layers = layersByPath(graph);
  const sources = new Map<number, number[]>();
  for (const [from, to] of graph.links) {
    const list = sources.get(to);
    if (list === undefined) {
      sources.set(to, [from]);
    } else {
      list.push(from);
    }
  }
  const fields: Entry[] = new Array(graph.nodes.length).fill(undefined);
  const pixel = { stride: 1, offset: 0, extent: 1 };
  fields[root] = {
    rows: { ...pixel, size: picture.height },
    columns: { ...pixel, size: picture.width },
  };
  for (const node of graph.nodes) {
    const before = (sources.get(node.id) ?? []).map((from) => fields[from]);
    const layer = layers.get(node.layer);
    if (node.id !== root && layer !== undefined) {
      fields[node.id] = nextField(node, layer, before);
    }
  }
  return fields;
}

function nextField(
  node: CallNode,
  layer: LayerNode,
  before: readonly Entry[],
): ReceptiveField | string | undefined {
  const known = before.filter((one) => typeof one === "object");
  const first = known[0];
  if (first === undefined) {
    return before.find((one) => typeof one === "string");
  }
  const name = `${layer.class_name} (${layer.path.slice(0, 100)})`;
  const lost = `${name} does not keep rows and columns in their places`;
  if (MOVES.has(layer.class_name)) {
    return lost;
  }
  const spatial = spatialStep(layer);
  if (spatial !== null) {
    const rows = spatial.rows(first.rows);
    const columns = spatial.columns(first.columns);
    return rows === null || columns === null || !fits(node, rows.size, columns.size)
      ? `${name} is computed in a way that is not followed here`
      : { rows, columns };
  }
  // Of several inputs, those of the output's size: others are spread over it.
  const kept = known.filter((one) => fits(node, one.rows.size, one.columns.size));
  const rows = mergeAxes(kept.map((one) => one.rows));
  const columns = mergeAxes(kept.map((one) => one.columns));
  return rows === null || columns === null ? lost : { rows, columns };
}

/** Whether a call's first output is of this height and width. */
function fits({ output_shapes }: CallNode, height: number, width: number): boolean {
  const shape: Shape = output_shapes[0] ?? [];
  const is = (axis: number, size: number) =>
    shape[axis] === null || shape[axis] === size;
  return (
    shape.length === 4 &&
    ((is(1, height) && is(2, width)) || (is(2, height) && is(3, width)))
  );
}

/** Fields of inputs that are combined value by value; null if they do not fit. */
function mergeAxes(axes: readonly AxisField[]): AxisField | null {
  const [first] = axes;
  if (first === undefined) {
    return null;
  }
  const low = Math.min(...axes.map((one) => one.offset));
  const high = Math.max(...axes.map((one) => one.offset));
  const alike = axes.every((one) => Math.abs(one.stride - first.stride) < 1e-6);
  // Branches of a strided block differ by a pixel or two: the middle is true enough.
  if (!alike || high - low > first.stride) {
    return null;
  }
  const from = Math.min(...axes.map((one) => one.offset - one.extent / 2));
  const to = Math.max(...axes.map((one) => one.offset + one.extent / 2));
  return { ...first, offset: (low + high) / 2, extent: to - from };
}

/** From the field of a layer's input to that of its output, axis by axis. */
interface SpatialStep {
  readonly rows: (axis: AxisField) => AxisField | null;
  readonly columns: (axis: AxisField) => AxisField | null;
}

/** What a layer does to rows and columns; null = it leaves them where they are. */
function spatialStep({ class_name, config }: LayerNode): SpatialStep | null {
  const both = (make: (axis: 0 | 1) => (field: AxisField) => AxisField | null) => ({
    rows: make(0),
    columns: make(1),
  });
  switch (class_name) {
    case "Conv2D":
    case "DepthwiseConv2D":
    case "SeparableConv2D":
      return both((axis) => (field) => {
        const kernel = pair(config.kernel_size, axis);
        const stride = pair(config.strides, axis) ?? 1;
        const dilation = pair(config.dilation_rate, axis) ?? 1;
        const span = kernel === null ? null : dilation * (kernel - 1) + 1;
        return slide(field, span, stride, config.padding);
      });
    case "MaxPooling2D":
    case "AveragePooling2D":
      return both((axis) => (field) => {
        const span = pair(config.pool_size, axis);
        const stride = pair(config.strides, axis) ?? span ?? 1;
        return slide(field, span, stride, config.padding);
      });
    case "Conv2DTranspose":
      return both((axis) => (field) => {
        const kernel = pair(config.kernel_size, axis);
        const stride = pair(config.strides, axis) ?? 1;
        const dilation = pair(config.dilation_rate, axis) ?? 1;
        const own =
          config.output_padding !== null && config.output_padding !== undefined;
        const span = kernel === null || own ? null : dilation * (kernel - 1) + 1;
        return spread(field, span, stride, config.padding);
      });
    case "UpSampling2D":
      return both((axis) => (field) => {
        const factor = pair(config.size, axis);
        return factor === null ? null : resize(field, field.size * factor);
      });
    case "Resizing": {
      const whole = !config.crop_to_aspect_ratio && !config.pad_to_aspect_ratio;
      const to = [config.height, config.width];
      return both((axis) => (field) => {
        const size = count(to[axis]);
        return size === null || !whole ? null : resize(field, size);
      });
    }
    case "ZeroPadding2D":
      return both((axis) => (field) => shift(field, sides(config.padding, axis)));
    case "Cropping2D":
      return both((axis) => (field) => {
        const [before, after] = sides(config.cropping, axis) ?? [];
        return before === undefined || after === undefined
          ? null
          : shift(field, [-before, -after]);
      });
    case "CenterCrop": {
      const to = [config.height, config.width];
      return both((axis) => (field) => {
        const size = count(to[axis]);
        if (size === null || size > field.size) {
          return null;
        }
        const before = Math.floor((field.size - size) / 2);
        return shift(field, [-before, size + before - field.size]);
      });
    }
    default:
      return null;
  }
}

/** A window that slides, as in a convolution or in pooling. */
function slide(
  field: AxisField,
  span: number | null,
  stride: number,
  padding: unknown,
): AxisField | null {
  if (span === null || (padding !== "same" && padding !== "valid")) {
    return null;
  }
  const same = padding === "same";
  const size = same
    ? Math.ceil(field.size / stride)
    : Math.floor((field.size - span) / stride) + 1;
  // What does not come out even is added at the end, on every backend.
  const padded = same ? Math.max(0, (size - 1) * stride + span - field.size) : 0;
  const centre = (span - 1) / 2 - Math.floor(padded / 2);
  return {
    size,
    stride: field.stride * stride,
    offset: field.offset + field.stride * centre,
    extent: field.extent + field.stride * (span - 1),
  };
}

/** The way back of a window that slides: a transposed convolution. */
function spread(
  field: AxisField,
  span: number | null,
  stride: number,
  padding: unknown,
): AxisField | null {
  if (span === null || (padding !== "same" && padding !== "valid")) {
    return null;
  }
  const same = padding === "same";
  const padded = same ? Math.max(0, span - stride) : 0;
  const centre = (span - 1) / 2 - Math.floor(padded / 2);
  return {
    size: field.size * stride + (same ? 0 : Math.max(0, span - stride)),
    stride: field.stride / stride,
    offset: field.offset - (field.stride * centre) / stride,
    extent: field.extent + field.stride * Math.max(0, Math.ceil(span / stride) - 1),
  };
}

/** The same place in more or fewer values. */
function resize(field: AxisField, size: number): AxisField {
  const step = field.size / size;
  return {
    size,
    stride: field.stride * step,
    offset: field.offset + field.stride * (step / 2 - 0.5),
    extent: field.extent,
  };
}

/** Values added (or, below zero, taken away) at both ends. */
function shift(
  field: AxisField,
  ends: readonly [number, number] | null,
): AxisField | null {
  if (ends === null) {
    return null;
  }
  const [before, after] = ends;
  return {
    ...field,
    size: field.size + before + after,
    offset: field.offset - field.stride * before,
  };
}

function count(value: unknown): number | null {
  return typeof value === "number" && Number.isInteger(value) && value > 0
    ? value
    : null;
}

/** One of two numbers, or one for both; null if it is neither. */
function pair(value: unknown, axis: 0 | 1): number | null {
  return count(Array.isArray(value) ? value[axis] : value);
}

/** What is added before and after: `n`, `[rows, columns]` or both ends of each. */
function sides(value: unknown, axis: 0 | 1): readonly [number, number] | null {
  const own: unknown = Array.isArray(value) ? value[axis] : value;
  const [before, after] = Array.isArray(own) ? own : [own, own];
  const isEnd = (end: unknown): end is number =>
    typeof end === "number" && Number.isInteger(end) && end >= 0;
  return isEnd(before) && isEnd(after) ? [before, after] : null;
}
