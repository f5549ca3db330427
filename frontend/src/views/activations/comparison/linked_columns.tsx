/** Things beside each other that scroll as one. */

import type { ComponentChildren } from "preact";

/** A column each; the titles say what they are. */
export function LinkedColumns({
  columns,
}: {
  columns: readonly { readonly title: string; readonly content: ComponentChildren }[];
}) {
  return (
    <div
      class="kv-linked"
      onScrollCapture={(event) => {
        const moved = event.target as HTMLElement;
        for (const other of event.currentTarget.querySelectorAll(".kv-scroller")) {
          if (other !== moved) {
            other.scrollTop = moved.scrollTop;
          }
        }
      }}
    >
      {columns.map(({ title, content }) => (
        <section key={title} class="kv-linked-side" aria-label={title}>
          <h3 class="kv-ellipsis">{title}</h3>
          {content}
        </section>
      ))}
    </div>
  );
}
