import { describe, expect, test } from "vitest";
import { escapeXml, SvgSurface, type TextMeasure } from "./svg_surface";

const MEASURE: TextMeasure = {
  width: (text) => text.length * 7,
  middle: () => 5,
};

const FRAME = {
  width: 400,
  height: 300,
  background: "#ffffff",
  title: "model",
  description: "a picture",
};

function draw(paint: (surface: SvgSurface) => void, change: object = {}): Document {
  const surface = new SvgSurface(MEASURE);
  paint(surface);
  const text = surface.document({ ...FRAME, ...change }).join("");
  const parsed = new DOMParser().parseFromString(text, "image/svg+xml");
  expect(parsed.querySelector("parsererror")).toBeNull();
  expect(parsed.documentElement.localName).toBe("svg");
  return parsed;
}

const HOSTILE = [
  `</text><script>alert(1)</script>`,
  `"><img src=x onerror='alert(1)'>`,
  "a & b &amp; c ]]> <![CDATA[",
  "line\nbreak\ttab",
  "名前 نام 🙂 \u202eevil",
  "x".repeat(10_000),
];

describe("texts", () => {
  test.each(HOSTILE)("are text and nothing else: %.40s", (hostile) => {
    const picture = draw(
      (surface) => {
        surface.font = "600 14px a, b";
        surface.fillText(hostile, 1, 2);
      },
      { title: hostile, description: hostile },
    );
    expect(picture.querySelector("text")?.textContent).toBe(hostile);
    expect(picture.querySelector("title")?.textContent).toBe(hostile);
    expect(picture.querySelector("desc")?.textContent).toBe(hostile);
    expect(picture.documentElement.children).toHaveLength(4);
  });

  test("lose what XML cannot hold", () => {
    expect(escapeXml("a\0b\u001bc\ud800d\uffffe🙂")).toBe(
      "a\ufffdb\ufffdc\ufffdd\ufffde🙂",
    );
  });

  test("have the font, the place and the size that a canvas would give them", () => {
    const picture = draw((surface) => {
      surface.scale(2, 2);
      surface.translate(-10, -20);
      surface.font = "600 14px Sans, serif";
      surface.fillText("name", 20, 50);
      surface.font = `12px "DejaVu Mono"`;
      surface.textBaseline = "middle";
      surface.textAlign = "right";
      surface.fillText("shape", 30, 60);
    });
    const [name, shape] = picture.querySelectorAll("text");
    expect(name?.getAttribute("x")).toBe("20");
    expect(name?.getAttribute("y")).toBe("60");
    expect(name?.getAttribute("font-size")).toBe("28");
    expect(name?.getAttribute("font-weight")).toBe("600");
    expect(picture.documentElement.getAttribute("font-family")).toBe("Sans, serif");
    // The middle of the letters is where the canvas puts it.
    expect(shape?.getAttribute("y")).toBe("90");
    expect(shape?.getAttribute("text-anchor")).toBe("end");
    expect(shape?.getAttribute("font-family")).toBe(`"DejaVu Mono"`);
  });
});

describe("paths", () => {
  test("that are filled and stroked are one element", () => {
    const picture = draw((surface) => {
      surface.beginPath();
      surface.roundRect(0, 0, 100, 50, 6);
      surface.fillStyle = "#112233";
      surface.globalAlpha = 0.5;
      surface.fill();
      surface.globalAlpha = 1;
      surface.strokeStyle = "#445566";
      surface.lineWidth = 3;
      surface.setLineDash([4, 2]);
      surface.stroke();
    });
    const paths = picture.querySelectorAll("path");
    expect(paths).toHaveLength(1);
    expect(paths[0]?.getAttribute("fill")).toBe("#112233");
    expect(paths[0]?.getAttribute("fill-opacity")).toBe("0.5");
    expect(paths[0]?.getAttribute("stroke")).toBe("#445566");
    expect(paths[0]?.getAttribute("stroke-opacity")).toBeNull();
    expect(paths[0]?.getAttribute("stroke-width")).toBe("3");
    expect(paths[0]?.getAttribute("stroke-dasharray")).toBe("4 2");
  });

  test("that have grown since they were filled are two", () => {
    const picture = draw((surface) => {
      surface.rect(0, 0, 10, 10);
      surface.fill();
      surface.lineTo(20, 20);
      surface.stroke();
    });
    expect(picture.querySelectorAll("path")).toHaveLength(2);
  });

  test("keep saved colours, and scale with the zoom", () => {
    const picture = draw((surface) => {
      surface.fillStyle = "#000001";
      surface.save();
      surface.fillStyle = "#000002";
      surface.scale(0.5, 0.5);
      surface.fillRect(10, 20, 30, 40);
      surface.restore();
      surface.fillRect(10, 20, 30, 40);
    });
    const [, inner, outer] = picture.querySelectorAll("rect");
    expect(inner?.getAttribute("fill")).toBe("#000002");
    expect(inner?.getAttribute("width")).toBe("15");
    expect(outer?.getAttribute("fill")).toBe("#000001");
    expect(outer?.getAttribute("height")).toBe("40");
  });

  test("have corners that fit, where those wanted would not", () => {
    const picture = draw((surface) => {
      surface.roundRect(0, 0, 5, 60, [6, 0, 0, 6]);
      surface.fill();
    });
    expect(picture.querySelector("path")?.getAttribute("d")).toContain("A5 5");
  });

  test("that are empty are not written", () => {
    const picture = draw((surface) => {
      surface.beginPath();
      surface.fill();
      surface.stroke();
      surface.fillText("", 0, 0);
    });
    expect(picture.documentElement.children).toHaveLength(3);
  });
});
