/** The graph: canvas, buttons over it, and what moves it. */

import { batch, type Signal, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { ErrorNote } from "../../components/states";
import { nodesWithNotes } from "../../model/advice/advice";
import { createMarks } from "../../model/compare/diff_marks";
import { formatCount } from "../../model/format";
import type { Card } from "../../model/graph/cards";
import { isGroup } from "../../model/graph/node_tree";
import { READABLE_ZOOM } from "../../model/graph/viewport";
import { valueText } from "../../model/overlay/overlay";
import { MAX_OPEN } from "../../state/place";
import type { Store } from "../../state/store";
import { type ArchitectureModel, foldNode, selectedCall } from "./architecture_model";
import { comparedOf } from "./compared";
import { foundIn } from "./found";
import { readGraphColors } from "./graph_colors";
import { GraphController } from "./graph_controller";
import { listenToGraph } from "./graph_input";
import { LayoutProgress, type Progress } from "./layout_progress";
import { Minimap } from "./minimap";
import type { NodeOverlay } from "./node_overlay";
import { OverlayLegend } from "./overlay_legend";
import { askForPaths, awaitsEnd, PathsBar, usePathTrace } from "./paths_bar";
import { useAdvice } from "./use_advice";
import { useNodeOverlay } from "./use_node_overlay";
import type { ViewMemory } from "./view_memory";

interface Tip {
  readonly x: number;
  readonly y: number;
  readonly card: Card;
  readonly node: number;
}

/** Draws the graph and follows the selection. */
export function GraphView({
  store,
  model,
  memory,
  controller,
}: {
  store: Store;
  model: ArchitectureModel;
  memory: ViewMemory;
  controller: Signal<GraphController | null>;
}) {
  const root = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const buttons = useRef<HTMLDivElement>(null);
  const error = useSignal("");
  const changes = useSignal(0);
  const layout = useSignal<Progress | null>(null);
  const tip = useSignal<Tip | null>(null);
  // What this view selected itself is in sight already.
  const own = useRef<number | null>(null);
  const shownMemory = useRef(memory);
  const current = useRef(model);
  current.current = model;

  useEffect(() => {
    if (!root.current || !canvas.current || !buttons.current) {
      return undefined;
    }
    const graph = new GraphController(
      { canvas: canvas.current, buttons: buttons.current },
      {
        onChange: () => {
          changes.value += 1;
        },
        onError: (message) => {
          error.value = message;
        },
        onOpen: (keys) => {
          store.open.value = (keys?.length ?? 0) > MAX_OPEN ? null : keys;
        },
        onBusy: (busy) => {
          layout.value = busy ? { done: 0, total: 0 } : null;
        },
        onProgress: (done, total) => {
          layout.value = { done, total };
        },
      },
    );
    const select = (node: number | null) => {
      const chosen = node === null ? undefined : current.current.graph.nodes[node];
      own.current = node;
      if (node !== null && awaitsEnd(store)) {
        askForPaths(store, current.current.graph, node);
      }
      batch(() => {
        shownMemory.current.fold.value = chosen?.fold ? chosen.key : null;
        store.selectLayer(chosen?.call?.layer ?? null, chosen?.call?.call ?? 0);
      });
    };
    const stop = listenToGraph(root.current, graph, {
      onSelect: select,
      onToggle: (node) => graph.toggle(node),
      onEnter: (node) => {
        const { graph: layers } = current.current;
        const call = layers.nodes[node]?.call ?? null;
        if (isGroup(layers.tree, node)) {
          graph.toggle(node);
        } else if (call !== null) {
          store.openActivations(call.layer, call.call);
        }
      },
      onHover: (node, x, y) => {
        graph.setHovered(node);
        const card = node === null ? undefined : current.current.cards[node];
        const small = graph.view.zoom < READABLE_ZOOM;
        const detailed = small || store.color.value !== null;
        tip.value =
          node !== null && card !== undefined && detailed ? { x, y, card, node } : null;
      },
      onPaths: (node) => askForPaths(store, current.current.graph, node),
      onEscape: () => {
        if (store.paths.value === null) {
          select(null);
        } else {
          store.paths.value = null;
        }
      },
    });
    controller.value = graph;
    return () => {
      stop();
      graph.destroy();
      controller.value = null;
    };
  }, [store, controller, error, changes, tip]);

  useEffect(() => {
    error.value = "";
    if (shownMemory.current !== memory) {
      shownMemory.current = memory;
      own.current = null;
    }
    controller.value?.setGraph(model, memory);
  }, [model, memory, controller.value, error]);

  useSignalEffect(() => {
    void store.page.dark.value;
    if (controller.value !== null && root.current !== null) {
      controller.value.setColors(readGraphColors(root.current));
    }
  });

  const path = store.layer.value;
  const number = store.node.value;
  const fold = path === null ? memory.fold.value : null;
  useEffect(() => {
    const { graph } = model;
    const node =
      fold === null ? selectedCall(graph, path, number) : foldNode(graph, fold);
    const call = node === null ? null : graph.nodes[node]?.call;
    const related = call == null ? [] : (graph.callsOf.get(call.layer) ?? []);
    const show = node !== own.current;
    own.current = node;
    controller.value?.select(node, new Set(related), show);
  }, [model, path, number, fold, controller.value]);

  const overlay = useNodeOverlay(store, model, controller, changes);
  const advice = useAdvice(model.graph);
  const notes = useMemo(() => nodesWithNotes(model.graph, advice), [model, advice]);
  useEffect(() => {
    controller.value?.setNoted(notes);
  }, [notes, controller.value]);

  const found = foundIn(store, model).layers;
  useEffect(() => {
    const nodes = found.flatMap((layer) => model.graph.callsOf.get(layer.path) ?? []);
    controller.value?.setMarked(new Set(nodes));
  }, [model, found, controller.value]);

  const diff = comparedOf(store, model.graph.graph)?.diff;
  useEffect(() => {
    const marks = diff === undefined ? new Map() : createMarks(model.graph, diff);
    controller.value?.setMarks(marks);
  }, [model, diff, controller.value]);

  const trace = usePathTrace(store, model, controller.value);

  return (
    <>
      {overlay.metric !== null && (
        <OverlayLegend
          metric={overlay.metric}
          overlay={overlay.shown}
          groups={overlay.groups}
          statistics={overlay.statistics}
          step={overlay.step}
          dark={store.page.dark.value}
          onClose={() => store.setColor(null)}
        />
      )}
      <div
        class="kv-graph"
        ref={root}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: keys pan and zoom it.
        tabIndex={0}
        role="application"
        aria-label={
          "Graph of the layers. Arrow keys follow the edges, Enter opens a nested " +
          "model, plus and minus zoom, f shows all, p asks for paths, slash searches."
        }
      >
        <canvas ref={canvas} class="kv-graph-canvas" aria-hidden="true" />
        <div class="kv-graph-buttons" ref={buttons} />
        <PathsBar store={store} model={model} trace={trace} />
        {layout.value !== null && (
          <LayoutProgress
            progress={layout.value}
            onCancel={() => controller.value?.cancel()}
          />
        )}
        {error.value !== "" && <ErrorNote message={error.value} />}
        {controller.value !== null && (
          <Minimap store={store} controller={controller.value} changes={changes} />
        )}
        {tip.value !== null && <CardTip tip={tip.value} overlay={overlay.shown} />}
      </div>
    </>
  );
}

/** What a card says, where it is too small to say it. */
function CardTip({ tip, overlay }: { tip: Tip; overlay: NodeOverlay | null }) {
  const { card } = tip;
  return (
    <div
      class="kv-card-tip"
      style={{ left: `${tip.x + 14}px`, top: `${tip.y + 16}px` }}
      aria-hidden="true"
    >
      <strong>{card.title}</strong>
      <span>
        {card.className}
        {card.params !== "" && ` · ${card.params} parameters`}
      </span>
      <span class="kv-mono">{card.shape}</span>
      {overlay !== null && (
        <span>
          {overlay.metric.title}: <strong>{valueText(overlay.values, tip.node)}</strong>
          {overlay.values.step !== null &&
            ` at step ${formatCount(overlay.values.step)}`}
        </span>
      )}
    </div>
  );
}
