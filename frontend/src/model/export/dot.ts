/** A graph in Graphviz's language, DOT. */

import type { Card } from "../graph/cards";
import {
  childrenOf,
  isGroup,
  type NodeTree,
  ROOT,
  representatives,
} from "../graph/node_tree";

/** What a DOT document is written from. */
export interface DotSource {
  readonly name: string;
  readonly tree: NodeTree;
  /** Texts of a node. */
  readonly cardOf: (node: number) => Card | undefined;
  /** Path of the layer of a node, if it is the node of one. */
  readonly pathOf: (node: number) => string | undefined;
  /** One flag per node: 1 for a group whose inside is written. */
  readonly open: Uint8Array;
}

/**
 * Writes a graph: open groups as clusters, closed ones as one node.
 *
 * @returns The document, in pieces that are to be written one after the other.
 */
export function toDot(source: DotSource): string[] {
  const { tree, open } = source;
  const parts = [
    `digraph ${quote(source.name)} {\n`,
    '  graph [charset="UTF-8", rankdir=TB, fontname="Helvetica", compound=true];\n',
    '  node [shape=box, style=rounded, fontname="Helvetica"];\n',
  ];
  const isOpen = (node: number): boolean => open[node] === 1 && isGroup(tree, node);
  // What is still to be written: nodes, and the ends of clusters.
  const stack: { readonly node: number; readonly depth: number }[] = [];
  const push = (group: number, depth: number): void => {
    const children = childrenOf(tree, group);
    for (let i = children.length - 1; i >= 0; i -= 1) {
      stack.push({ node: children[i] as number, depth });
    }
  };
  push(ROOT, 1);
  while (stack.length > 0) {
    const { node, depth } = stack.pop() as { node: number; depth: number };
    const indent = "  ".repeat(Math.min(depth, MAX_INDENT));
    if (node === END) {
      parts.push(`${indent}}\n`);
    } else if (isOpen(node)) {
      const label = labelOf(source.cardOf(node), false);
      parts.push(`${indent}subgraph cluster_${node} {\n`);
      parts.push(`${indent}  label=${label};\n`);
      stack.push({ node: END, depth });
      push(node, depth + 1);
    } else {
      parts.push(`${indent}${nodeText(source, node)}\n`);
    }
  }
  parts.push(...edgeTexts(tree, open), "}\n");
  return parts;
}

const END = -2;
const MAX_INDENT = 12;

function nodeText(source: DotSource, node: number): string {
  const attributes = [`label=${labelOf(source.cardOf(node), true)}`];
  const path = source.pathOf(node);
  if (path !== undefined) {
    attributes.push(`tooltip=${quote(path)}`);
  }
  if (isGroup(source.tree, node)) {
    attributes.push("peripheries=2");
  }
  return `n${node} [${attributes.join(", ")}];`;
}

function edgeTexts(tree: NodeTree, open: Uint8Array): string[] {
  const shown = representatives(tree, open);
  const known = new Set<number>();
  const parts: string[] = [];
  for (let i = 0; i < tree.links.length; i += 2) {
    const source = shown[tree.links[i] as number] as number;
    const target = shown[tree.links[i + 1] as number] as number;
    const key = source * tree.size + target;
    if (source !== target && !known.has(key)) {
      known.add(key);
      parts.push(`  n${source} -> n${target};\n`);
    }
  }
  return parts;
}

function labelOf(card: Card | undefined, whole: boolean): string {
  if (card === undefined) {
    return '""';
  }
  const params = card.params === "" ? "" : `${card.params} parameters`;
  const lines = whole
    ? [card.title, card.className, card.shape, params]
    : [card.title, [card.className, params].filter(Boolean).join(", ")];
  return quote(lines.filter(Boolean).join("\n"));
}

/**
 * A string of DOT. In labels a backslash begins a code such as `\N`, and an
 * ampersand one such as `&lt;`: both are written so that they stand for themselves.
 */
export function quote(text: string): string {
  const escaped = text
    .replace(CONTROL, "\ufffd")
    .replace(/\\/g, "\\\\")
    .replace(/"/g, '\\"')
    .replace(/&/g, "&amp;")
    .replace(/\r\n|[\r\n]/g, "\\n");
  return `"${escaped}"`;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they end Graphviz's strings.
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\p{Cs}]/gu;
