/** Which paths are asked for, and their form in the page's address. */

/** From which node to which; both by `GraphNode.key`. */
export interface PathQuery {
  readonly from: string;
  /** null = it is still to be chosen. */
  readonly to: string | null;
}

/** Reads a query; anything malformed is none. */
export function parsePathQuery(text: string): PathQuery | null {
  if (text === "") {
    return null;
  }
  try {
    const value: unknown = JSON.parse(text);
    if (!Array.isArray(value) || value.length < 1 || value.length > 2) {
      return null;
    }
    const [from, to = null] = value as unknown[];
    const known = typeof from === "string" && (to === null || typeof to === "string");
    return known ? { from, to } : null;
  } catch {
    return null;
  }
}

/** Writes a query; none is the empty text. */
export function formatPathQuery(query: PathQuery | null): string {
  if (query === null) {
    return "";
  }
  return JSON.stringify(query.to === null ? [query.from] : [query.from, query.to]);
}

/** A number of paths in words: "12 paths", "about 7.9 × 10²⁸ paths". */
export function formatPathCount(count: number): string {
  if (Number.isNaN(count)) {
    return "endlessly many paths, since the data go round in a circle,";
  }
  if (count === 1) {
    return "1 path";
  }
  if (count <= Number.MAX_SAFE_INTEGER) {
    return `${String(count).replace(/\B(?=(\d{3})+$)/g, ",")} paths`;
  }
  if (count === Number.POSITIVE_INFINITY) {
    return "more than 10³⁰⁸ paths";
  }
  const power = Math.floor(Math.log10(count));
  const raised = Array.from(String(power), (digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)]);
  return `about ${(count / 10 ** power).toFixed(1)} × 10${raised.join("")} paths`;
}
