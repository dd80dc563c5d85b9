// Runs a function whose failure must not affect a delivery, such as a hook. An exception or a rejection is ignored.

/**
 * @template {unknown[]} Values
 * @param {((...values: Values) => unknown) | undefined} run
 * @param {Values} values
 */
export function quietly(run, ...values) {
  if (run) settle(run, values);
}

/**
 * @template {unknown[]} Values
 * @param {(...values: Values) => unknown} run
 * @param {Values} values
 */
async function settle(run, values) {
  try {
    await run(...values);
  } catch {
    // Ignored: the delivery does not depend on it.
  }
}
