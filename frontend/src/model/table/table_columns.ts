/** The columns of the table of layers: what each says, and how it is sorted. */

import type { LayerNode } from "../../wire/generated";
import type { Sign } from "../compare/graph_diff";
import type { FieldChange } from "../compare/layer_changes";
import { ownParams } from "../compare/layer_match";
import { formatBytes, formatCount, formatShapes } from "../layer_text";

/** A column. */
export interface ColumnInfo {
  readonly id: Column;
  readonly title: string;
  readonly definition: string;
  /** In pixels; the first column takes what is left. */
  readonly width: number;
  readonly numeric: boolean;
  /** On which pages it is shown before anybody has chosen. */
  readonly initial: "always" | "wide" | "never";
}

export const COLUMN_IDS = [
  "layer",
  "difference",
  "class",
  "path",
  "input_shape",
  "output_shape",
  "dtype",
  "params",
  "own_params",
  "share",
  "trainable",
  "multiply_adds",
  "activation_bytes",
  "calls",
  "connected_to",
] as const;

export type Column = (typeof COLUMN_IDS)[number];

export const COLUMNS: readonly ColumnInfo[] = [
  text("layer", "Layer (type)", "Name of the layer, and its class", 220, "always"),
  text(
    "difference",
    "Difference",
    "In what it differs from the one compared with",
    230,
  ),
  text("class", "Class", "Class of the layer", 150),
  text("path", "Path", "Where the layer is; no two have the same", 220),
  text("input_shape", "Input Shape", "Shapes of the inputs of its first call", 170),
  text(
    "output_shape",
    "Output Shape",
    "Shapes of the outputs of its first call",
    170,
    "always",
  ),
  text("dtype", "Dtype", "Its dtype policy", 100),
  number(
    "params",
    "Param #",
    "Elements of all its variables, also of layers in it",
    104,
    "always",
  ),
  number("own_params", "Own #", "Elements of its own variables", 96),
  number("share", "Share", "Of all parameters of the model", 96, "always"),
  text("trainable", "Trainable", "Whether its variables are trained", 112, "always"),
  number(
    "multiply_adds",
    "Multiply-adds",
    "Per sample, by a formula per class; ≥ where a part is unknown",
    134,
    "wide",
  ),
  number(
    "activation_bytes",
    "Activations",
    "Size of its outputs per sample; ≥ where a part is unknown",
    116,
  ),
  number("calls", "Calls", "How often the model calls it", 76),
  text(
    "connected_to",
    "Connected to",
    "The layers that it takes its inputs from",
    190,
    "wide",
  ),
];

const byId = new Map(COLUMNS.map((column) => [column.id, column]));

/** What a line of the table knows. */
export interface RowFacts {
  readonly layer: LayerNode;
  /** Share of the model's parameters, from 0 to 1. */
  readonly share: number;
  /** Names of the layers whose outputs it takes. */
  readonly connectedTo: readonly string[];
  /** How it stands to the model that is compared with; null = the same. */
  readonly sign: Sign | null;
  readonly changes: readonly FieldChange[];
}

/** The column of a name. */
export function columnOf(id: Column): ColumnInfo {
  return byId.get(id) as ColumnInfo;
}

/**
 * The columns to show.
 *
 * @param chosen What was chosen, with commas between; empty = nothing was.
 * @param wide Whether there is room for more.
 * @param comparing Whether the model is compared with another.
 */
export function chosenColumns(
  chosen: string,
  wide: boolean,
  comparing: boolean,
): Column[] {
  const wanted = new Set(chosen.split(","));
  const shown = COLUMNS.filter(({ id, initial }) => {
    if (id === "layer" || (id === "difference" && comparing)) {
      return true;
    }
    if (id === "difference") {
      return false;
    }
    return chosen === ""
      ? initial === "always" || (initial === "wide" && wide)
      : wanted.has(id);
  });
  return shown.map(({ id }) => id);
}

