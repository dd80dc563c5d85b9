// Runs what is of no account to a delivery, such as a hook: what it throws, now or later, changes nothing.

export function quietly(run, ...values) {
  if (run) settle(run, values);
}

async function settle(run, values) {
  try {
    await run(...values);
  } catch {
    // Nothing is waiting for it.
  }
}
