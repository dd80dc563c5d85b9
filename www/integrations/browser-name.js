// Short names of browsers.

/** The names of common browsers in a User-Agent. Most browsers also name others, so the first one that is found counts. */
const BROWSERS = { "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };

/** The names of common systems in a User-Agent. */
const SYSTEMS = {
  Android: "Android",
  iPhone: "iOS",
  iPad: "iPadOS",
  Windows: "Windows",
  "Mac OS": "macOS",
  Linux: "Linux",
};

/**
 * Makes a short name of a User-Agent: `Chrome on Linux`. What is no common browser keeps its own name.
 *
 * @param {string} userAgent
 */
export function browserName(userAgent) {
  /** @param {Record<string, string>} names */
  const first = (names) => Object.entries(names).find(([part]) => userAgent.includes(part))?.[1];
  const [browser, system] = [first(BROWSERS), first(SYSTEMS)];
  if (!browser) return userAgent.split(" ")[0] || "Unknown browser";
  return system ? `${browser} on ${system}` : browser;
}
