// Builds the login challenge, without WebAssembly. `src/action/challenge.rs` does it in Rust; tests/fixtures/helpers.json checks that
// both give equal results.

import { invalidOption } from "../error.js";
import { needs } from "../options.js";

/**
 * Matches an absolute http or https URL whose characters need no quotes in a header. The rules are those of `is_http_url` in
 * src/validate/format.rs. In order, the parts of the expression match: the allowed characters; the scheme; the user; the host as a name,
 * as an address, or with a bracket that is not closed; the port.
 */
const URL_IN_HEADER =
  /^(?=[!#-&(-+\--;=?-[\]-_a-~]*$)https?:\/\/(?:[^/?#]*@)?(?:\.*[^/?#:@[\]^|%{}.][^/?#:@[\]^|%{}]*|\[(?=[^:\]]*:)[:.\da-f]*\]|\[[^/?#:@\]]*)(?::(\d*))?(?![^/?#])/i;

/** @type {typeof import("flowdock-integration").authenticationChallenge} */
export function authenticationChallenge(url) {
  needs("Response");
  const found = URL_IN_HEADER.exec(String(url));
  if (!found || Number(found[1]) > 65_535) {
    throw invalidOption("`url` must be an absolute http or https URL without white space, quotes or commas");
  }
  const headers = { "WWW-Authenticate": `Flowdock-Token url=${found.input}`, "Content-Type": "application/json" };
  return new Response('{"error":"Authentication required"}', { status: 401, headers });
}
