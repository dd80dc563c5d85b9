// The rules for all peers. bench/agree.mjs compares them with docs/rules.md and the tests' fixtures.
//
// All peers use these patterns, because the benchmark does not compare how libraries define a URL or an e-mail address.

export const EVENTS = ["activity", "discussion", "message"];
export const COLORS = ["red", "green", "yellow", "cyan", "orange", "grey", "black", "lime", "purple", "blue"];
export const HTTP_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const NON_BLANK = /\P{White_Space}/u;
export const NO_SPACE = /^\P{White_Space}+$/u;
export const USER_NAME = /^\P{White_Space}{1,16}$/u;

/** With the flag `u` the pattern counts Unicode scalar values, as the rule does. */
export const CONTENT = /^(?=.*\P{White_Space}).{0,8096}$/su;

/** Matches an e-mail address by the definition of the HTML standard. */
export const EMAIL =
  /^[a-z\d.!#$%&'*+/=?^_`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

/** Matches an absolute http or https URL with a possible host and a numeric port. */
export const HTTP_URL = (() => {
  const never = String.raw`\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\<>"`;
  const user = `(?:[^${never}/?#]*@)?`;
  const address = String.raw`\[[\da-f:.]*:[\da-f:.]*\]`;
  const name = String.raw`(?!\.+(?:[:/?#]|$))[^${never}/?#[\]^|%@:{}]+`;
  const port = String.raw`(?::(?:0*(?:[1-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?)?`;
  return new RegExp(`^https?://${user}(?:${address}|${name})${port}(?:[/?#][^${never}]*)?$`, "i");
})();

/** Whether a text is an absolute http or https URL in which expressions in braces may replace parts. */
export function isUrlTemplate(text) {
  const filled = text.replace(/\{[^}]+\}/g, "0");
  return !/[{}]/.test(filled) && HTTP_URL.test(filled);
}

// An id counts as missing if it is null or blank. A message needs at least one of the two ids of its thread.
const isBlank = (value) => typeof value === "string" && !NON_BLANK.test(value);
export const isThere = (value) => value !== undefined && value !== null && !isBlank(value);
export const namesThread = (message) => isThere(message.thread_id) || isThere(message.external_thread_id);

/** Whether all attachments have an id, or none has. */
export const idsAgree = (attachments) => new Set(attachments.map((one) => isThere(one?.id))).size < 2;

// ---- HTML ----

const LINKS = ["http", "https", "mailto"];
const IMAGES = ["http", "https", "cid"];
/** The attributes that hold a URL, and the schemes that each allows. */
const URLS = { href: LINKS, cite: LINKS, src: IMAGES };

const ELEMENTS = `a abbr acronym address article aside b big blockquote br caption cite code dd del details dfn div dl dt
  em figcaption figure footer h1 h2 h3 h4 h5 h6 header hgroup hr i img ins kbd li nav ol p pre samp section small span
  strong sub summary sup table tbody td tfoot th thead tr tt ul var wbr`;

const ATTRIBUTES = {
  a: "href rel target",
  img: "src alt width height",
  blockquote: "cite",
  del: "cite datetime",
  ins: "cite datetime",
  ol: "start reversed type",
  li: "value",
  td: "colspan rowspan",
  th: "colspan rowspan scope",
  details: "open",
};

/** Makes a policy. `attributes` maps each element to its attributes, and each attribute that holds a URL to its schemes. */
function policy(elementNames, everywhere) {
  const elements = elementNames.split(/\s+/);
  const schemes = (names) => new Map(names.split(" ").map((name) => [name, URLS[name]]));
  const of = (element) => [everywhere, ATTRIBUTES[element]].filter(Boolean).join(" ");
  return { elements, attributes: new Map(elements.map((element) => [element, schemes(of(element))])) };
}

export const TITLE_HTML = policy("a", "title");
export const BODY_HTML = policy(ELEMENTS, "dir lang title");

/** Whether a URL has one of the schemes. Character references are not decoded, so the scheme must be written literally. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a browser skips them before the scheme
export const hasScheme = (url, schemes) => schemes.includes(/^[\x01-\x20]*([^:]*):/.exec(url)?.[1].toLowerCase());
