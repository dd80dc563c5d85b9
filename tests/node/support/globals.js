// Gives globals other values for a while.

/**
 * @param {Record<string, any>} values The globals by their names.
 * @returns {() => void} Gives them back the values that they had.
 */
export function setGlobals(values) {
  const before = new Map(Object.keys(values).map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  return () => {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else delete globalThis[name];
    }
  };
}

/** Runs a function while globals have other values. */
export async function withGlobals(values, run) {
  const restore = setGlobals(values);
  try {
    return await run();
  } finally {
    restore();
  }
}
