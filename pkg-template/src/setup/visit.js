// Reads the URL with which Flowdock sends a user to set up or configure a source, without WebAssembly. `src/setup/visit.rs` does it in
// Rust; tests/fixtures/helpers.json checks that both give equal results.

import { invalidOption } from "../error.js";

/** @type {typeof import("flowdock-integration").readSetupUri} */
export function readSetupUri(url) {
  const query = /^[^?#]*\?([^#]*)/.exec(String(url))?.[1] ?? "";
  const pairs = query.split("&").map((pair) => /** @type {RegExpExecArray} */ (/^([^=]*)=?(.*)$/s.exec(pair)));
  /** @type {any} */
  const visit = {};
  for (const [key, name] of NAMES) {
    // If a name occurs twice, its first value counts.
    const value = decode(pairs.find((pair) => decode(pair[1]) === name)?.[2] ?? "");
    if (value !== "") visit[key] = value;
    else if (name === "flow") throw missing(name);
  }
  return visit;
}

/** @type {typeof import("flowdock-integration").readConfigurationUri} */
export function readConfigurationUri(url) {
  const visit = readSetupUri(url);
  if (!visit.integrationId && !visit.source) throw missing("integration_id");
  return visit;
}

const NAMES = [
  ["flow", "flow"],
  ["flowUrl", "flow_url"],
  ["integrationId", "integration_id"],
  ["source", "source"],
  ["sourceUrl", "source_url"],
];

/** @param {string} name */
const missing = (name) => invalidOption(`\`${name}\` is missing in the query`);

/**
 * Decodes a name or a value of a query. A value with bytes that are not UTF-8 becomes the empty string and so counts as missing.
 * URLSearchParams would put U+FFFD into it, and it would name another flow.
 *
 * @param {string} text
 */
function decode(text) {
  const escaped = text.replaceAll("+", " ").replace(/%(?![\da-f]{2})/gi, "%25");
  try {
    return decodeURIComponent(escaped.replace(/\p{Surrogate}/gu, "\ufffd"));
  } catch {
    return "";
  }
}
