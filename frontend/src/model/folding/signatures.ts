/** Numbers that are equal where parts of a graph are: what is in them, and its wiring. */

import type { Dag } from "../graph/dag";

/** Gives equal texts equal numbers. */
export class Signatures {
  private readonly byText = new Map<string, number>();

  ofText(text: string): number {
    let number = this.byText.get(text);
    if (number === undefined) {
      number = this.byText.size + 1;
      this.byText.set(text, number);
    }
    return scatter(number, 0x9e37);
  }
}

/**
 * The signature of some nodes that follow each other in an order: independent of
 * the order in which parallel ways come, and of what is outside.
 *
 * @param order Nodes, so that each comes after all that lead to it.
 * @param own Signature of each node.
 * @param scratch Room for one number per node.
 */
export function signatureOf(
  dag: Dag,
  order: Int32Array,
  own: Float64Array,
  scratch: Float64Array,
): number {
  let sum = order.length;
  for (const node of order) {
    scratch[node] = -1;
  }
  for (const node of order) {
    let before = 0;
    for (
      let e = dag.inStart[node] as number;
      e < (dag.inStart[node + 1] as number);
      e += 1
    ) {
      const source = dag.into[e] as number;
      const known = scratch[source] as number;
      // What is not in the order has none, and what is comes first.
      if (known > 0) {
        before = add(before, scatter(known, 0x51ed));
      }
    }
    const number = scatter(add(own[node] as number, before), 0x2545);
    scratch[node] = number;
    sum = add(sum, number);
  }
  for (const node of order) {
    scratch[node] = 0;
  }
  return scatter(sum, 0x7f4a);
}

const LIMIT = 2 ** 52;

function add(a: number, b: number): number {
  return (a + b) % LIMIT;
}

/** Spreads a number over 52 bits, so that sums of different numbers differ. */
export function scatter(value: number, seed: number): number {
  const low = value >>> 0;
  const high = Math.floor(value / 2 ** 32) >>> 0;
  const a = mix(low ^ seed, high);
  const b = mix(high + seed, low ^ 0x85eb_ca6b);
  return (a >>> 12) * 2 ** 32 + b + 1;
}

function mix(a: number, b: number): number {
  let h = Math.imul(a ^ (a >>> 16), 0x85eb_ca6b) ^ Math.imul(b, 0xc2b2_ae35);
  h = Math.imul(h ^ (h >>> 15), 0x2c1b_3c6d);
  h = Math.imul(h ^ (h >>> 12), 0x297a_2d39);
  return (h ^ (h >>> 15)) >>> 0;
}
