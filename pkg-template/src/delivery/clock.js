// A monotonic clock: unlike Date.now(), it does not jump when somebody sets the system's time.

/** Returns the milliseconds since a fixed moment, so that two results can be subtracted. */
export const now = () => performance.now();
