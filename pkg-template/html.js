// The template tag `html`: values escaped by the place where they stand.
//
// The literal pieces are written by the programmer and trusted; only the place of each value is looked for in them, with
// the states of the HTML tokenizer that matter for it. A place that cannot be known for certain is refused.

import { call } from "./core.js";
import { invalidOption } from "./error.js";

const made = /* @__PURE__ */ new WeakSet();

class SafeHtml {
  #html;

  constructor(html) {
    this.#html = html;
    made.add(this);
  }

  toString() {
    return this.#html;
  }

  toJSON() {
    return this.#html;
  }
}

/** Attributes that hold a URL, with the schemes that they may have. */
const urls = { href: "http https mailto", cite: "http https mailto", src: "http https cid" };

/** Elements whose content is no HTML. */
const rawText = /^(?:script|style|xmp|iframe|noembed|noframes|noscript|textarea|title|plaintext)$/i;

export function html(strings, ...values) {
  let state = { place: "text" };
  let out = "";
  for (const [index, piece] of strings.entries()) {
    state = read(piece, state);
    out += piece;
    if (index < values.length) out += write(values[index], state);
  }
  if (state.place !== "text") throw invalidOption("the template ends inside a tag or a comment");
  return new SafeHtml(out);
}

/** A value as it stands in its place; a quoted attribute keeps what it holds until now. */
function write(value, state) {
  switch (state.place) {
    case "text":
      if (Array.isArray(value)) return value.map((item) => write(item, state)).join("");
      return made.has(value) ? String(value) : call("escapeHtml", text(value));
    case "value": {
      const written = text(value);
      state.value += written;
      return call("escapeHtml", written);
    }
    default:
      throw invalidOption(`a value cannot stand in ${state.name ?? "a tag outside quotes"}`);
  }
}

function text(value) {
  if (typeof value === "symbol") throw invalidOption("a symbol has no text");
  return value === null || value === undefined ? "" : String(value);
}

/** Goes through a literal piece; the state that it ends in. */
function read(piece, { place, name, value, quote, attribute }) {
  let at = 0;
  while (at < piece.length) {
    const rest = piece.slice(at);
    if (place === "text") {
      const open = /<(?:(\/?[a-z][^\s/>]*)|[!?/])/i.exec(rest);
      if (!open) {
        // What comes next would make a tag of it, or not, by what it begins with.
        if (/<\/?$/.test(rest)) throw invalidOption("a `<` must not stand before a value or at the end: write `&lt;`");
        break;
      }
      at += open.index + open[0].length;
      if (open[1] === undefined) [place, name, quote] = ["comment", "a comment", rest.startsWith("<!--", open.index) ? "-->" : ">"];
      else if (rawText.test(open[1])) throw invalidOption(`<${open[1]}> cannot stand in a template`);
      else [place, name, attribute] = ["tag", undefined, ""];
    } else if (place === "comment") {
      const end = rest.indexOf(quote);
      if (end === -1) break;
      at += end + quote.length;
      place = "text";
    } else if (place === "tag") {
      const found = /^(?:([^\s"'>/=]+)|(=\s*)(["']?)|[\s/]+|(>)|["'])/.exec(rest);
      at += found[0].length;
      if (found[1] !== undefined) attribute = found[1].toLowerCase();
      else if (found[3]) [place, value, quote] = ["value", "", found[3]];
      else if (found[4]) place = "text";
    } else {
      const end = rest.indexOf(quote);
      value += end === -1 ? rest : rest.slice(0, end);
      if (end === -1) break;
      at += end + 1;
      checkUrl(attribute, value);
      place = "tag";
    }
  }
  return { place, name, value, quote, attribute };
}

/** The scheme is judged as it stands, as the rules do. */
function checkUrl(attribute, value) {
  const schemes = Object.hasOwn(urls, attribute) ? urls[attribute] : undefined;
  const scheme = /^[\x01-\x20]*([^:]*):/.exec(value)?.[1].toLowerCase();
  if (schemes && !schemes.split(" ").includes(scheme)) {
    throw invalidOption(`\`${attribute}\` must be an absolute URL with one of the schemes ${schemes.replaceAll(" ", ", ")}`);
  }
}
