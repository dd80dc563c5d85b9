// Configures sanitize-html for a policy. To check a fragment means to sanitise it and to find that nothing changed.

import sanitize from "sanitize-html";
import { hasScheme } from "../../rules.mjs";
import { Nesting } from "./nesting.mjs";

/** Makes the settings of sanitize-html for the elements, attributes and URLs of a policy. */
export const sanitizeHtmlSettings = ({ elements, attributes }) => ({
  allowedTags: elements,
  allowedAttributes: Object.fromEntries([...attributes].map(([element, of]) => [element, [...of.keys()]])),
  allowedSchemes: ["http", "https", "mailto"],
  allowedSchemesByTag: { img: ["http", "https", "cid"] },
  allowedSchemesAppliedToAttributes: ["href", "src", "cite"],
  allowProtocolRelative: false,
  nestingLimit: 100,
});

/** Undoes a harmless change: sanitize-html writes `<br />` for `<br>`. */
const mended = (html) => html.replaceAll(" />", ">");

/** Makes a function that returns whether a fragment keeps the policy. */
export function sanitizeHtmlCheck(policy) {
  const nesting = new Nesting();
  let matches = true;
  const settings = {
    ...sanitizeHtmlSettings(policy),
    // sanitize-html itself does not check how elements are nested, nor relative URLs.
    onOpenTag(tag, attributes) {
      matches &&= nesting.start(tag);
      const allowed = policy.attributes.get(tag);
      for (const name in attributes) {
        const schemes = allowed?.get(name);
        if (schemes) matches &&= hasScheme(attributes[name], schemes);
      }
    },
    onCloseTag(tag) {
      if (nesting.open.at(-1) === tag) nesting.end(tag);
    },
  };
  return (html) => {
    if (html.includes("\0")) return false;
    if (!html.includes("<")) return true;
    nesting.clear();
    matches = true;
    return mended(sanitize(html, settings)) === mended(html) && matches;
  };
}
