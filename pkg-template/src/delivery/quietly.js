// Runs what is of no account to a delivery, such as a hook: what it throws, now or later, changes nothing.

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
    // Nothing is waiting for it.
  }
}
