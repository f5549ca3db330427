import { describe, expect, it } from "vitest";
import { valuesOf } from "../testing/fake_logs";
import { DataError } from "./data_source";
import { HttpDataSource } from "./http_data_source";

type Answer = () => Response | Promise<Response>;

function sourceOf(answer: Answer) {
  const asked: string[] = [];
  const source = new HttpDataSource("./", async (address) => {
    asked.push(String(address));
    return answer();
  });
  return { source, asked };
}

function json(value: unknown): Response {
  return new Response(JSON.stringify(value), {
    headers: { "Content-Type": "application/json" },
  });
}

function plain(text: string, status: number): Response {
  return new Response(text, {
    status,
    headers: { "Content-Type": "text/plain; charset=utf-8" },
  });
}

describe("HttpDataSource", () => {
  it("asks the routes, with every name encoded", async () => {
    const { source, asked } = sourceOf(() =>
      json({ version: 1, layers: [], nodes: [], inputs: [], variables: [] }),
    );
    await source.runs();
    await source.modelGraph("a/b &c", 7);
    await source.status(".");
    await source.probe("r", 0);
    await source.activations("r", 1);
    await source.layerStatistics("r", 9);
    await source.layerTrend("r", "block/conv 1");
    const key = { layer: "a", call: 1, output: 2, sample: 3 };
    await source.unitTrend("r", key, 4);
    await source.unitHealth("r");
    await source.weights("r", 5);
    await source.dynamics("r");
    await source.scalars("r", "train", "epoch_loss");
    expect(asked).toEqual([
      "./runs",
      "./model_graph?run=a%2Fb+%26c&step=7",
      "./status?run=.",
      "./probe?run=r&step=0",
      "./activations?run=r&step=1",
      "./layer_statistics?run=r&step=9",
      "./layer_trend?run=r&layer=block%2Fconv+1",
      "./activations/unit_trend?run=r&layer=a&call=1&output=2&unit=4",
      "./activations/health?run=r",
      "./weights?run=r&step=5",
      "./dynamics?run=r",
      "./scalars?run=r&split=train&tag=epoch_loss",
    ]);
  });

  it("asks for arrays, and reads them", async () => {
    const header = '{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}';
    const body = new Uint8Array(8 + header.length + 2);
    body[0] = header.length;
    body.set(new TextEncoder().encode(header), 8);
    body.set([3, 4], 8 + header.length);
    const { source, asked } = sourceOf(() => new Response(body));
    const key = { layer: "m/conv=1", call: 1, output: 2, sample: 3 };
    const tensors = await source.activationData("r", 5, key);
    expect(valuesOf(tensors, "a")).toEqual([3, 4]);
    await source.thumbnails("r", 5, 0);
    await source.probeData("r", 0, 1, 2);
    expect(asked).toEqual([
      "./activations/data?run=r&step=5&layer=m%2Fconv%3D1&call=1&output=2&sample=3",
      "./activations/thumbnails?run=r&step=5&sample=0",
      "./probe/data?run=r&step=0&input=1&sample=2",
    ]);
  });

  it("shows the server's own sentence", async () => {
    const { source } = sourceOf(() => plain("There is no run 'x'.\n", 404));
    const failure = await source.runs().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    expect(failure).toMatchObject({
      message: "There is no run 'x'.",
      kind: "not_found",
    });
  });

  it.each([
    [
      "an HTML page",
      () =>
        new Response("<h1>no</h1>", {
          status: 500,
          headers: { "Content-Type": "text/html" },
        }),
    ],
    ["nothing", () => plain("", 502)],
    ["no answer", () => Promise.reject(new TypeError("Failed to fetch http://x/"))],
    ["no JSON", () => new Response("<html>")],
    ["newer data", () => json({ version: 99 })],
  ])("words %s as a sentence without an address", async (_, answer) => {
    const { source } = sourceOf(answer);
    const failure = await source.modelGraph("run", 3).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(DataError);
    const { message } = failure as DataError;
    expect(message).toMatch(/^The model graph .*[.?)y]|tb_kerasviz$/);
    expect(message).not.toMatch(/http:|\.\/|<|run=/i);
  });

  it("shortens a sentence that is none", async () => {
    const { source } = sourceOf(() => plain("x".repeat(10_000), 400));
    const failure = await source.runs().catch((error: unknown) => error);
    expect((failure as DataError).message.length).toBe(500);
  });

  it("aborts the request with the one who asked", async () => {
    const abort = new AbortController();
    let requested: AbortSignal | null | undefined;
    const source = new HttpDataSource("./", (_, init) => {
      requested = init?.signal;
      return new Promise((_resolve, reject) => {
        init?.signal?.addEventListener("abort", () => reject(init.signal?.reason));
      });
    });
    const answer = source.runs(abort.signal);
    abort.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    expect(requested?.aborted).toBe(true);
  });

  it("asks again after a reload, and keeps the object if nothing changed", async () => {
    let name = "a";
    const { source, asked } = sourceOf(() => json({ version: 1, runs: [], name }));
    const first = await source.runs();
    expect(await source.runs()).toBe(first);
    source.revalidate();
    expect(await source.runs()).toBe(first);
    name = "b";
    source.revalidate();
    expect(await source.runs()).not.toBe(first);
    expect(asked.length).toBe(3);
  });
});
