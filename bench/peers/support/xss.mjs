// Configures js-xss for a policy. To check a fragment means to sanitise it and to find that nothing changed.

import xss from "xss";
import { hasScheme } from "../../rules.mjs";
import { Nesting } from "./nesting.mjs";

/** The declarations of js-xss do not include these exports. */
const { escapeAttrValue, FilterXSS, friendlyAttrValue, safeAttrValue } = /** @type {any} */ (xss);

/** Makes the settings of js-xss for the elements, attributes and URLs of a policy. */
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

/** Makes a function that returns whether a fragment keeps the policy. */
export function xssCheck(policy) {
  const nesting = new Nesting();
  const names = [];
  let matches = true;
  const filter = new FilterXSS({
    ...xssSettings(policy),
    // js-xss itself does not check whether tags match, nor whether a tag has an attribute twice.
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
    // Most titles and values contain no tags.
    if (!html.includes("<")) return true;
    nesting.clear();
    matches = true;
    return filter.process(html) === html && matches && nesting.ended;
  };
}
