// `sanitize`: rewrites HTML so that a message may hold it.

import process from "node:process";
import { checkBody, checkTitle, sanitizeBody, sanitizeTitle } from "flowdock-integration";
import { sources } from "../messages.js";
import { print, printJson, visible } from "../output.js";
import { readText } from "../read.js";
import { WrongUse } from "../wrong-use.js";

export const summary = "rewrite HTML so that a message may hold it";

export const usage = ["sanitize [--as body|title] [<file>]"];

export const about = "Reads HTML from a file or from standard input (- or a pipe), and prints what is allowed of it.";

export const options = /** @type {import("../arguments.js").Options} */ ({
  as: { value: "body|title", help: "what the HTML is to be: a body (default), or a title, which allows links only" },
});

/** @param {import("../arguments.js").Arguments} given */
export async function run({ values: { as = "body", json }, files }) {
  if (as !== "body" && as !== "title") throw new WrongUse("--as must be body or title");
  if (files.length > 1) throw new WrongUse("sanitize takes one file");
  const html = await readText(sources(files)[0]);
  const sanitized = as === "title" ? sanitizeTitle(html) : sanitizeBody(html);
  if (json) {
    const violations = as === "title" ? checkTitle(html) : checkBody(html);
    printJson({ html: sanitized, isChanged: sanitized !== html, violations });
  } else {
    const text = sanitized.replace(/\r?\n$/, "");
    // A terminal would obey the control characters of untrusted HTML. A file or a program gets the HTML as it is.
    print(process.stdout.isTTY ? visible(text) : text);
  }
  return 0;
}
