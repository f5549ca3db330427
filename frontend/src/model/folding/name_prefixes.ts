/** What layers' names have in common, as authors write them. */

/** Nobody looks at more parts of a name, or at more of its letters. */
const MAX_PARTS = 12;
const MAX_LETTERS = 160;

/** A part that several names begin with. */
export interface Prefix {
  readonly text: string;
  /** Whether it ends like an item of a list: `block_3`, `block2a`, `layers/0`. */
  readonly item: boolean;
  /** Number of names that begin with it, itself included. */
  readonly count: number;
  readonly children: readonly Prefix[];
  /** Names that are no longer than it, by their index. */
  readonly own: readonly number[];
}

interface Growing {
  text: string;
  item: boolean;
  count: number;
  children: Growing[];
  byPart: Map<string, Growing>;
  own: number[];
}

/**
 * Where the parts of a name end: before separators, and between letters and
 * digits. The end of the name is the last of them.
 */
export function partEnds(name: string): number[] {
  const ends: number[] = [];
  const letters = Math.min(name.length, MAX_LETTERS);
  let before = kindOf(name, 0);
  for (let i = 1; i < letters && ends.length < MAX_PARTS; i += 1) {
    const here = kindOf(name, i);
    if (here !== before && before !== "separator") {
      ends.push(i);
    }
    before = here;
  }
  ends.push(name.length);
  return ends;
}

function kindOf(name: string, at: number): "digit" | "separator" | "letter" {
  const code = name.charCodeAt(at);
  if (code >= 48 && code <= 57) {
    return "digit";
  }
  return " _/.-:".includes(name[at] as string) ? "separator" : "letter";
}

/** Builds the tree of what names begin with; empty names are left out. */
export function createPrefixes(names: readonly string[]): Prefix {
  const create = (text: string, part: string): Growing => ({
    text,
    item: isItem(text, part),
    count: 0,
    children: [],
    byPart: new Map(),
    own: [],
  });
  const root = create("", "");
  names.forEach((name, index) => {
    if (name === "") {
      return;
    }
    let at = root;
    at.count += 1;
    let start = 0;
    for (const end of partEnds(name)) {
      const part = name.slice(start, end);
      let child = at.byPart.get(part);
      if (child === undefined) {
        child = create(name.slice(0, end), part);
        at.byPart.set(part, child);
        at.children.push(child);
      }
      child.count += 1;
      at = child;
      start = end;
    }
    at.own.push(index);
  });
  return root;
}

/** Whether it is only what the items of a list have in common: `block` of `block_1`. */
export function isList(prefix: Prefix): boolean {
  if (prefix.item) {
    return false;
  }
  const items = prefix.children.filter((child) => child.item);
  const counted = items.reduce((sum, item) => sum + item.count, 0);
  return items.length >= 2 && counted >= 0.6 * prefix.count;
}

/** All names below a prefix, by their index. */
export function namesOf(prefix: Prefix): number[] {
  const found: number[] = [];
  const stack = [prefix];
  while (stack.length > 0) {
    const { own, children } = stack.pop() as Prefix;
    for (const index of own) {
      found.push(index);
    }
    for (const child of children) {
      stack.push(child);
    }
  }
  return found;
}

/** The longest whole parts that all names begin with. */
export function commonPrefix(names: readonly string[]): string {
  // What the first and the last of them have in common, all have.
  let first = names[0] ?? "";
  let last = first;
  for (const name of names) {
    first = name < first ? name : first;
    last = name > last ? name : last;
  }
  let same = 0;
  while (same < first.length && first[same] === last[same]) {
    same += 1;
  }
  const others = partEnds(last);
  const end = partEnds(first).findLast((at) => at <= same && others.includes(at));
  return first.slice(0, end ?? 0);
}

/**
 * Whether Keras made up a name from the class: `conv2d_3` of a `Conv2D`.
 *
 * Such names say nothing of what belongs together.
 */
export function isMadeUp(name: string, className: string): boolean {
  let stem = stems.get(className);
  if (stem === undefined) {
    stem = snakeCase(className);
    stems.set(className, stem);
  }
  return name.startsWith(stem) && /^(_\d+)?$/.test(name.slice(stem.length));
}

/** What is made of each class; there are few of them. */
const stems = new Map<string, string>();

/** As Keras does it. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/g, "")
    .replace(/(.)([A-Z][a-z]+)/g, "$1_$2")
    .replace(/([a-z])([A-Z])/g, "$1_$2")
    .toLowerCase();
}

function isItem(text: string, part: string): boolean {
  const bare = part.replace(/[ _/.\-:]/g, "");
  return /\d$/.test(text) || /^[a-zA-Z]$/.test(bare);
}
