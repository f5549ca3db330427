/** The data of the plugin's HTTP routes. The only place that fetches. */

import {
  completeActivations,
  completeModelGraph,
  completeProbe,
  completeStatus,
  completeWeights,
} from "../wire/complete";
import { decodeDocument, WireError } from "../wire/decode";
import type {
  ActivationIndex,
  Document,
  DynamicsSummary,
  LayerStatistics,
  LayerTrend,
  ModelGraph,
  ProbeIndex,
  RunList,
  ScalarTrend,
  Status,
  TrainingVerdicts,
  UnitHealth,
  UnitTrend,
  WeightIndex,
} from "../wire/generated";
import { decodeSafetensors, type Tensors } from "../wire/safetensors";
import {
  type ActivationKey,
  DataError,
  type DataSource,
  type DynamicsQuantity,
  type OutputKey,
  type StepCells,
} from "./data_source";
import { type Loaded, RequestCache } from "./request_cache";

const CACHE_BYTES = 96 * 2 ** 20;
/** An object read from JSON takes about this many times its text's bytes. */
const OBJECT_FACTOR = 4;
/** Longest sentence of the server's that is shown. */
const MAX_SENTENCE = 500;

/** Documents from this size on are read in several steps. */
const LARGE_BYTES = 4 * 2 ** 20;

/** Makes a request, as the browser's `fetch` does. */
export type MakeRequest = typeof fetch;

type Parameters = Readonly<Record<string, string | number>>;

/** Reads the routes below the document's base address. */
export class HttpDataSource implements DataSource {
  private readonly cache = new RequestCache(CACHE_BYTES);

  /**
   * @param base Where the routes are; relative to the document's base address.
   * @param request Makes a request; `fetch` but for tests.
   */
  constructor(
    private readonly base = "./",
    private readonly request: MakeRequest = (...args) => fetch(...args),
  ) {}

  revalidate(): void {
    this.cache.revalidate();
  }

  runs(signal?: AbortSignal): Promise<RunList> {
    return this.document("runs", {}, "The list of runs", signal);
  }

  modelGraph(run: string, step: number, signal?: AbortSignal): Promise<ModelGraph> {
    const asked = { run, step };
    const what = "The model graph";
    return this.document("model_graph", asked, what, signal, completeModelGraph);
  }

  status(run: string, signal?: AbortSignal): Promise<Status> {
    const what = "The status of the log";
    return this.document("status", { run }, what, signal, completeStatus);
  }

  probe(run: string, step: number, signal?: AbortSignal): Promise<ProbeIndex> {
    return this.document("probe", { run, step }, "The probe", signal, completeProbe);
  }

