// Random numbers that are equal in every run.

/** @returns {(limit: number) => number} A function that returns the next whole number below `limit` (xorshift). */
export function xorshift(seed) {
  let state = seed;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
