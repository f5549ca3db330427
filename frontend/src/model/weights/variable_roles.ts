/** What a variable does in its layer, by the name that Keras gives it. */

const ROLES: ReadonlyMap<string, string> = new Map([
  ["kernel", "Each value multiplies an input on its way to an output"],
  [
    "depthwise_kernel",
    "Each value multiplies an input of the same channel, before the pointwise kernel",
  ],
  [
    "pointwise_kernel",
    "Each value multiplies a channel of the depthwise result on its way to an output",
  ],
  [
    "recurrent_kernel",
    "Each value multiplies the state of the step before on its way to the next one",
  ],
  ["bias", "Each value is added to an output"],
  ["embeddings", "Each token's vector"],
  ["gamma", "Each value scales a normalised channel"],
  ["scale", "Each value scales a normalised channel"],
  ["beta", "Each value is added to a normalised channel"],
  [
    "moving_mean",
    "Running mean of each channel in training, which inference normalises with",
  ],
  [
    "moving_variance",
    "Running variance of each channel in training, which inference normalises with",
  ],
  ["alpha", "Slope of the activation where its input is negative"],
  ["seed_generator_state", "State of a random number generator"],
]);

/** A phrase for the variable of a path; empty where the name says nothing. */
export function variableRole(path: string): string {
  return ROLES.get(path.slice(path.lastIndexOf("/") + 1)) ?? "";
}
