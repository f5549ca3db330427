/** Answers of the plugin's routes that were recorded by `dev/record.py`. */

import type { MakeRequest } from "../data/http_data_source";

/** Bodies, gzip and base64, by route and query. */
export type Recording = Readonly<Record<string, string>>;

/**
 * Answers requests from a recording; what it lacks is not found.
 *
 * @param recording What was recorded.
 */
export function createRecordedFetch(recording: Recording): MakeRequest {
  const answers = new Map(Object.entries(recording));
  return async (address) => {
    const body = answers.get(String(address).replace(/^\.\//, ""));
    if (body === undefined) {
      return new Response("This was not recorded.", {
        status: 404,
        headers: { "Content-Type": "text/plain" },
      });
    }
    const bytes = Uint8Array.from(atob(body), (letter) => letter.charCodeAt(0));
    const inflated = new Blob([bytes])
      .stream()
      .pipeThrough(new DecompressionStream("gzip"));
    return new Response(await new Response(inflated).arrayBuffer());
  };
}
