// Checks a fragment of HTML against a policy with hand-written code. A pattern finds whole tags; everything else is text or a fault.

import { hasScheme } from "../../rules.mjs";
import { Nesting } from "./nesting.mjs";

const VALUE = String.raw`"[^"]*"|'[^']*'|[^\s"'=<>\x60]+`;
const TAG = new RegExp(String.raw`<(/?)([a-z][^\s/>]*)((?:\s+[^\s"'<>/=]+(?:\s*=\s*(?:${VALUE}))?)*)\s*/?>`, "iy");
const ATTRIBUTE = new RegExp(String.raw`([^\s"'<>/=]+)(?:\s*=\s*(${VALUE}))?`, "g");

/** Makes a function that returns whether a fragment keeps the policy. */
export function htmlCheck({ attributes }) {
  const nesting = new Nesting();

  return (html) => {
    if (html.includes("\0")) return false;
    nesting.clear();
    for (let at = html.indexOf("<"); at !== -1; at = html.indexOf("<", at)) {
      // A `<` before any other character is text. At the end of the fragment it could form a tag with the text that follows.
      if (!/[a-z/!?]/i.test(html[at + 1] ?? "/")) {
        at += 1;
        continue;
      }
      TAG.lastIndex = at;
      const tag = TAG.exec(html);
      if (tag === null || !allowed(tag)) return false;
      at = TAG.lastIndex;
    }
    return nesting.ended;
  };

  /** @param {string[]} tag */
  function allowed([, slash, tagName, rest]) {
    const tag = tagName.toLowerCase();
    const known = attributes.get(tag);
    if (known === undefined) return false;
    if (slash !== "") return rest === "" && nesting.end(tag);
    return (rest === "" || attributesAllowed(rest, known)) && nesting.start(tag);
  }

  function attributesAllowed(text, known) {
    const names = [];
    for (const [, attribute, value = ""] of text.matchAll(ATTRIBUTE)) {
      const name = attribute.toLowerCase();
      if (!known.has(name) || names.includes(name)) return false;
      names.push(name);
      const schemes = known.get(name);
      const isQuoted = value[0] === '"' || value[0] === "'";
      if (schemes !== undefined && !hasScheme(isQuoted ? value.slice(1, -1) : value, schemes)) return false;
    }
    return true;
  }
}
