/** Round numbers along an axis. */

const FACTORS = [1, 2, 5, 10];

/**
 * Multiples of 1, 2 or 5 times a power of ten between two numbers, both included.
 *
 * @param most How many there may be at most; at least 2.
 * @param finest They are never closer than this; 1 for whole numbers.
 */
export function roundTicks(
  low: number,
  high: number,
  most: number,
  finest = 0,
): number[] {
  const span = high - low;
  if (!(span > 0) || !Number.isFinite(span)) {
    return [];
  }
  const rough = Math.max(span / Math.max(1, most), finest);
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = FACTORS.find((one) => one * power >= rough * (1 - 1e-9)) ?? 10;
  const distance = factor * power;
  const first = Math.ceil(low / distance - 1e-9);
  const last = Math.floor(high / distance + 1e-9);
  // A sum of distances would be off by their rounding, and never exactly zero.
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) =>
    Number(((first + at) * distance).toPrecision(12)),
  ).slice(0, most);
}