  probeData(
    run: string,
    step: number,
    input: number,
    sample: number,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, input, sample };
    return this.tensors("probe/data", parameters, "The probe's input", signal);
  }

  activations(
    run: string,
    step: number,
    signal?: AbortSignal,
  ): Promise<ActivationIndex> {
    const asked = { run, step };
    const what = "The list of activations";
    return this.document("activations", asked, what, signal, completeActivations);
  }

  thumbnails(
    run: string,
    step: number,
    sample: number,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, sample };
    return this.tensors("activations/thumbnails", parameters, "The miniatures", signal);
  }

  activationData(
    run: string,
    step: number,
    key: ActivationKey,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, ...key };
    return this.tensors("activations/data", parameters, "The activation", signal);
  }

  activationUnits(
    run: string,
    step: number,
    key: OutputKey,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, ...outputOnly(key) };
    return this.tensors("activations/units", parameters, "The units", signal);
  }

  modelOutput(
    run: string,
    step: number,
    output: number,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, output };
    return this.tensors("activations/outputs", parameters, "The outputs", signal);
  }

  unitTrend(
    run: string,
    key: OutputKey,
    unit: number,
    signal?: AbortSignal,
  ): Promise<UnitTrend> {
    const parameters = { run, ...outputOnly(key), unit };
    const what = "The unit's trend";
    return this.document("activations/unit_trend", parameters, what, signal);
  }

  unitHealth(run: string, signal?: AbortSignal): Promise<UnitHealth> {
    return this.document("activations/health", { run }, "The unit health", signal);
  }

  weights(run: string, step: number, signal?: AbortSignal): Promise<WeightIndex> {
    const what = "The list of weights";
    return this.document("weights", { run, step }, what, signal, completeWeights);
  }

  weightData(
    run: string,
    step: number,
    variable: string,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const parameters = { run, step, variable };
    return this.tensors("weights/data", parameters, "The weights", signal);
  }

  weightTrend(run: string, variable: string, signal?: AbortSignal): Promise<Tensors> {
    const what = "The weights' trend";
    return this.tensors("weights/trend", { run, variable }, what, signal);
  }

  weightNorms(run: string, signal?: AbortSignal): Promise<Tensors> {
    return this.tensors("weights/norms", { run }, "The norms of the weights", signal);
  }

  gradientTrend(run: string, variable: string, signal?: AbortSignal): Promise<Tensors> {
    const what = "The histograms of the gradient";
    return this.tensors("gradients/trend", { run, variable }, what, signal);
  }

  dynamics(run: string, signal?: AbortSignal): Promise<DynamicsSummary> {
    return this.document("dynamics", { run }, "The list of dynamics", signal);
  }

  dynamicsMap(
    run: string,
    quantity: DynamicsQuantity,
    range: StepCells,
    signal?: AbortSignal,
  ): Promise<Tensors> {
    const { first, last, cells } = range;
    const asked = { run, quantity, first, last, cells };
    return this.tensors("dynamics/map", asked, "The dynamics", signal);
  }

  stepDynamics(run: string, range: StepCells, signal?: AbortSignal): Promise<Tensors> {
    const { first, last, cells } = range;
    const asked = { run, first, last, cells };
    return this.tensors("dynamics/steps", asked, "The steps' dynamics", signal);
  }

  verdicts(
    skip: number,
    count: number,
    signal?: AbortSignal,
  ): Promise<TrainingVerdicts> {
    const what = "What is said of the runs";
    return this.document("dynamics/verdicts", { skip, count }, what, signal);
  }

  scalars(
    run: string,
    split: string,
    tag: string,
    signal?: AbortSignal,
  ): Promise<ScalarTrend> {
    return this.document("scalars", { run, split, tag }, `The scalar ${tag}`, signal);
  }

  layerStatistics(
    run: string,
    step: number,
    signal?: AbortSignal,
  ): Promise<LayerStatistics> {
    const what = "The statistics of the layers";
    return this.document("layer_statistics", { run, step }, what, signal);
  }

  layerTrend(run: string, layer: string, signal?: AbortSignal): Promise<LayerTrend> {
    return this.document("layer_trend", { run, layer }, "The layer's trend", signal);
  }

  private document<T extends Document>(
    route: string,
    parameters: Parameters,
    what: string,
    signal: AbortSignal | undefined,
    complete: (document: T) => T = (document) => document,
  ): Promise<T> {
    return this.load(route, parameters, what, signal, async (response) => {
      const buffer = await response.arrayBuffer();
      const large = buffer.byteLength > LARGE_BYTES;
      const text = new TextDecoder().decode(buffer);
      // A large one is read in steps, between which the page stays alive.
      await (large && nextTask());
      const print = fingerprint(buffer);
      await (large && nextTask());
      return {
        value: complete(decodeDocument<T>(text, what)),
        bytes: buffer.byteLength * OBJECT_FACTOR,
        // Documents are compared by their text, so that a reload that brings
        // nothing new changes nothing on the screen.
        fingerprint: print,
      };
    });
  }

  private tensors(
    route: string,
    parameters: Parameters,
    what: string,
    signal: AbortSignal | undefined,
  ): Promise<Tensors> {
    return this.load(route, parameters, what, signal, async (response) => {
      const buffer = await response.arrayBuffer();
      return {
        value: decodeSafetensors(buffer, what),
        bytes: buffer.byteLength,
        fingerprint: fingerprint(buffer),
      };
    });
  }

  private load<T>(
    route: string,
    parameters: Parameters,
    what: string,
    signal: AbortSignal | undefined,
    read: (response: Response) => Promise<Loaded<T>>,
  ): Promise<T> {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries(parameters)) {
      query.set(name, String(value));
    }
    const tail = query.size > 0 ? `?${query}` : "";
    const ask = async (abort: AbortSignal): Promise<Loaded<T>> => {
      const response = await this.ask(`${this.base}${route}${tail}`, what, abort);
      try {
        return await read(response);
      } catch (error) {
        throw abort.aborted ? error : describe(error, what);
      }
    };
    return this.cache.get(`${route}${tail}`, ask, signal);
  }

  private async ask(
    address: string,
    what: string,
    signal: AbortSignal,
  ): Promise<Response> {
    let response: Response;
    try {
      response = await this.request(address, { signal });
    } catch (error) {
      if (signal.aborted) {
        throw error;
      }
      throw new DataError(
        `${what} did not arrive: TensorBoard does not answer. Is it still running?`,
        "unreachable",
      );
    }
    if (!response.ok) {
      const sentence = await readSentence(response);
      throw new DataError(
        sentence ?? `${what} could not be read (HTTP status ${response.status}).`,
        response.status === 404 ? "not_found" : "refused",
      );
    }
    return response;
  }
}

/** A key without what it may hold besides, since routes refuse what they do not know. */
function outputOnly({ layer, call, output }: OutputKey) {
  return { layer, call, output };
}

/** The server words its errors for the user, as plain text. */
async function readSentence(response: Response): Promise<string | null> {
  if (!response.headers.get("Content-Type")?.startsWith("text/plain")) {
    return null;
  }
  try {
    const text = (await response.text()).trim();
    return text === "" ? null : text.slice(0, MAX_SENTENCE);
  } catch {
    return null;
  }
}

function describe(error: unknown, what: string): DataError {
  if (error instanceof WireError) {
    return new DataError(error.message, "unreadable");
  }
  return new DataError(`${what} broke off while it was read.`, "unreadable");
}

function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0);
  });
}

/** Tells answers apart, by their length and two hashes. */
function fingerprint(buffer: ArrayBuffer): string {
  let first = 0xdeadbeef | 0;
  let second = 0x41c6ce57;
  // Four bytes at a time: the largest documents have tens of millions.
  const words = new Int32Array(buffer, 0, buffer.byteLength >>> 2);
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] as number;
    first = Math.imul(first ^ word, 0x9e3779b1);
    first ^= first >>> 16;
    second = Math.imul(second ^ word, 0x5f356495);
    second ^= second >>> 13;
  }
  for (const byte of new Uint8Array(buffer, words.byteLength)) {
    first = Math.imul(first ^ byte, 0x9e3779b1);
    second = Math.imul(second ^ byte, 0x5f356495);
  }
  return `${buffer.byteLength}:${first >>> 0}:${second >>> 0}`;
}
