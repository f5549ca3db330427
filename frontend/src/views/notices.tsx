/** What tb_kerasviz has to say about the log itself. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Icon } from "../components/icons";
import { describeCost } from "../model/logging_cost";
import { shownValue } from "../state/loadable";
import type { Store } from "../state/store";
import type { Status } from "../wire/generated";

/** Sentences for what a writer dropped or refused. */
export function describeLosses(status: Status): string[] {
  const sentences = (counts: { readonly [tag: string]: number }, what: string) =>
    Object.entries(counts)
      .filter(([, count]) => count > 0)
      .map(
        ([tag, count]) =>
          `${count.toLocaleString("en")} ${count === 1 ? "record" : "records"} of ` +
          `"${tag}" ${count === 1 ? "was" : "were"} ${what}.`,
      );
  return [
    ...sentences(status.dropped, "dropped, since writing could not keep up"),
    ...sentences(status.refused, "not logged, since the step was not a new one"),
  ];
}

/** A button that opens the list of notices; it stands out when there are some. */
export function NoticesButton({ store }: { store: Store }) {
  const open = useSignal(false);
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const onPointerDown = (event: PointerEvent) => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) {
        open.value = false;
      }
    };
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === "Escape") {
        open.value = false;
      }
    };
    document.addEventListener("pointerdown", onPointerDown);
    document.addEventListener("keydown", onKeyDown);
    return () => {
      document.removeEventListener("pointerdown", onPointerDown);
      document.removeEventListener("keydown", onKeyDown);
    };
  }, [open]);

  const loadable = store.status.value;
  const status = shownValue(loadable);
  const notices = status?.notices ?? [];
  const losses = status === undefined ? [] : describeLosses(status);
  const costs = status === undefined ? [] : describeCost(status);
  const failure = loadable.state === "error" ? [loadable.message] : [];
  const count = notices.length + losses.length + failure.length;
  const name = count === 1 ? "1 notice" : `${count} notices`;
  return (
    <div class="kv-notices" ref={root}>
      <button
        type="button"
        class="kv-button kv-notices-button"
        data-alarm={count > 0}
        aria-expanded={open.value}
        aria-haspopup="dialog"
        title={
          "What the callback reported while it logged this run" +
          (costs[0] === undefined ? "" : `. ${costs[0].text}.`)
        }
        onClick={() => {
          open.value = !open.value;
        }}
      >
        {count > 0 && <Icon name="warning" />}
        {count > 0 ? name : "No notices"}
      </button>
      {open.value && (
        <div class="kv-notices-panel" role="dialog" aria-label="Notices">
          <h2>Notices of this run</h2>
          <ul>
            {failure.map((message) => (
              <li key={message}>{message}</li>
            ))}
            {notices.map((notice) => (
              <li key={`${notice.step} ${notice.topic} ${notice.message}`}>
                <span class="kv-muted">
                  step {notice.step}, {notice.topic}:
                </span>{" "}
                {notice.message}
              </li>
            ))}
            {losses.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {costs.length > 0 && (
            <ul class="kv-notices-costs" aria-label="What logging cost">
              {costs.map((fact) => (
                <li key={fact.text} title={fact.definition}>
                  {fact.text}
                </li>
              ))}
            </ul>
          )}
          {status === undefined ? (
            count === 0 && <p>This run has logged no status yet.</p>
          ) : (
            <p>
              {status.written.toLocaleString("en")} of{" "}
              {status.accepted.toLocaleString("en")} accepted records were written
              {status.closed ? ", and the log was closed" : " so far"}; training waited{" "}
              {status.blocked_secs.toFixed(2)} s for it. tb_kerasviz{" "}
              {status.package_version}.
            </p>
          )}
        </div>
      )}
    </div>
  );
}
