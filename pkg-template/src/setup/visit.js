// Users who come from Flowdock, to set a source up or to configure one. `src/setup/visit.rs` is the same for Rust, and
// tests/fixtures/helpers.json holds the two together. No WebAssembly is needed for it.

import { invalidOption } from "../error.js";

/** @type {typeof import("flowdock-integration").readSetupUri} */
export function readSetupUri(url) {
  const query = /^[^?#]*\?([^#]*)/.exec(String(url))?.[1] ?? "";
  const pairs = query.split("&").map((pair) => /** @type {RegExpExecArray} */ (/^([^=]*)=?(.*)$/s.exec(pair)));
  /** @type {any} */
  const visit = {};
  for (const [key, name] of NAMES) {
    // Where a name comes twice, the first counts.
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
 * A name or a value of a query. URLSearchParams writes U+FFFD for bytes that are no UTF-8; such a value would name another
 * flow than the one that was meant, so it counts as missing here.
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
