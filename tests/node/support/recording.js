// Calls of the package that are recorded with their answers in tests/fixtures/recorded.jsonl.gz: each case of the fixtures, and generated
// messages, builders' parts and HTML. The recording was made by the package in which a JavaScript walk read every value and two Rust
// walks judged it, so it is a judge that shares no code with today's reader and walker.
//
// Where a rule changes on purpose, `RECORD=<file> node --test recorded.test.js` writes the answers to a file and prints those that changed.

import {
  activity,
  chatMessage,
  checkBody,
  checkTitle,
  discussion,
  encode,
  FlowdockError,
  sanitizeBody,
  sanitizeTitle,
  thread,
  validate,
} from "flowdock-integration";
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

/** Makes values by a seed: the same seed makes the same again. */
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

  /** A message of keys and values that mean something, and of some that do not. */
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
 * The calls that are recorded, in their order: the name of a function and JSON arguments, or a seed of odd JavaScript values.
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

const functions = {
  activity,
  chatMessage,
  checkBody,
  checkTitle,
  discussion,
  encode,
  sanitizeBody,
  sanitizeTitle,
  thread,
  validate,
};

/** What a call answers: a value, or `{ error, message, violations }`. */
export function answer([name, ...values]) {
  const call = name === "odd" ? () => validate(odd(values[0])) : () => functions[name](...values);
  try {
    const value = call();
    // A body that is the message's JSON is not written twice.
    return name === "encode" && value === JSON.stringify(values[0]) ? true : value;
  } catch (error) {
    if (!(error instanceof FlowdockError)) throw error;
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
