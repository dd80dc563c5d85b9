// The messages that the extension makes from pages, and the addresses that its options read.

import assert from "node:assert/strict";
import { test } from "node:test";
import { validate } from "flowdock-integration";
import { readAddress } from "../src/connection.js";
import { toMessage } from "../src/message.js";

const url = "https://example.com/a?b=1&c=%22#part";

test("all shares of a page are in one thread", () => {
  const message = toMessage({ title: " Tom & <b>Jerry</b> ", url }, " ", "Marty");
  assert.deepEqual(JSON.parse(JSON.stringify(message)), {
    event: "activity",
    title: 'shared <a href="https://example.com/a?b=1&amp;c=%22#part">this page</a>',
    author: { name: "Marty" },
    external_thread_id: "https://example.com/a?b=1&c=%22",
    thread: {
      title: "Tom &amp; &lt;b&gt;Jerry&lt;/b&gt;",
      external_url: url,
      fields: [{ label: "Site", value: "example.com" }],
    },
  });
});

test("a comment becomes a discussion with its lines as text", () => {
  const message = toMessage({ title: "", url }, "1 < 2\n<script>alert(1)</script>\n", "Marty");
  assert.equal(message.event, "discussion");
  assert.equal(message.body, "<p>1 &lt; 2<br>&lt;script&gt;alert(1)&lt;/script&gt;</p>");
  assert.equal(
    message.thread.title,
    "https://example.com/a?b=1&amp;c=%22",
    "a page without a title is called by its address",
  );
});

test("a title with half of a surrogate pair is shared", () => {
  const message = toMessage({ title: "Release 🎉".slice(0, 9), url }, "cut 🎉".slice(0, 5), "Marty");
  assert.equal(message.thread.title, "Release \ufffd");
  assert.equal(message.body, "<p>cut \ufffd</p>");
});

test("every page becomes a message without a violation", () => {
  for (const title of ["", "\u0000", "<", "</", "a<!--", "&amp;", "\u202e", "x".repeat(10_000), "'\"`"]) {
    for (const url of ["http://127.0.0.1:1/", "https://例え.jp/%E2%9C%93?q='\"<>", "https://example.com/#<script>"]) {
      for (const comment of ["", "<", "\n\n", "]]>", "&lt;"]) {
        assert.deepEqual(
          validate(toMessage({ title, url: new URL(url).href }, comment, "Marty")).violations,
          [],
          `${title} ${url} ${comment}`,
        );
      }
    }
  }
});

test("an address with a flow token is read, and any other text is not", () => {
  for (const [text, read] of /** @type {[string, object | undefined][]} */ ([
    ["http://127.0.0.1:4400/#flow_token=f1", { baseUrl: "http://127.0.0.1:4400", flowToken: "f1" }],
    [" https://a.example/inbox/#api_token=a&flow_token=f1 ", { baseUrl: "https://a.example/inbox", flowToken: "f1" }],
    ["https://a.example/#flow_token=", undefined],
    ["https://a.example/", undefined],
    ["flow_token=f1", undefined],
    ["", undefined],
  ])) {
    assert.deepEqual(readAddress(text), read, text);
  }
});
