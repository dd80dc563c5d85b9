// Runs what is of no account to a delivery, such as a hook: what it throws, now or later, changes nothing.

export async function quietly(run, ...values) {
  try {
    await run?.(...values);
  } catch {
    // Nothing is waiting for it.
  }
}
