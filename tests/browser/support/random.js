// Random numbers that are the same at every run.

/** @returns {(limit: number) => number} The next whole number below a limit (xorshift). */
export function xorshift(seed) {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
