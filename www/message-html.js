// Shows the HTML of messages, which others wrote: it must never reach innerHTML.
//
// DOMParser reads it as a browser does, in a document that runs no script and loads nothing. What is allowed there is
// built again here with createElement, so an element or attribute that nobody thought of is left behind rather than let
// through. (The console may say that the page's policy blocked a handler or a style there: the same once more.)
//
// The lists are those of docs/rules.md. Once the package has a sanitiser, `sanitizeTitle` and `sanitizeBody` replace
// this file: then the page shows what they do, and the package's tests stand behind it.

import { el } from "./dom.js";

const LINK_SCHEMES = ["http:", "https:", "mailto:"];
// `cid:` names an attachment, and this page shows none.
const PICTURE_SCHEMES = ["http:", "https:"];

const BODY_ELEMENTS = new Set(
  (
    "a abbr acronym address article aside b big blockquote br caption cite code dd del details dfn div dl dt em " +
    "figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li nav ol p pre samp section small " +
    "span strong sub summary sup table tbody td tfoot th thead tr tt ul var wbr"
  ).split(" "),
);

const BODY_ATTRIBUTES = {
  "*": ["dir", "lang", "title"],
  a: ["href"],
  img: ["src", "alt", "width", "height"],
  blockquote: ["cite"],
  del: ["cite", "datetime"],
  ins: ["cite", "datetime"],
  ol: ["start", "reversed", "type"],
  li: ["value"],
  td: ["colspan", "rowspan"],
  th: ["colspan", "rowspan", "scope"],
  details: ["open"],
};

const TITLE = { elements: new Set(["a"]), attributes: { "*": [], a: ["href", "title"] } };
const BODY = { elements: BODY_ELEMENTS, attributes: BODY_ATTRIBUTES };

// The schemes that an attribute with a URL may have.
const SCHEMES = { href: LINK_SCHEMES, cite: LINK_SCHEMES, src: PICTURE_SCHEMES };

// Of any other element that is not allowed the text stays; the text of these is code, or a document of its own.
const DROPPED =
  "script style template iframe noscript noembed noframes textarea title xmp plaintext svg math select object";
const DROPPED_ELEMENTS = new Set(DROPPED.split(" "));

// The page's policy lets no string become HTML but through this name.
const policy = globalThis.trustedTypes?.createPolicy("message-html", { createHTML: (html) => html });

/** What `html` shows as a title, a field's label or its value: text and links. */
export const titleNodes = (html) => nodes(html, TITLE);

/** What `html` shows as a body. */
export const bodyNodes = (html) => nodes(html, BODY);

function nodes(html, allowed) {
  if (typeof html !== "string") return [];
  const read = new DOMParser().parseFromString(policy?.createHTML(html) ?? html, "text/html");
  return copies(read.body, allowed);
}

function copies(parent, allowed) {
  return [...parent.childNodes].flatMap((node) => {
    if (node.nodeType === Node.TEXT_NODE) return [node.data];
    if (node.nodeType !== Node.ELEMENT_NODE || DROPPED_ELEMENTS.has(node.localName)) return [];
    const children = copies(node, allowed);
    return allowed.elements.has(node.localName) ? [copy(node, allowed, children)] : children;
  });
}

function copy(element, { attributes }, children) {
  const tag = element.localName;
  const kept = {};
  for (const name of [...attributes["*"], ...(attributes[tag] ?? [])]) {
    const value = element.getAttribute(name);
    if (value !== null && (!(name in SCHEMES) || hasScheme(value, SCHEMES[name]))) kept[name] = value;
  }
  // A picture that may not be loaded is what stands for it.
  if (tag === "img" && !kept.src) return kept.alt ?? "";
  if (tag === "a") Object.assign(kept, { rel: "noopener noreferrer nofollow", target: "_blank" });
  if (tag === "img") Object.assign(kept, { loading: "lazy", referrerpolicy: "no-referrer" });
  return el(tag, kept, ...children);
}

function hasScheme(value, schemes) {
  return URL.canParse(value) && schemes.includes(new URL(value).protocol);
}
