// The calls whose answers are recorded in tests/fixtures/recorded.jsonl.gz: all cases of the fixtures, and generated messages, builders' parts
// and HTML. The answers were recorded with an older version of the package, in which JavaScript code read every value and two walks in Rust
// checked it. So the recording shares no code with today's reader and walker. 140 errors of builders were recorded anew since: they list
// half of a surrogate pair, as `validate` does.
//
// After a change of a rule, `RECORD=<file> node --test recorded.test.js` writes the answers to a file and prints those that changed.

import * as flowdock from "flowdock-integration";
import { cases, read } from "./cases.js";
import { Maker } from "./maker.js";
import { whole } from "./whole.js";

const GENERATED_MESSAGES = 1_200;
const GENERATED_HTML = 600;
const ODD_VALUES = 1_500;

const KEYS = [
  ...["event", "flow_token", "title", "body", "content", "author", "thread_id", "external_thread_id", "thread"],
  ...["external_user_name", "tags", "uuid", "attachments", "name", "avatar", "email", "external_url", "status"],
  ...["fields", "actions", "value", "color", "label", "@type", "url", "description", "image", "target", "urlTemplate"],
  ...["httpMethod", "titel", "status_", "Author", "é", "a/b~c", "", "__proto__", "id", "flow", "method"],
];
const TEXTS = [
  ...["x", " ", "open", "updated ticket", "é", "😀", "\u2028", '"', "\\", "\n", "\u0001", "\0", "\ud83d", "\ufffd"],
  ...["<b>", "</b>", "<a>", '<a href="https://example.com">', "</a>", "<p>", "</div>", "<!--", "1 < 2", "{id}", "5"],
  ...["https://example.com/", "http://", "marty@example.com", "green", "gray", "activity", "#a, b", "POST"],
  ...["ViewAction", "UpdateAction", "EntryPoint"],
];
const HTML = [
  ...["x", " ", "é", "😀", "\n", "<", ">", "&", "&lt;", "&#60;", "&#x3c;b>", '"', "'", "=", "/", "\0", "&nbsp;"],
  ...["<b>", "</b>", "<i>", "</i>", "<p>", "</p>", "<ul>", "<li>", "</li>", "</ul>", "<table>", "<tr>", "<td>"],
  ...["</table>", "<script>", "</script>", "<style>", "<svg>", "</svg>", "<math>", "<div>", "</div>", "<br/>"],
  ...['<a href="https://e.e">', "<a href='javascript:x'>", "</a>", '<img src="https://e.e/x.png">', "<img onerror=x>"],
  ...["<!-- x -->", "<!--", "<!doctype html>", "<textarea>", "<pre>", "\r\n", "<h1>", "</h2>", "<code>", "<a"],
];

/** Makes JSON values by a seed. Equal seeds make equal values. */
class Pieces extends Maker {
  text(pieces = TEXTS) {
    return Array.from({ length: this.below(4) }, () => this.pick(pieces)).join("");
  }

  any(depth = 3) {
    switch (this.below(depth === 0 ? 7 : 12)) {
      case 0:
        return null;
      case 1:
        return this.pick([true, false]);
      case 2:
        return this.pick([0, -1.5, 42, 1e300]);
      case 3:
      case 4:
      case 5:
      case 6:
        return this.text();
      case 7:
      case 8:
        return Array.from({ length: this.below(4) }, () => this.any(depth - 1));
      default: {
        const object = {};
        for (let count = this.below(5); count > 0; count -= 1) {
          this.set(object, this.pick(KEYS), this.any(depth - 1));
        }
        return object;
      }
    }
  }

  /** Makes a message with known keys and useful values, and some unknown keys and odd values. */
  message() {
    const event = this.pick(["activity", "discussion", "message"]);
    const message = {
      event,
      external_thread_id: "1",
      thread: { title: this.text(), fields: [{ label: "a" }], status: { value: "open" } },
      author: { name: "Marty" },
    };
    message[event === "message" ? "content" : "title"] = this.text();
    const { thread, author } = message;
    const objects = [message, message, thread, thread.status, thread.fields[0], author];
    for (let count = this.below(6); count > 0; count -= 1) {
      this.set(this.pick(objects), this.pick(KEYS), this.any());
    }
    if (this.chance(4)) delete message[this.pick(KEYS)];
    return message;
  }

  html() {
    return Array.from({ length: 1 + this.below(9) }, () => this.pick(HTML)).join("");
  }
}

/**
 * Lists the recorded calls in order: the name of a function and its JSON arguments, or "odd" and the seed of an odd JavaScript value.
 *
 * @returns {Generator<[string, ...any[]]>}
 */
export function* calls() {
  for (const { message, options } of cases) {
    yield ["validate", message, options];
    yield ["encode", message, options];
  }
  for (const { builder, parts } of read("parts.json")) yield [builder, parts];
  const { corpus } = read("html.json");
  for (let seed = 1; seed <= GENERATED_HTML; seed += 1) corpus.push(new Pieces(seed).html());
  for (const html of corpus) {
    for (const name of ["checkTitle", "checkBody", "sanitizeTitle", "sanitizeBody"]) yield [name, html];
  }
  for (let seed = 1; seed <= GENERATED_MESSAGES; seed += 1) {
    const message = new Pieces(seed).message();
    const options = seed % 3 === 0 ? [{ thread: "optional" }] : [];
    yield ["validate", message, ...options];
    yield ["encode", message, ...options];
    const builder = ["activity", "discussion", "chatMessage", "thread"][seed % 4];
    yield builder === "thread" ? [builder, message.thread] : [builder, message, ...options];
  }
  for (let seed = 1; seed <= ODD_VALUES; seed += 1) yield ["odd", seed];
}

/** The functions by their names. */
const functions = { ...flowdock };

/** Makes a call, and returns its value or `{ error, message, violations }`. */
export function answer([name, ...values]) {
  const call = name === "odd" ? () => flowdock.validate(odd(values[0])) : () => functions[name](...values);
  try {
    const value = call();
    // If the body equals the message's JSON, the recording has `true`, so that it does not contain the text twice.
    return name === "encode" && value === JSON.stringify(values[0]) ? true : value;
  } catch (error) {
    if (!(error instanceof flowdock.FlowdockError)) throw error;
    return { error: error.code, message: error.message, violations: error.violations };
  }
}

function odd(seed) {
  const make = new Maker(seed);
  if (seed % 3 !== 1) return whole(make);
  const message = { event: "message", content: "x", external_thread_id: "1" };
  make.around.push(message);
  message.extra = make.value();
  return message;
}
