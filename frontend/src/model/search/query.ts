/**
 * What is written into the search field, as terms that all have to hold.
 *
 * Words are looked for in names, classes and paths; `class:conv`, `out:56x56`
 * and the like in one place; `params>1e6` compares a number; `3x3` and
 * `None,56,56` are shapes; `is:frozen` is a property; a minus before a term
 * turns it round; quotes keep blanks together.
 */

/** One size of a shape that is looked for; "any" stands for every size. */
export type WantedSize = number | null | "any";

/** A shape that is looked for. */
export interface WantedShape {
  readonly sizes: readonly WantedSize[];
  /** Whether it is the whole shape, and not a part of it. */
  readonly whole: boolean;
}

export const COMPARISONS = ["<", "<=", "=", ">=", ">"] as const;
export type Comparison = (typeof COMPARISONS)[number];

/** What one term asks for. */
export type Wanted =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "field"; readonly field: string; readonly text: string }
  | { readonly kind: "is"; readonly property: string }
  | {
      readonly kind: "number";
      readonly field: string;
      readonly comparison: Comparison;
      readonly value: number;
    }
  | {
      readonly kind: "shape";
      /** Where to look; null = in outputs, kernels and variables. */
      readonly field: string | null;
      readonly shape: WantedShape;
      /** As it was written: names may hold it as well. */
      readonly text: string;
    };

/** A term and whether it must not hold. */
export interface Term {
  readonly wanted: Wanted;
  readonly negated: boolean;
}

/** A query that was read. */
export interface Query {
  readonly terms: readonly Term[];
  /** What could not be read, one phrase each; it is left out. */
  readonly problems: readonly string[];
}

/** Fields that hold shapes. */
export const SHAPE_FIELDS: ReadonlySet<string> = new Set([
  "in",
  "out",
  "shape",
  "kernel",
]);

const TOKEN = /-?(?:[\w.]+(?::|<=|>=|=|<|>))?(?:"[^"]*"?|\([^)\s]*\)?|[^\s"]+)/g;
const SHAPE =
  /^\(?(?:\d{1,12}|none|\?|\*)(?:[x×,](?:\d{1,12}|none|\?|\*))*(?:[x×,]\s*)?\)?$/i;
const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  kb: 2 ** 10,
  mb: 2 ** 20,
  gb: 2 ** 30,
  "%": 0.01,
};
const MAX_LENGTH = 2_000;

/** Reads a query; never fails. */
export function parseQuery(text: string): Query {
  const terms: Term[] = [];
  const problems: string[] = [];
  // A shape may be pasted with blanks in it.
  const joined = text.slice(0, MAX_LENGTH).replace(/,\s+/g, ",");
  for (const token of joined.match(TOKEN) ?? []) {
    const negated = token.length > 1 && token.startsWith("-");
    const wanted = parseTerm(negated ? token.slice(1) : token);
    if (typeof wanted === "string") {
      problems.push(wanted);
    } else if (wanted !== null) {
      terms.push({ wanted, negated });
    }
  }
  return { terms, problems };
}

/** Whether a query holds a term as it is written. */
export function hasTerm(text: string, term: string): boolean {
  return (text.match(TOKEN) ?? []).some(
    (token) => token.toLowerCase() === term.toLowerCase(),
  );
}

/** Adds a term to a query, or takes it out if it is there. */
export function toggleTerm(text: string, term: string): string {
  const tokens = text.match(TOKEN) ?? [];
  const rest = tokens.filter((token) => token.toLowerCase() !== term.toLowerCase());
  return [...rest, ...(rest.length === tokens.length ? [term] : [])].join(" ");
}

/** A term, null where there is nothing to look for yet, or what is wrong with it. */
function parseTerm(token: string): Wanted | string | null {
  const parts = /^([\w.]+)(:|<=|>=|=|<|>)(.*)$/s.exec(token);
  if (parts === null) {
    return parsePlain(token);
  }
  const field = (parts[1] as string).toLowerCase();
  const sign = parts[2] as string;
  const value = unquote(parts[3] as string);
  if (value === "") {
    return null;
  }
  if (sign !== ":") {
    const number = parseNumber(value);
    return number === null
      ? `“${field}${sign}” takes a number, like 1e6, 10k or 5%`
      : { kind: "number", field, comparison: sign as Comparison, value: number };
  }
  if (field === "is") {
    return { kind: "is", property: value.toLowerCase() };
  }
  if (SHAPE_FIELDS.has(field)) {
    const shape = parseShape(value);
    return shape === null
      ? `“${field}:” takes a shape, like 3x3 or None,56,56`
      : { kind: "shape", field, shape, text: value.toLowerCase() };
  }
  return { kind: "field", field, text: value.toLowerCase() };
}

function parsePlain(token: string): Wanted | null {
  const text = unquote(token).toLowerCase();
  if (text === "") {
    return null;
  }
  const several = /[x×,]/i.test(text) || text.startsWith("(");
  const shape = several && !token.startsWith('"') ? parseShape(text) : null;
  return shape === null
    ? { kind: "text", text }
    : { kind: "shape", field: null, shape, text };
}

/** Reads `3x3`, `None,56,56`, or `(None, 10)`, which is a whole shape. */
export function parseShape(text: string): WantedShape | null {
  if (!SHAPE.test(text)) {
    return null;
  }
  const sizes = (text.match(/\d+|none|\?|\*/gi) ?? []).map((size): WantedSize => {
    if (size === "*") {
      return "any";
    }
    return /^\d/.test(size) ? Number(size) : null;
  });
  return { sizes, whole: text.startsWith("(") && text.endsWith(")") };
}

function parseNumber(text: string): number | null {
  const parts = /^(\d+(?:\.\d*)?(?:e[+-]?\d{1,3})?|\.\d+)\s*([a-z%]{0,2})$/i.exec(
    text.replace(/[,_]/g, ""),
  );
  const unit = UNITS[(parts?.[2] ?? "").toLowerCase()];
  return parts === null || unit === undefined ? null : Number(parts[1]) * unit;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.replace(/^"|"$/g, "") : text;
}
