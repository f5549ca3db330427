/** Checks of what arrives, before anything else relies on it. */

import { type Document, WIRE_VERSION } from "./generated";

/** Data that cannot be read; its message is a sentence for the user. */
export class WireError extends Error {
  override readonly name: string = "WireError";
}

/** Data that a newer tb_kerasviz wrote. */
export class NewerVersionError extends WireError {
  override readonly name = "NewerVersionError";
}

/**
 * Refuses data that is newer than this front end.
 *
 * @param version What the data says of itself.
 * @param what What the data is, for the error's text.
 */
export function checkVersion(version: unknown, what: string): void {
  if (typeof version !== "number" || !Number.isInteger(version) || version < 1) {
    const found = version === undefined ? "none" : String(version).slice(0, 40);
    throw new WireError(`${what} has no valid format version: ${found}.`);
  }
  if (version > WIRE_VERSION) {
    throw new NewerVersionError(
      `${what} was written in format ${version}; this tb_kerasviz reads formats ` +
        `up to ${WIRE_VERSION}. Upgrade it: pip install --upgrade tb_kerasviz`,
    );
  }
}

/**
 * Reads a JSON document and checks its version.
 *
 * What is in it is trusted beyond that: the server has validated it against the
 * same definition that the types come from.
 *
 * @param text The document's text.
 * @param what What it is, for the error's text.
 */
export function decodeDocument<T extends Document>(text: string, what: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new WireError(`${what} is not valid JSON.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new WireError(`${what} is not a document.`);
  }
  checkVersion((value as { version?: unknown }).version, what);
  return value as T;
}
