// The login challenge. `src/action/challenge.rs` is the same for Rust, and tests/fixtures/helpers.json holds the two
// together. No WebAssembly is needed for it.

import { invalidOption } from "../error.js";

/**
 * An absolute http or https URL, by the rules of `is_http_url` in src/validate/format.rs, of characters that may stand bare in a
 * header. The parts are: all characters; scheme; user; a host by name, by address, or with a bracket that is not closed; port.
 */
const URL_IN_HEADER =
  /^(?=[!#-&(-+\--;=?-[\]-_a-~]*$)https?:\/\/(?:[^/?#]*@)?(?:\.*[^/?#:@[\]^|%{}.][^/?#:@[\]^|%{}]*|\[(?=[^:\]]*:)[:.\da-f]*\]|\[[^/?#:@\]]*)(?::(\d*))?(?![^/?#])/i;

/** @type {typeof import("flowdock-integration").authenticationChallenge} */
export function authenticationChallenge(url) {
  const found = URL_IN_HEADER.exec(String(url));
  if (!found || Number(found[1]) > 65_535) {
    throw invalidOption("`url` must be an absolute http or https URL without white space, quotes or commas");
  }
  const headers = { "WWW-Authenticate": `Flowdock-Token url=${found.input}`, "Content-Type": "application/json" };
  return new Response('{"error":"Authentication required"}', { status: 401, headers });
}