/** What a cell says. */
export function cellText(row: RowFacts, column: Column): string {
  const { layer } = row;
  switch (column) {
    case "layer":
      return layer.name;
    case "difference":
      return differenceText(row);
    case "class":
      return layer.class_name;
    case "path":
      return layer.path;
    case "input_shape":
      return layer.input_shapes.length === 0 ? "" : formatShapes(layer.input_shapes);
    case "output_shape":
      return formatShapes(layer.output_shapes);
    case "dtype":
      return layer.dtype_policy;
    case "params":
      return formatCount(layer.params);
    case "own_params":
      return formatCount(ownParams(layer));
    case "share":
      return layer.params > 0 ? formatPercent(row.share) : "";
    case "trainable":
      return trainedText(layer);
    case "multiply_adds":
      return costText(layer.multiply_adds, layer.unknown_multiply_adds, formatCount);
    case "activation_bytes":
      return costText(
        layer.activation_bytes,
        layer.unknown_activation_bytes,
        formatBytes,
      );
    case "calls":
      return layer.calls === 0 ? "?" : formatCount(layer.calls);
    default:
      return row.connectedTo.join(", ");
  }
}

/** Orders two lines by a column, ascending. */
export function comparatorOf(column: Column): (a: RowFacts, b: RowFacts) => number {
  const value = NUMBERS[column];
  if (value !== undefined) {
    return (a, b) => value(a) - value(b);
  }
  const { compare } = new Intl.Collator("en", { numeric: true });
  return (a, b) => compare(cellText(a, column), cellText(b, column));
}

/** Columns that are sorted by a number, whatever they say. */
const NUMBERS: Partial<Record<Column, (row: RowFacts) => number>> = {
  difference: ({ sign }) => (sign === null ? 9 : SIGN_ORDER.indexOf(sign)),
  input_shape: ({ layer }) => sizeOf(layer.input_shapes),
  output_shape: ({ layer }) => sizeOf(layer.output_shapes),
  params: ({ layer }) => layer.params,
  own_params: ({ layer }) => ownParams(layer),
  share: ({ layer }) => layer.params,
  trainable: ({ layer }) => layer.trainable_params,
  multiply_adds: ({ layer }) => layer.multiply_adds,
  activation_bytes: ({ layer }) => layer.activation_bytes,
  calls: ({ layer }) => layer.calls,
};

const SIGN_ORDER: readonly Sign[] = ["added", "removed", "changed", "resized"];

/** A share in percent, never "0 %" for something. */
export function formatPercent(share: number): string {
  const percent = share * 100;
  return percent > 0 && percent < 0.1 ? "< 0.1 %" : `${percent.toFixed(1)} %`;
}

/** A cost of which a part may be unknown. */
export function costText(
  known: number,
  unknown: number,
  format: (value: number) => string,
): string {
  if (unknown === 0) {
    return format(known);
  }
  return known === 0 ? "unknown" : `≥ ${format(known)}`;
}

function trainedText(layer: LayerNode): string {
  if (layer.params === 0) {
    return "";
  }
  if (layer.trainable_params === 0) {
    return "no";
  }
  return layer.trainable_params === layer.params
    ? "yes"
    : `${formatCount(layer.trainable_params)} of ${formatCount(layer.params)}`;
}

function differenceText({ sign, changes }: RowFacts): string {
  if (sign === "added" || sign === "removed") {
    return sign;
  }
  return changes
    .map(({ name, before, after }) => `${name} ${before} → ${after}`)
    .join(", ");
}

/** Elements of the first shape, unknown ones first. */
function sizeOf(shapes: LayerNode["output_shapes"]): number {
  return shapes[0]?.reduce<number>((n, axis) => n * (axis ?? 1), 1) ?? -1;
}

function text(
  id: Column,
  title: string,
  definition: string,
  width: number,
  initial: ColumnInfo["initial"] = "never",
): ColumnInfo {
  return { id, title, definition, width, numeric: false, initial };
}

function number(
  id: Column,
  title: string,
  definition: string,
  width: number,
  initial: ColumnInfo["initial"] = "never",
): ColumnInfo {
  return { id, title, definition, width, numeric: true, initial };
}
