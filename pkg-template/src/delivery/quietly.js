// Runs what is of no account to a delivery, such as a hook: what it throws, now or later, changes nothing.

/**
 * @template {unknown[]} V
 * @param {((...values: V) => unknown) | undefined} run
 * @param {V} values
 */
export function quietly(run, ...values) {
  if (run) settle(run, values);
}

/**
 * @param {(...values: any[]) => unknown} run
 * @param {unknown[]} values
 */
async function settle(run, values) {
  try {
    await run(...values);
  } catch {
    // Nothing is waiting for it.
  }
}
