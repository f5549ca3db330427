/** How two configurations differ, key by key. */

/** A value that differs; undefined on the side that lacks the key. */
export interface ConfigChange {
  /** Keys from the outside in, with dots between them. */
  readonly key: string;
  readonly before: unknown;
  readonly after: unknown;
}

type Values = { readonly [key: string]: unknown };

/** What is said elsewhere, or depends on how many layers were made before. */
const IGNORED: ReadonlySet<string> = new Set(["name", "trainable", "dtype"]);
/** Numbers and shapes that Keras adds when it saves; they are no choices. */
const NOISE: ReadonlySet<string> = new Set([
  "shared_object_id",
  "build_config",
  "build_input_shape",
  "registered_name",
]);
const MAX_CHANGES = 100;
const MAX_DEPTH = 24;

/**
 * The values that differ between two configurations, at most 100.
 *
 * @param without Keys to leave out besides.
 */
export function compareConfigs(
  before: Values,
  after: Values,
  without: ReadonlySet<string> = new Set(),
): ConfigChange[] {
  const changes: ConfigChange[] = [];
  const ignored = without.size === 0 ? IGNORED : new Set([...IGNORED, ...without]);
  compareObjects(before, after, ignored, "", 0, changes);
  return changes;
}

/** Keys under which a configuration holds other layers, as a wrapper does. */
export function layerKeys(config: Values): string[] {
  return Object.keys(config).filter((key) => {
    const value = config[key];
    const settings = isObject(value) ? own(value, "config") : undefined;
    return isObject(settings) && Object.hasOwn(settings, "trainable");
  });
}

function compareObjects(
  before: Values,
  after: Values,
  ignored: ReadonlySet<string>,
  prefix: string,
  depth: number,
  changes: ConfigChange[],
): void {
  const compare = (key: string): void => {
    if (!ignored.has(key) && !NOISE.has(key)) {
      const [a, b] = [own(before, key), own(after, key)];
      compareValues(a, b, key, `${prefix}${key}`, depth, changes);
    }
  };
  Object.keys(before).forEach(compare);
  for (const key of Object.keys(after)) {
    if (!Object.hasOwn(before, key)) {
      compare(key);
    }
  }
}

function compareValues(
  before: unknown,
  after: unknown,
  name: string,
  key: string,
  depth: number,
  changes: ConfigChange[],
): void {
  if (before === after || changes.length >= MAX_CHANGES) {
    return;
  }
  const objects = isObject(before) && isObject(after) && depth < MAX_DEPTH;
  // Of another class there is nothing to compare key by key.
  if (objects && own(before, "class_name") === own(after, "class_name")) {
    // The layer inside of a wrapper is named by Keras, too.
    const ignored = name === "config" ? IGNORED : NOISE;
    compareObjects(before, after, ignored, `${key}.`, depth + 1, changes);
    return;
  }
  if (!equal(before, after, depth)) {
    changes.push({ key, before, after });
  }
}

function equal(a: unknown, b: unknown, depth: number): boolean {
  if (a === b || Object.is(a, b)) {
    return true;
  }
  if (depth >= MAX_DEPTH) {
    // The writer cuts long before: whoever wrote this is not to overflow the stack.
    return false;
  }
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equal(item, b[i], depth + 1));
  }
  if (isObject(a) && isObject(b)) {
    const changes: ConfigChange[] = [];
    compareObjects(a, b, NOISE, "", depth + 1, changes);
    return changes.length === 0;
  }
  return false;
}

function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : undefined;
}

function isObject(value: unknown): value is Values {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
