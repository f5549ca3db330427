/** What the model says of a sample, in as few characters as say it. */

import { Icon } from "../../../components/icons";
import {
  type Prediction,
  shortPrediction,
} from "../../../model/predictions/predictions";

/** The prediction; right and wrong have a sign each, and not only a colour. */
export function PredictionBadge({ prediction }: { prediction: Prediction }) {
  const correct = prediction.kind === "classes" ? prediction.correct : null;
  return (
    <span class="kv-sample-said" data-correct={correct ?? undefined}>
      {correct !== null && (
        <>
          <Icon name={correct ? "check" : "close"} />
          <span class="kv-visually-hidden">{correct ? "right: " : "wrong: "}</span>
        </>
      )}
      <span class="kv-ellipsis">{shortPrediction(prediction)}</span>
    </span>
  );
}
