/** Saves the architecture: pictures, the graph, the table. */

import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { saveFile } from "../../components/save_file";
import { fileName } from "../../model/export/file_name";
import { formatCount } from "../../model/layer_text";
import type { Store } from "../../state/store";
import { addStyle } from "../../theme/theme";
import { createLazyCode, wait } from "../parts/lazy_code";
import type { ArchitectureModel } from "./architecture_model";
import css from "./export_menu.css?inline";
import { MOST_CARDS, pngScale, type Sheet, wholeSheet } from "./export_sheet";
import type { GraphController } from "./graph_controller";

addStyle(css);

const MENU_WIDTH = 300;

const exportFiles = createLazyCode(() => import("./export_files"));

interface Item {
  readonly label: string;
  readonly format: string;
  readonly hint: string;
  /** Why it cannot be had now; empty if it can. */
  readonly refused: string;
  readonly make: () => Promise<Blob>;
  readonly what: string;
}

/** A button with a menu of files. */
export function ExportMenu({
  store,
  model,
  controller,
}: {
  store: Store;
  model: ArchitectureModel;
  controller: ReadonlySignal<GraphController | null>;
}) {
  const open = useSignal(false);
  const busy = useSignal("");
  const error = useSignal("");
  const side = useSignal<"left" | "right">("right");
  const root = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);

  useEffect(() => {
    if (open.value) {
      root.current?.querySelector<HTMLElement>('[role="menuitem"]')?.focus();
    }
  }, [open.value]);

  const close = () => {
    open.value = false;
    button.current?.focus();
  };
  const save = async (item: Item) => {
    if (item.refused !== "" || busy.value !== "") {
      return;
    }
    busy.value = item.label;
    error.value = "";
    try {
      // A large one holds the page up: first it says what it is at.
      await new Promise((done) => setTimeout(done, 30));
      const blob = await item.make();
      const run = store.run.value ?? "run";
      const step = store.currentStep.value;
      saveFile(fileName(run, item.what, step, item.format.toLowerCase()), blob);
      close();
    } catch (reason) {
      const message = reason instanceof Error ? reason.message : String(reason);
      error.value = `${item.label} could not be saved: ${message}.`;
    } finally {
      busy.value = "";
    }
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const items = [
      ...(root.current?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? []),
    ];
    const at = items.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (event.key === "Escape") {
      close();
    } else if (to !== undefined && items.length > 0) {
      items.at(to % items.length)?.focus();
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="kv-export"
      ref={root}
      onFocusOut={(event) => {
        if (!root.current?.contains(event.relatedTarget as Node | null)) {
          open.value = false;
        }
      }}
    >
      <button
        type="button"
        ref={button}
        class="kv-button"
        aria-haspopup="menu"
        aria-expanded={open.value}
        title="Save the graph or the table as a file"
        onClick={(event) => {
          error.value = "";
          // Wherever the toolbar has put the button, the menu stays in sight.
          const { right } = event.currentTarget.getBoundingClientRect();
          side.value = right < MENU_WIDTH ? "left" : "right";
          open.value = !open.value;
        }}
      >
        Export
      </button>
      {open.value && (
        <div
          class="kv-export-menu"
          role="menu"
          tabIndex={-1}
          style={{ [side.value]: 0, width: `${MENU_WIDTH}px` }}
          onKeyDown={onKeyDown}
        >
          {sectionsOf(store, model, controller.value).map(({ title, items }) => (
            <div key={title} role="group" aria-label={title}>
              <h3>{title}</h3>
              {items.map((item) => (
                <button
                  key={item.label}
                  type="button"
                  role="menuitem"
                  class="kv-export-item"
                  aria-disabled={item.refused !== ""}
                  onClick={() => save(item)}
                >
                  <span class="kv-export-format">{item.format}</span>
                  <span>
                    {item.label}
                    <small>{item.refused || item.hint}</small>
                  </span>
                </button>
              ))}
            </div>
          ))}
          {busy.value !== "" && <p role="status">Making “{busy.value}” …</p>}
          {error.value !== "" && (
            <p class="kv-export-error" role="alert">
              {error.value}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

function sectionsOf(
  store: Store,
  model: ArchitectureModel,
  controller: GraphController | null,
): { title: string; items: Item[] }[] {
  const data: Item[] = [
    {
      label: "Whole graph, for Graphviz",
      format: "DOT",
      hint: "every layer; nested models are clusters",
      refused: "",
      what: "graph",
      make: async () => (await wait(exportFiles)).toWholeDot(model),
    },
    {
      label: "Graph as it was logged",
      format: "JSON",
      hint: "layers, variables, configuration, calls, links",
      refused: "",
      what: "graph",
      make: async () => (await wait(exportFiles)).toJsonFile(model),
    },
    {
      label: "Table of all layers",
      format: "CSV",
      hint: `${formatCount(model.graph.layers.length)} lines; plain numbers`,
      refused: "",
      what: "layers",
      make: async () => (await wait(exportFiles)).toCsvFile(model),
    },
  ];
  const picture = controller?.picture() ?? null;
  if (controller === null || picture === null || store.table.value) {
    return [{ title: "The model", items: data }];
  }
  const background = (): string => {
    const style = getComputedStyle(document.documentElement);
    return style.getPropertyValue("--kv-canvas").trim() || "#ffffff";
  };
  const description = [
    store.run.value ?? "",
    `step ${store.currentStep.value ?? 0}`,
    picture.overlay === null ? "" : `coloured by ${picture.overlay.title}`,
  ]
    .filter(Boolean)
    .join(", ");
  const cards = picture.index.scene.nodes.length;
  const tooMany =
    cards > MOST_CARDS
      ? `${formatCount(cards)} cards are too many for one picture: close some groups`
      : "";
  const seen: Sheet = { ...controller.size, view: picture.view };
  const whole = wholeSheet(picture);
  const pictures = (label: string, sheet: Sheet, refused: string): Item[] => {
    const scale = pngScale(sheet);
    const size = [sheet.width, sheet.height].map((side) => Math.floor(side * scale));
    const what = sheet === seen ? "architecture" : "architecture_whole";
    return [
      {
        label,
        format: "SVG",
        hint: "sharp at every size; texts stay texts",
        refused,
        what,
        make: async () =>
          (await wait(exportFiles)).toSvg(picture, sheet, background(), description),
      },
      {
        label,
        format: "PNG",
        hint: `${size.join(" × ")} pixels`,
        refused,
        what,
        make: async () => (await wait(exportFiles)).toPng(picture, sheet, background()),
      },
    ];
  };
  return [
    { title: "What is on the screen", items: pictures("Picture", seen, "") },
    {
      title: "The whole graph, folded as it is now",
      items: [
        ...pictures("Picture of the whole graph", whole, tooMany),
        {
          label: "Graph as folded, for Graphviz",
          format: "DOT",
          hint: "open groups are clusters",
          refused: "",
          what: "graph_folded",
          make: async () => (await wait(exportFiles)).toFoldedDot(picture),
        },
      ],
    },
    { title: "The model", items: data },
  ];
}
