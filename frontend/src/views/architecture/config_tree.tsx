/** A configuration as a tree whose branches open and close. */

import { useState } from "preact/hooks";
import { isObject, summarize } from "../../model/config_text";

/** Entries of one branch that are shown before "more" is pressed. */
const FIRST_ENTRIES = 40;

/** The entries of a configuration. */
export function ConfigTree({
  config,
}: {
  config: { readonly [key: string]: unknown };
}) {
  return <Entries value={config} />;
}

function Entries({ value }: { value: object }) {
  const [all, setAll] = useState(false);
  const entries = Array.isArray(value)
    ? value.map((item, i) => [String(i), item] as const)
    : Object.entries(value);
  const shown = all ? entries : entries.slice(0, FIRST_ENTRIES);
  return (
    <ul class="kv-config">
      {shown.map(([key, item]) => (
        <Entry key={key} name={key} value={item} />
      ))}
      {shown.length < entries.length && (
        <li>
          <button type="button" class="kv-arch-link" onClick={() => setAll(true)}>
            {entries.length - shown.length} more
          </button>
        </li>
      )}
    </ul>
  );
}

function Entry({ name, value }: { name: string; value: unknown }) {
  const [open, setOpen] = useState(false);
  const summary = summarize(value);
  const branch = isObject(value) && !summary.complete;
  const text = (
    <>
      <span class="kv-config-key" dir="auto">
        {name}
      </span>{" "}
      <span class="kv-config-value" dir="auto">
        {summary.text}
      </span>
    </>
  );
  if (!branch) {
    return <li class="kv-config-leaf">{text}</li>;
  }
  return (
    <li>
      <button
        type="button"
        class="kv-config-branch"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {text}
      </button>
      {open && <Entries value={value} />}
    </li>
  );
}
