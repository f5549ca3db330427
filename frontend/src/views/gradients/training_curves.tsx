/** Loss, learning rate and global gradient norm, on the steps of the map. */

import { useSignal } from "@preact/signals";
import { useCallback } from "preact/hooks";
import { type Hover, HoverTip } from "../../components/hover_tip";
import { type Paint, PaintedCanvas } from "../../components/painted_canvas";
import {
  paintFlag,
  paintPointedStep,
  placeOfStep,
  type StepAxis,
  stepAtPlace,
} from "../../draw/dynamics_heat";
import { fitValues, paintLines, type StepLine } from "../../draw/step_lines";
import { cellOfStep, type StepColumns } from "../../model/dynamics/dynamics_map";
import { formatCount, formatValue } from "../../model/format";
import type { GradientsState } from "../../state/gradients";
import { shownValue } from "../../state/loadable";
import type { Store } from "../../state/store";
import { themeColors } from "../../theme/theme";
import type { NonfiniteOrigin } from "../../wire/generated";
import { namesWidth } from "./step_layout";

interface Curve {
  readonly title: string;
  readonly definition: string;
  /** Columns: the line, the top of its band, and a second, dashed line. */
  readonly mean: string;
  readonly largest: string | null;
  readonly second: string | null;
}

const CURVES: readonly Curve[] = [
  {
    title: "loss",
    definition:
      "Loss of each step's batch: mean of a cell's steps, and up to the largest",
    mean: "loss_mean",
    largest: "loss_max",
    second: null,
  },
  {
    title: "learning rate",
    definition: "What the optimizer used, as schedules and callbacks set it",
    mean: "learning_rate",
    largest: null,
    second: null,
  },
  {
    title: "global gradient norm",
    definition:
      "Euclidean norm of the gradients of all variables; dashed after clipping, " +
      "where the optimizer clips",
    mean: "global_norm_mean",
    largest: "global_norm_max",
    second: "clipped_norm_mean",
  },
];

/** The curves that were logged; nothing for older logs. */
export function TrainingCurves({
  store,
  state,
  width,
}: {
  store: Store;
  state: GradientsState;
  /** Of names and cells of the map below. */
  width: number;
}) {
  const columns = shownValue(state.together.value);
  const range = state.range.value;
  const names = namesWidth(width);
  const axis = range === null ? null : { ...range, width: Math.max(1, width - names) };
  const known = CURVES.filter(({ mean }) =>
    columns?.columns.get(mean)?.some((value) => Number.isFinite(value)),
  );
  return (
    <div class="kv-training-curves">
      {columns !== undefined &&
        axis !== null &&
        known.map((curve) => (
          <CurveLine
            key={curve.title}
            store={store}
            curve={curve}
            columns={columns}
            axis={axis}
            names={names}
            origin={shownValue(state.summary.value)?.verdict.first_nonfinite ?? null}
          />
        ))}
    </div>
  );
}

function CurveLine({
  store,
  curve,
  columns,
  axis,
  names,
  origin,
}: {
  store: Store;
  curve: Curve;
  columns: StepColumns;
  axis: StepAxis;
  names: number;
  /** What was not finite first. */
  origin: NonfiniteOrigin | null;
}) {
  const pointed = store.gradients.value.at;
  const hover = useSignal<Hover | null>(null);
  const dark = store.page.dark.value;
  const current = store.currentStep.value;
  const column = (name: string | null) =>
    name === null ? null : (columns.columns.get(name) ?? null);
  const lines = (color: string): StepLine[] => {
    const mean = column(curve.mean);
    const second = column(curve.second);
    const clips =
      second !== null &&
      mean !== null &&
      second.some((value, at) => value < (mean[at] ?? 0) * 0.999);
    const found: StepLine[] = [];
    if (mean !== null) {
      const largest = column(curve.largest);
      found.push({ cells: columns, mean, largest, color, isDashed: false });
    }
    if (second !== null && clips) {
      found.push({
        cells: columns,
        mean: second,
        largest: null,
        color,
        isDashed: true,
      });
    }
    return found;
  };
  const values = fitValues(lines(""));
  const paint = useCallback<Paint>(
    (context, _width, height) => {
      const color = themeColors();
      if (values !== null) {
        paintLines(context, lines(color("accent")), axis, values, height);
      }
      const skipped = curve.mean === "loss_mean" ? column("skipped") : null;
      const broken = curve.mean === "loss_mean" ? column("loss_nonfinite") : null;
      context.font = "10px system-ui, sans-serif";
      context.textAlign = "center";
      columns.steps.forEach((step, cell) => {
        const x = placeOfStep(axis, step + 0.5);
        if ((broken?.[cell] ?? 0) > 0) {
          context.fillStyle = color("error");
          context.fillText("×", x, 9);
        } else if ((skipped?.[cell] ?? 0) > 0) {
          context.fillStyle = color("warning");
          context.fillText("▾", x, 9);
        }
      });
      if (pointed !== null && pointed >= axis.first && pointed <= axis.last) {
        paintPointedStep(context, axis, pointed, height, color);
      }
      if (origin?.kind === "loss" && curve.mean === "loss_mean") {
        paintFlag(context, placeOfStep(axis, origin.step), 0, axis.width, color);
      }
      if (current !== null && current >= axis.first && current <= axis.last) {
        context.fillStyle = color("border-strong");
        context.fillRect(placeOfStep(axis, current + 0.5), 0, 1, height);
      }
    },
    [columns, axis.first, axis.last, axis.width, dark, current, pointed, origin],
  );
  const onPointerMove = (event: PointerEvent) => {
    const left = (event.currentTarget as HTMLElement).getBoundingClientRect().left;
    const step = stepAtPlace(axis, event.clientX - left);
    const cell = cellOfStep(columns, step);
    const text = (name: string | null, prefix: string) => {
      const value = column(name)?.[cell] ?? Number.NaN;
      return Number.isNaN(value) ? [] : [`${prefix}${formatValue(value)}`];
    };
    const skipped = column("skipped")?.[cell] ?? 0;
    const broken = column("loss_nonfinite")?.[cell] ?? 0;
    const isLoss = curve.mean === "loss_mean";
    hover.value = {
      x: event.clientX,
      y: event.clientY,
      lines: [
        ...text(curve.mean, `${curve.title} `),
        ...text(curve.largest, "largest "),
        ...text(curve.second, "after clipping "),
        ...(isLoss && broken > 0
          ? [`${formatCount(broken)} steps without a finite loss`]
          : []),
        ...(isLoss && skipped > 0
          ? [`${formatCount(skipped)} batches skipped by loss scaling`]
          : []),
        `step ${formatCount(columns.steps[cell] ?? step)}`,
      ],
    };
  };
  return (
    <div class="kv-training-curve">
      <div
        class="kv-training-name"
        style={{ width: `${names}px` }}
        title={curve.definition}
      >
        <span class="kv-ellipsis">{curve.title}</span>
        {values !== null && (
          <span class="kv-training-ends kv-muted kv-mono">
            <span>{formatValue(values.high)}</span>
            {values.isLog && <span title="The axis is logarithmic">log</span>}
            <span>{formatValue(values.low)}</span>
          </span>
        )}
      </div>
      <div
        class="kv-training-plot"
        style={{ width: `${axis.width}px` }}
        onPointerMove={onPointerMove}
        onPointerLeave={() => {
          hover.value = null;
        }}
      >
        <PaintedCanvas
          paint={paint}
          class="kv-fill"
          label={`${curve.title} over steps`}
        />
      </div>
      <HoverTip hover={hover} />
    </div>
  );
}
