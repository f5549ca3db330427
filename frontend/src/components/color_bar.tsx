/** The colours of a scale, with its ends as numbers. */

import { type ColorScale, scaleGradient } from "../model/color_scale";
import { formatValue } from "../model/format";
import { addStyle } from "../theme/theme";
import css from "./color_bar.css?inline";

addStyle(css);

/** Colours from low to high; `ends` replaces the numbers by words. */
export function ColorBar({
  scale,
  ends,
  middle,
  name,
  title,
  below = false,
  above = false,
}: {
  scale: ColorScale;
  ends?: readonly [string, string];
  /** Replaces the zero in the middle of diverging colours. */
  middle?: string;
  /** What the colours are of, where it is not the value itself. */
  name?: string;
  /** Where the range is from. */
  title?: string;
  /** Whether there are lower values than the lowest colour's, and higher ones. */
  below?: boolean;
  above?: boolean;
}) {
  const low = `${below ? "\u2264 " : ""}${ends?.[0] ?? formatValue(scale.low)}`;
  const high = `${above ? "\u2265 " : ""}${ends?.[1] ?? formatValue(scale.high)}`;
  const diverging = scale.kind === "diverging";
  const meaning = diverging
    ? `Colours of the values, the same strength on both sides of ${middle ?? "zero"}`
    : "Colours of the values, from the lowest to the highest";
  const beyond = below || above ? ". Values beyond have the colour at the end" : "";
  const help = `${meaning}${beyond}${title === undefined ? "" : `. ${title}`}`;
  if (ends === undefined && scale.low === scale.high) {
    return (
      <div class="kv-color-bar" title={help}>
        {name !== undefined && <span class="kv-color-name">{name}</span>}
        all {low}
      </div>
    );
  }
  // With a range of its own on each side of zero, zero is not in the middle.
  const zero = ends === undefined ? -scale.low / (scale.high - scale.low) : 0.5;
  return (
    <div
      class="kv-color-bar"
      role="img"
      aria-label={`Colours${name === undefined ? "" : ` of ${name}`} from ${low} to ${high}${
        !diverging ? "" : zero === 0.5 ? ", zero in the middle" : ", zero between"
      }`}
      title={help}
    >
      {name !== undefined && <span class="kv-color-name">{name}</span>}
      <span class="kv-color-end">{low}</span>
      <span class="kv-color-ramp" style={{ background: scaleGradient(scale) }}>
        {diverging && zero > 0.08 && zero < 0.92 && (
          <span class="kv-color-zero" style={{ left: `${zero * 100}%` }}>
            {middle ?? "0"}
          </span>
        )}
      </span>
      <span class="kv-color-end">{high}</span>
    </div>
  );
}
