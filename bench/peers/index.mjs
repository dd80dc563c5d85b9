// The list of peers. A peer exports:
//
// - `name`,
// - `validate(message)`, which returns a list of violations in the peer's own form; the list is empty for a valid message,
// - `encode(message)`, which returns the body to post, and throws an error with the code `invalid_message` for an invalid message,
// - `pathOf(violation)`, which returns the JSON Pointer of the value that breaks the rule.
//
// The baseline checks nothing. It exports only `name` and `encode`.

import * as ajvStandalone from "./ajv-standalone-xss.mjs";
import * as ajv from "./ajv-xss.mjs";
import * as handWritten from "./hand-written.mjs";
import * as jsonStringify from "./json-stringify.mjs";
import * as ours from "./ours.mjs";
import * as valibot from "./valibot-xss.mjs";
import * as zodSanitizeHtml from "./zod-sanitize-html.mjs";
import * as zod from "./zod-xss.mjs";

export { handWritten, jsonStringify as baseline, ours };

/** The libraries that people could use instead of this package. */
export const libraries = [ajvStandalone, ajv, zod, valibot, zodSanitizeHtml];

/** All peers that check messages, including the package. */
export const checkers = [ours, handWritten, ...libraries];
