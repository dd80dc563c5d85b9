// A clock that nobody sets.

/** Milliseconds since some moment. */
export const now = () => performance.now();
