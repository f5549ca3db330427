import { describe, expect, it } from "vitest";
import type { LayerNode, ModelGraph, Shape } from "../wire/generated";
import {
  type PictureInput,
  type ReceptiveField,
  receptiveField,
} from "./receptive_field";
import { createLayer, createModel } from "./test_graphs";

type Config = Record<string, unknown>;

function conv(kernel: unknown, change: Config = {}): [string, Config] {
  const strides = [1, 1];
  return ["Conv2D", { kernel_size: kernel, strides, padding: "valid", ...change }];
}

function pool(size: number, change: Config = {}): [string, Config] {
  const pool_size = [size, size];
  return [
    "AveragePooling2D",
    { pool_size, strides: null, padding: "valid", ...change },
  ];
}

/** A chain of layers below a picture, with unknown sizes. */
function chain(steps: readonly [string, Config][]): ModelGraph {
  const layers = steps.map(([class_name, config], at) =>
    createLayer({ path: `l${at}`, class_name, config }),
  );
  return withShapes(
    createModel(
      [input("picture"), ...layers],
      [["picture", null], ...layers.map(({ path }) => [path, null] as const)],
      layers.map((_, at) => [at, at + 1] as const),
    ),
    [null, null, null, null],
  );
}

function input(path: string): LayerNode {
  return createLayer({ path, class_name: "InputLayer", kind: "input" });
}

function withShapes(graph: ModelGraph, shape: Shape): ModelGraph {
  const nodes = graph.nodes.map((node) => ({ ...node, output_shapes: [shape] }));
  return { ...graph, nodes };
}

function picture(height: number, width = height): PictureInput {
  return { name: "picture", index: 0, inputs: 1, height, width };
}

function fieldOf(
  steps: readonly [string, Config][],
  size: number | readonly [number, number],
  map: readonly [number, number],
): ReceptiveField {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  const last = `l${steps.length - 1}`;
  const answer = receptiveField(chain(steps), last, 0, picture(height, width), map);
  if (answer.state === "unknown") {
    throw new Error(answer.reason);
  }
  return answer.field;
}

/** First and last pixel that each row depends on, from the gradients of Keras. */
const MEASURED: readonly {
  name: string;
  steps: readonly [string, Config][];
  size: readonly [number, number];
  columns: number;
  rows: readonly (readonly [number, number])[];
}[] = [
  {
    name: "same padding",
    steps: [conv([3, 3], { padding: "same" }), conv([5, 5], { padding: "same" })],
    size: [9, 8],
    columns: 8,
    rows: [
      ...[
        [0, 3],
        [0, 4],
        [0, 5],
        [0, 6],
        [1, 7],
        [2, 8],
        [3, 8],
        [4, 8],
        [5, 8],
      ],
    ] as [number, number][],
  },
  {
    name: "valid padding and strides",
    steps: [conv([3, 3]), conv([5, 3], { strides: [2, 2] })],
    size: [12, 11],
    columns: 4,
    rows: [
      [0, 6],
      [2, 8],
      [4, 10],
    ],
  },
  {
    name: "strides with uneven padding, then pooling",
    steps: [
      conv([3, 3], { strides: [2, 2], padding: "same" }),
      pool(2),
      conv([3, 3], { padding: "same" }),
    ],
    size: [16, 16],
    columns: 4,
    rows: [
      [0, 8],
      [0, 12],
      [4, 15],
      [8, 15],
    ],
  },
  {
    name: "odd sizes",
    steps: [
      conv([3, 3], { strides: [2, 2], padding: "same" }),
      pool(3, { strides: [2, 2], padding: "same" }),
    ],
    size: [15, 15],
    columns: 4,
    rows: [
      [0, 5],
      [3, 9],
      [7, 13],
      [11, 14],
    ],
  },
  {
    name: "upsampling",
    steps: [
      pool(2),
      ["UpSampling2D", { size: [2, 2] }],
      conv([3, 3], { padding: "same" }),
    ],
    size: [8, 8],
    columns: 8,
    rows: [
      [0, 1],
      [0, 3],
      [0, 3],
      [2, 5],
      [2, 5],
      [4, 7],
      [4, 7],
      [6, 7],
    ],
  },
  {
    name: "a transposed convolution with valid padding",
    steps: [
      conv([4, 4], { strides: [2, 2], padding: "same" }),
      [
        "Conv2DTranspose",
        {
          kernel_size: [4, 4],
          strides: [2, 2],
          padding: "valid",
          output_padding: null,
        },
      ],
    ],
    size: [16, 16],
    columns: 18,
    rows: [
      ...[
        [0, 2],
        [0, 2],
        [0, 4],
        [0, 4],
        [1, 6],
        [1, 6],
        [3, 8],
        [3, 8],
        [5, 10],
        [5, 10],
        [7, 12],
        [7, 12],
        [9, 14],
        [9, 14],
        [11, 15],
        [11, 15],
        [13, 15],
        [13, 15],
      ],
    ] as [number, number][],
  },
];

