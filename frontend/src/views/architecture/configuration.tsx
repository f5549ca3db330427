/** The configuration of a layer: first what differs from the class's defaults. */

import type { LayerNode } from "../../wire/generated";
import { ConfigTree } from "./config_tree";
import { Section } from "./facts";

/** All of a configuration; what is as by default is folded away. */
export function Configuration({ layer }: { layer: LayerNode }) {
  const { config, config_notes } = layer;
  const keys = Object.keys(config);
  const chosen = keys.filter((key) => layer.non_default.includes(key));
  const rest = keys.filter((key) => !chosen.includes(key));
  const pick = (names: readonly string[]) =>
    Object.fromEntries(names.map((name) => [name, config[name]]));
  return (
    <>
      {keys.length > 0 && (
        <Section title="Configuration">
          {chosen.length === 0 ? (
            <ConfigTree config={config} />
          ) : (
            <>
              <ConfigTree config={pick(chosen)} />
              {rest.length > 0 && (
                <details class="kv-arch-rest">
                  <summary>
                    {rest.length === 1 ? "1 entry" : `${rest.length} entries`} as by
                    default
                  </summary>
                  <ConfigTree config={pick(rest)} />
                </details>
              )}
            </>
          )}
        </Section>
      )}
      {config_notes.length > 0 && (
        <Section title="Of its configuration">
          <ul class="kv-arch-list">
            {config_notes.map((note) => (
              <li key={note}>{note}</li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
