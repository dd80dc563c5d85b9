// Everything that is compared. A peer exports
//
// - `name`,
// - `validate(message)`: what is wrong with it, in its own form; nothing of that for a valid one,
// - `encode(message)`: the body to post; throws an error with the code `invalid_message` for one that is not valid,
// - `pathOf(violation)`: the JSON Pointer of the value that is meant,
//
// and the baseline, which checks nothing, only a name and `encode`.

import * as ajvStandalone from "./ajv-standalone-xss.mjs";
import * as ajv from "./ajv-xss.mjs";
import * as handWritten from "./hand-written.mjs";
import * as jsonStringify from "./json-stringify.mjs";
import * as ours from "./ours.mjs";
import * as valibot from "./valibot-xss.mjs";
import * as zodSanitizeHtml from "./zod-sanitize-html.mjs";
import * as zod from "./zod-xss.mjs";

export { handWritten, jsonStringify as baseline, ours };

/** The libraries that people would use instead. */
export const libraries = [ajvStandalone, ajv, zod, valibot, zodSanitizeHtml];

/** All who check, the package among them. */
export const checkers = [ours, handWritten, ...libraries];
