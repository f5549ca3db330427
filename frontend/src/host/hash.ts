/**
 * Our entries in the hash of TensorBoard's address.
 *
 * The hash is `#kerasviz&p.kerasviz.layer=conv1&p.other.key=value`; what is not
 * ours stays as it is.
 */

const PLUGIN = "kerasviz";
const PREFIX = `p.${PLUGIN}.`;
/** Longer hashes are not read: they are no place that we wrote. */
const MAX_HASH = 100_000;

/** Reads our entries; whatever is malformed is left out. */
export function parseHash(hash: string): Map<string, string> {
  const entries = new Map<string, string>();
  if (hash.length > MAX_HASH) {
    return entries;
  }
  for (const part of splitHash(hash)) {
    const separator = part.indexOf("=");
    if (separator < 0) {
      continue;
    }
    const key = decode(part.slice(0, separator));
    const value = decode(part.slice(separator + 1));
    if (key?.startsWith(PREFIX) && value !== null) {
      entries.set(key.slice(PREFIX.length), value);
    }
  }
  return entries;
}

/** Replaces our entries and keeps all others, with their order. */
export function formatHash(hash: string, entries: ReadonlyMap<string, string>): string {
  const foreign = splitHash(hash).filter((part) => {
    const key = decode(part.split("=", 1)[0] ?? "");
    return !key?.startsWith(PREFIX);
  });
  const own = [...entries].map(
    ([key, value]) =>
      `${encodeURIComponent(PREFIX + key)}=${encodeURIComponent(value)}`,
  );
  return `#${[...(foreign.length > 0 ? foreign : [PLUGIN]), ...own].join("&")}`;
}

function splitHash(hash: string): string[] {
  return hash
    .replace(/^#/, "")
    .split("&")
    .filter((part) => part !== "");
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
