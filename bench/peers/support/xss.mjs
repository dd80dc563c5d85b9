// js-xss, set up for a policy: to sanitise, and to check, which is to sanitise and find nothing changed.

import xss from "xss";
import { hasScheme } from "../../rules.mjs";
import { Nesting } from "./nesting.mjs";

/** Its declarations know none of what stands beside its function. */
const { escapeAttrValue, FilterXSS, friendlyAttrValue, safeAttrValue } = /** @type {any} */ (xss);

/** Its settings for the elements, attributes and URLs of a policy. */
export const xssSettings = ({ attributes }) => ({
  whiteList: Object.fromEntries([...attributes].map(([element, of]) => [element, [...of.keys()]])),
  css: false,
  safeAttrValue(element, name, value, css) {
    const schemes = attributes.get(element)?.get(name);
    if (!schemes) return safeAttrValue(element, name, value, css);
    const url = friendlyAttrValue(value);
    return hasScheme(url, schemes) ? escapeAttrValue(url) : "";
  },
});

/** Whether a fragment keeps the policy. */
export function xssCheck(policy) {
  const nesting = new Nesting();
  const names = [];
  let matches = true;
  const filter = new FilterXSS({
    ...xssSettings(policy),
    // What it does not look at by itself: whether tags match, and whether an attribute stands there twice.
    onTag(tag, _html, { isClosing }) {
      names.length = 0;
      matches &&= isClosing ? nesting.end(tag) : nesting.start(tag);
    },
    onTagAttr(_tag, name) {
      matches &&= !names.includes(name);
      names.push(name);
    },
  });
  return (html) => {
    if (html.includes("\0")) return false;
    // Most titles and values are text alone.
    if (!html.includes("<")) return true;
    nesting.clear();
    matches = true;
    return filter.process(html) === html && matches && nesting.ended;
  };
}
