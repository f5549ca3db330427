import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

function readAll(pattern: string): Record<string, string> {
  return Object.fromEntries(
    globSync(pattern, { cwd: import.meta.dirname })
      .filter((name) => !/\.test\.|^testing/.test(name))
      .map((name) => [
        `./${name.replaceAll("\\", "/")}`,
        readFileSync(join(import.meta.dirname, name), "utf8"),
      ]),
  );
}

const SOURCES = readAll("**/*.{ts,tsx}");
const SHEETS = readAll("**/*.css");

/** Names of classes, of whatever stands before and after them. */
const CLASS = /(?<![\w-])kv-[a-z][\w-]*(?![\w-])/g;

function resolve(from: string, path: string): string {
  return `.${new URL(path, `file:///${from.slice(2)}`).pathname}`;
}

/** What a file imports: files of ours that are loaded with it, or those for later. */
function importsOf(file: string, kind: "with it" | "later"): string[] {
  const text = SOURCES[file] ?? "";
  const pattern =
    kind === "later"
      ? /\bimport\("(\.[^"]+)"\)/g
      : /^(?:import|export) (?!type )(?:[^;"]*? from )?"(\.[^"]+)";/gm;
  return [...text.matchAll(pattern)].flatMap(([, path = ""]) => {
    const base = resolve(file, path.replace("?inline", ""));
    return [base, `${base}.ts`, `${base}.tsx`].filter(
      (name) => name in SOURCES || name in SHEETS,
    );
  });
}

/** Files that are loaded to run a file. */
function closureOf(file: string): Set<string> {
  const seen = new Set<string>();
  const waiting = [file];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (!seen.has(next)) {
      seen.add(next);
      waiting.push(...importsOf(next, "with it"));
    }
  }
  return seen;
}

/** Each file that is loaded later, with all that is there when it runs. */
function loads(): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  const visit = (file: string, before: ReadonlySet<string>) => {
    const own = closureOf(file);
    const there = new Set([...before, ...own]);
    // What is there on every way to it.
    const known = found.get(file);
    found.set(
      file,
      known === undefined ? there : new Set([...known].filter((one) => there.has(one))),
    );
    for (const one of own) {
      for (const later of importsOf(one, "later")) {
        visit(later, there);
      }
    }
  };
  visit("./index.tsx", new Set());
  return found;
}

describe("style sheets", () => {
  const named = new Set<string>();
  // What stands in a rule behind another class belongs to that one.
  const definedIn = new Map<string, string[]>();
  for (const [sheet, text] of Object.entries(SHEETS)) {
    for (const [, selectors = ""] of text.matchAll(/([^{};]+)\{/g)) {
      for (const selector of selectors.replace(/\/\*.*?\*\//gs, "").split(",")) {
        const [first, ...others] = selector.match(/(?<=\.)kv-[\w-]+/g) ?? [];
        if (first !== undefined) {
          definedIn.set(first, [...(definedIn.get(first) ?? []), sheet]);
          for (const name of [first, ...others]) {
            named.add(name);
          }
        }
      }
    }
  }

  it("come with the code of each part that uses their classes", () => {
    const missing: string[] = [];
    for (const [part, files] of loads()) {
      for (const file of files) {
        for (const [name] of (SOURCES[file] ?? "").matchAll(CLASS)) {
          const sheets = definedIn.get(name);
          if (sheets !== undefined && !sheets.some((sheet) => files.has(sheet))) {
            missing.push(`${name} of ${file}, when ${part} is loaded`);
          }
        }
      }
    }
    expect(loads().size).toBeGreaterThan(4);
    expect(definedIn.size).toBeGreaterThan(200);
    expect(missing).toEqual([]);
  });

  it("name no class that nothing has", () => {
    const texts = Object.values(SOURCES);
    const used = new Set(texts.flatMap((text) => text.match(CLASS) ?? []));
    // As in `kv-verdict-${state}`.
    const begun = texts.flatMap((text) => text.match(/kv-[a-z][\w-]*-(?=\$\{)/g) ?? []);
    const unused = [...named].filter(
      (name) => !used.has(name) && !begun.some((start) => name.startsWith(start)),
    );
    expect(named.size).toBeGreaterThan(200);
    expect(unused).toEqual([]);
  });
});
