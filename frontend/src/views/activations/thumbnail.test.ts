import { describe, expect, it } from "vitest";
import { cssPixel } from "../../model/color_scale";
import { layerActivation, tensor, thumbnailTensors } from "../../testing/fake_logs";
import { miniaturePixels, takeMiniature } from "./thumbnail";

const LOW = cssPixel("#440154");
const HIGH = cssPixel("#fde725");
const NAN = cssPixel("#e6007e");

function draw(codes: number[], change: Parameters<typeof layerActivation>[1]) {
  const side = Math.sqrt(codes.length);
  const tensors = new Map([
    ["codes", tensor(Uint8Array.from(codes), [1, side, side])],
    ["low", tensor(Float32Array.of(0))],
    ["high", tensor(Float32Array.of(3))],
  ]);
  const image = takeMiniature(tensors, layerActivation("a", change), 0);
  return image === null ? null : Array.from(miniaturePixels(image, false));
}

describe("a miniature", () => {
  it("goes from low to high, with a colour of its own for no number", () => {
    expect(draw([0, 254, 255, 0], {})).toEqual([LOW, HIGH, NAN, LOW]);
  });

  it("shows a sequence with time to the right", () => {
    expect(draw([0, 254, 255, 0], { kind: "sequence" })).toEqual([LOW, NAN, HIGH, LOW]);
  });

  it("is not there for a layer that has none", () => {
    const entry = layerActivation("a");
    expect(takeMiniature(thumbnailTensors(2), entry, 1)).not.toBeNull();
    expect(takeMiniature(thumbnailTensors(2), entry, 2)).toBeNull();
    expect(takeMiniature(thumbnailTensors(2), entry, -1)).toBeNull();
    expect(() => takeMiniature(new Map(), entry, 0)).toThrow('no array "codes"');
  });
});
