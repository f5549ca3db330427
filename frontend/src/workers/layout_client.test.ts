import { afterEach, describe, expect, test, vi } from "vitest";
import { createLayerGraph } from "../model/graph/layer_graph";
import { liftLinks } from "../model/graph/lifted_edges";
import { NestedLayout } from "../model/layout/nested_layout";
import { createNested } from "../model/test_graphs";
import { createLayoutClient } from "./layout_client";
import type { LayoutRequest, LayoutResponse } from "./layout_messages";

const { tree } = createLayerGraph(createNested());
const edges = liftLinks(tree);
const sizes = {
  widths: new Float32Array(tree.size).fill(160),
  heights: new Float32Array(tree.size).fill(60),
};
const CLOSED = new Uint8Array(tree.size);
const EXPECTED = new NestedLayout(tree, edges, sizes).layout(CLOSED);

/** Stands for the browser's Worker, which is not there in these tests. */
class ScriptedWorker {
  static last: ScriptedWorker;
  readonly asked: LayoutRequest[] = [];
  terminated = false;
  onmessage: ((event: { data: LayoutResponse }) => void) | null = null;
  onerror: ((event: { preventDefault: () => void }) => void) | null = null;

  constructor() {
    ScriptedWorker.last = this;
  }

  postMessage(message: LayoutRequest): void {
    this.asked.push(message);
  }

  terminate(): void {
    this.terminated = true;
  }
}

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("asking for a layout", () => {
  test("works without workers", async () => {
    vi.stubGlobal("Worker", undefined);
    const client = createLayoutClient();
    client.setGraph(tree, edges, sizes);
    expect(await client.layout(CLOSED)).toEqual(EXPECTED);
  });

  test("only the latest request is answered", async () => {
    vi.stubGlobal("Worker", ScriptedWorker);
    const client = createLayoutClient();
    client.setGraph(tree, edges, sizes);
    const first = client.layout(CLOSED);
    const second = client.layout(CLOSED);
    expect(await first).toBeNull();
    const worker = ScriptedWorker.last;
    expect(worker.asked.map((message) => message.type)).toEqual([
      "graph",
      "layout",
      "layout",
    ]);
    worker.onmessage?.({ data: { type: "failed", request: 1, message: "late" } });
    worker.onmessage?.({ data: { type: "scene", request: 2, scene: EXPECTED } });
    expect(await second).toBe(EXPECTED);
  });

  test("an error in the worker reaches the asker", async () => {
    vi.stubGlobal("Worker", ScriptedWorker);
    const client = createLayoutClient();
    client.setGraph(tree, edges, sizes);
    const asked = client.layout(CLOSED);
    const data: LayoutResponse = { type: "failed", request: 1, message: "no memory" };
    ScriptedWorker.last.onmessage?.({ data });
    await expect(asked).rejects.toThrow("no memory");
  });

  test("does without a worker that cannot be loaded", async () => {
    vi.stubGlobal("Worker", ScriptedWorker);
    const client = createLayoutClient();
    client.setGraph(tree, edges, sizes);
    const asked = client.layout(CLOSED);
    ScriptedWorker.last.onerror?.({ preventDefault: () => {} });
    expect(await asked).toEqual(EXPECTED);
    expect(await client.layout(CLOSED)).toEqual(EXPECTED);
  });

  test("a layout is given up, and the next one is worked on by another worker", async () => {
    vi.stubGlobal("Worker", ScriptedWorker);
    const told: number[] = [];
    const client = createLayoutClient((done) => told.push(done));
    client.setGraph(tree, edges, sizes);
    const slow = client.layout(CLOSED);
    const busy = ScriptedWorker.last;
    busy.onmessage?.({ data: { type: "progress", request: 1, done: 3, total: 9 } });
    expect(told).toEqual([3]);
    client.cancel();
    expect(await slow).toBeNull();
    expect(busy.terminated).toBe(true);
    const next = client.layout(CLOSED);
    const worker = ScriptedWorker.last;
    expect(worker).not.toBe(busy);
    expect(worker.asked.map((message) => message.type)).toEqual(["graph", "layout"]);
    worker.onmessage?.({ data: { type: "scene", request: 2, scene: EXPECTED } });
    expect(await next).toBe(EXPECTED);
  });

  test("nobody waits once it is over", async () => {
    vi.stubGlobal("Worker", ScriptedWorker);
    const client = createLayoutClient();
    client.setGraph(tree, edges, sizes);
    const asked = client.layout(CLOSED);
    client.destroy();
    expect(await asked).toBeNull();
    expect(ScriptedWorker.last.terminated).toBe(true);
  });
});