describe("where a value lies in the picture", () => {
  for (const { name, steps, size, columns, rows } of MEASURED) {
    it(`is where its gradient is: ${name}`, () => {
      const field = fieldOf(steps, size, [rows.length, columns]).rows;
      rows.forEach(([from, to], row) => {
        if (from > 0 && to < size[0] - 1) {
          const centre = field.offset + field.stride * row;
          // A transposed convolution reads half a pixel more on one side.
          expect(Math.abs(centre - (from + to) / 2)).toBeLessThanOrEqual(0.5);
          expect(field.extent).toBeGreaterThanOrEqual(to - from + 1);
          expect(field.extent).toBeLessThanOrEqual(to - from + 2);
        }
      });
    });
  }

  it("is the whole picture with padding and without strides", () => {
    const same = { padding: "same" };
    const { rows } = fieldOf([conv([3, 3], same), conv([5, 5], same)], 9, [9, 9]);
    expect(rows).toEqual({ size: 9, stride: 1, offset: 0, extent: 7 });
  });

  it("is the inner part without padding", () => {
    const { rows, columns } = fieldOf([conv([3, 5])], 10, [8, 6]);
    expect(rows).toEqual({ size: 8, stride: 1, offset: 1, extent: 3 });
    expect(columns).toEqual({ size: 6, stride: 1, offset: 2, extent: 5 });
  });

  it("counts what padding and cropping add and take away", () => {
    const steps: [string, Config][] = [
      conv([3, 3], { dilation_rate: [3, 3] }),
      [
        "ZeroPadding2D",
        {
          padding: [
            [2, 1],
            [0, 3],
          ],
        },
      ],
      [
        "Cropping2D",
        {
          cropping: [
            [1, 0],
            [2, 2],
          ],
        },
      ],
    ];
    const { rows, columns } = fieldOf(steps, 20, [16, 13]);
    expect(rows).toEqual({ size: 16, stride: 1, offset: 2, extent: 7 });
    expect(columns).toEqual({ size: 13, stride: 1, offset: 5, extent: 7 });
  });

  it("passes what keeps each value in its place", () => {
    const steps: [string, Config][] = [
      conv([3, 3]),
      ["BatchNormalization", {}],
      ["my_package>Mish", {}],
    ];
    expect(fieldOf(steps, 6, [4, 4]).rows.offset).toBe(1);
  });

  it("is given up where positions are lost, and says by which layer", () => {
    const graph = chain([conv([3, 3]), ["Permute", { dims: [2, 1, 3] }]]);
    const answer = receptiveField(graph, "l1", 0, picture(6), [4, 4]);
    expect(answer).toEqual({
      state: "unknown",
      reason: "Permute (l1) does not keep rows and columns in their places",
    });
  });

  it("is given up where the configuration does not give the map's size", () => {
    const answer = receptiveField(chain([conv([3, 3])]), "l0", 0, picture(6), [5, 5]);
    expect(answer.state).toBe("unknown");
    expect(JSON.stringify(answer)).toContain("would be 4x4, and it is 5x5");
  });

  it("is given up for a configuration that is damaged", () => {
    const graph = chain([conv("<script>", { strides: [0, -1] })]);
    expect(receptiveField(graph, "l0", 0, picture(6), [4, 4]).state).toBe("unknown");
  });
});

