// The rules that every peer is given; bench/agree.mjs holds them against docs/rules.md and the tests' fixtures.
//
// The patterns are the same for all: a schema library's own idea of a URL or an e-mail address is not what is compared.

export const EVENTS = ["activity", "discussion", "message"];
export const COLORS = ["red", "green", "yellow", "cyan", "orange", "grey", "black", "lime", "purple", "blue"];
export const HTTP_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"];

export const NON_BLANK = /\P{White_Space}/u;
export const NO_SPACE = /^\P{White_Space}+$/u;
export const USER_NAME = /^\P{White_Space}{1,16}$/u;

/** With the flag `u` a character is a Unicode scalar value, as the rule counts them. */
export const CONTENT = /^(?=.*\P{White_Space}).{0,8096}$/su;

/** An e-mail address as the HTML standard defines it. */
export const EMAIL =
  /^[a-z\d.!#$%&'*+/=?^_`{|}~-]+@[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?(?:\.[a-z\d](?:[a-z\d-]{0,61}[a-z\d])?)*$/i;

/** An absolute http or https URL, with a host that could be one and a port that is a number. */
export const HTTP_URL = (() => {
  const never = String.raw`\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\\<>"`;
  const user = `(?:[^${never}/?#]*@)?`;
  const address = String.raw`\[[\da-f:.]*:[\da-f:.]*\]`;
  const name = String.raw`(?!\.+(?:[:/?#]|$))[^${never}/?#[\]^|%@:{}]+`;
  const port = String.raw`(?::(?:0*(?:[1-5]?\d{1,4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5]))?)?`;
  return new RegExp(`^https?://${user}(?:${address}|${name})${port}(?:[/?#][^${never}]*)?$`, "i");
})();

/** The same, in which an expression in braces may stand for a part. */
export function isUrlTemplate(text) {
  const filled = text.replace(/\{[^}]+\}/g, "0");
  return !/[{}]/.test(filled) && HTTP_URL.test(filled);
}

/** Neither null nor blank; of the two ids of a thread one has to be that. */
const isBlank = (value) => typeof value === "string" && !NON_BLANK.test(value);
export const isThere = (value) => value !== undefined && value !== null && !isBlank(value);
export const namesThread = (message) => isThere(message.thread_id) || isThere(message.external_thread_id);

/** Either every attachment has an id or none has. */
export const idsAgree = (attachments) => new Set(attachments.map((one) => isThere(one?.id))).size < 2;

// ---- HTML ----

const LINKS = ["http", "https", "mailto"];
const IMAGES = ["http", "https", "cid"];
/** The attributes that hold a URL, and its schemes. */
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

/** `attributes`: of each element its attributes, and of each of these the schemes when it holds a URL. */
function policy(elementNames, everywhere) {
  const elements = elementNames.split(/\s+/);
  const schemes = (names) => new Map(names.split(" ").map((name) => [name, URLS[name]]));
  const of = (element) => [everywhere, ATTRIBUTES[element]].filter(Boolean).join(" ");
  return { elements, attributes: new Map(elements.map((element) => [element, schemes(of(element))])) };
}

export const TITLE_HTML = policy("a", "title");
export const BODY_HTML = policy(ELEMENTS, "dir lang title");

/** URLs are judged without decoding: the scheme must stand there literally. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: a browser skips them before the scheme
export const hasScheme = (url, schemes) => schemes.includes(/^[\x01-\x20]*([^:]*):/.exec(url)?.[1].toLowerCase());
