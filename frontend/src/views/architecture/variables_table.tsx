/** The variables of a layer. */

import { formatCount, formatShape } from "../../model/layer_text";
import type { VariableInfo } from "../../wire/generated";
import { FIRST_ROWS } from "./facts";

/** Name, shape and size of each, with what it starts as and what restrains it. */
export function VariablesTable({ variables }: { variables: readonly VariableInfo[] }) {
  const shown = variables.slice(0, FIRST_ROWS);
  return (
    <>
      <table class="kv-arch-variables">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Shape</th>
            <th scope="col" class="kv-arch-number">
              Params
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((variable) => (
            <tr key={variable.path} title={variable.path}>
              <td dir="auto">
                {variable.name}
                {!variable.trainable && <span class="kv-muted"> not trained</span>}
              </td>
              <td>
                <span class="kv-mono">{formatShape(variable.shape)}</span>
                <span class="kv-muted"> {variable.dtype}</span>
                {variable.initializer !== "" && (
                  <div class="kv-muted" dir="auto" title="What it starts as">
                    {variable.initializer}
                  </div>
                )}
                {variable.regularizer !== "" && (
                  <div dir="auto" title="What is added to the loss for its size">
                    {variable.regularizer}
                  </div>
                )}
              </td>
              <td class="kv-arch-number">{formatCount(variable.params)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {variables.length > shown.length && (
        <p class="kv-muted">and {formatCount(variables.length - shown.length)} more</p>
      )}
    </>
  );
}