describe("several ways from the picture", () => {
  const names = ["picture", "main", "shortcut", "add", "gate", "scaled"];
  const strided = { kernel_size: [3, 3], strides: [2, 2], padding: "same" };
  const layers = [
    input("picture"),
    createLayer({ path: "main", class_name: "Conv2D", config: strided }),
    createLayer({
      path: "shortcut",
      class_name: "Conv2D",
      config: { ...strided, kernel_size: [1, 1], padding: "valid" },
    }),
    createLayer({ path: "add", class_name: "Add" }),
    createLayer({ path: "gate", class_name: "GlobalAveragePooling2D" }),
    createLayer({ path: "scaled", class_name: "Multiply" }),
  ];
  const shapes: Shape[] = [
    [null, 8, 8, 3],
    [null, 4, 4, 2],
    [null, 4, 4, 2],
    [null, 4, 4, 2],
    [null, 1, 1, 2],
    [null, 4, 4, 2],
  ];
  const model = createModel(
    layers,
    names.map((path) => [path, null] as const),
    [
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
      [3, 4],
      [3, 5],
      [4, 5],
    ],
  );
  const graph = {
    ...model,
    nodes: model.nodes.map((node, at) => ({
      ...node,
      output_shapes: [shapes[at] ?? []],
    })),
  };

  it("takes the middle of branches that differ by a pixel", () => {
    const answer = receptiveField(graph, "add", 0, picture(8), [4, 4]);
    // 2 i + 1 by one branch, 2 i by the other: pixels 0 to 2 together.
    expect(answer).toMatchObject({
      field: { rows: { size: 4, stride: 2, offset: 0.5, extent: 3 } },
    });
  });

  it("follows the input that is of the output's size", () => {
    const answer = receptiveField(graph, "scaled", 0, picture(8), [4, 4]);
    expect(answer).toMatchObject({ field: { rows: { stride: 2, offset: 0.5 } } });
  });

  it("asks for the input that the picture is of", () => {
    const two = createModel(
      [input("left"), input("right"), createLayer({ path: "relu" })],
      [
        ["left", null],
        ["right", null],
        ["relu", null],
      ],
      [[1, 2]],
    );
    const sized = withShapes(two, [null, 4, 4, 1]);
    const by = (name: string, index: number) =>
      receptiveField(
        sized,
        "relu",
        0,
        { ...picture(4), name, index, inputs: 2 },
        [4, 4],
      );
    expect(by("right", 1).state).toBe("known");
    expect(by("left", 0)).toMatchObject({
      reason: "no path of the graph leads from this picture to this layer",
    });
    // Where names are not the model's, the order counts.
    expect(by("image", 1).state).toBe("known");
  });

  it("is that of the last layer in a nested model", () => {
    const config = { kernel_size: [3, 3], strides: [1, 1], padding: "valid" };
    const nested = createModel(
      [
        input("picture"),
        createLayer({
          path: "block",
          class_name: "Functional",
          kind: "model",
          children: [
            input("block/in"),
            createLayer({ path: "block/conv", class_name: "Conv2D", config }),
          ],
        }),
      ],
      [
        ["picture", null],
        ["block", null],
        ["block/in", 1],
        ["block/conv", 1],
      ],
      [
        [0, 2],
        [2, 3],
      ],
    );
    const sized = withShapes(nested, [null, null, null, 1]);
    const answer = receptiveField(sized, "block", 0, picture(6), [4, 4]);
    expect(answer).toMatchObject({ field: { columns: { offset: 1, size: 4 } } });
  });
});
