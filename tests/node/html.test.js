// HTML through the package: checking, sanitising, escaping, and the template tag.

import assert from "node:assert/strict";
import { test } from "node:test";
import { activity, checkBody, checkTitle, FlowdockError, html, sanitizeBody, sanitizeTitle, validate } from "flowdock-integration";

test("bodies are checked with places in UTF-16 units", () => {
  assert.deepEqual(checkBody("<p>fine</p>"), []);
  const [violation] = checkBody("é😀<script>");
  assert.deepEqual([violation.code, violation.offset, violation.length], ["html_tag_not_allowed", 3, 8]);
  assert.deepEqual(checkBody("<b>HTML<b>").map(({ severity, code }) => `${severity} ${code}`), Array(2).fill("warning html_unbalanced"));
});

test("sanitising keeps what is allowed and the text of what is not", () => {
  for (const [dirty, title, body] of [
    ["plain 1 < 2", "plain 1 &lt; 2", "plain 1 &lt; 2"],
    ["<b>bold</b>", "bold", "<b>bold</b>"],
    ["<a href='https://e.e' onclick=x>y", '<a href="https://e.e">y</a>', '<a href="https://e.e">y</a>'],
    ["<a href=javascript:x>y</a>", "<a>y</a>", "<a>y</a>"],
    ["x<script>alert(1)</script>y", "xy", "xy"],
    ["<p>a<p>b", "ab", "<p>a</p><p>b</p>"],
    ["<table>x<tr><td>y", "xy", "<table><tbody><tr><td>x</td></tr><tr><td>y</td></tr></tbody></table>"],
    ["<<x>b>", "&lt;b>", "&lt;b>"],
    ["x</div></p></a>", "x", "x"],
  ]) {
    assert.equal(sanitizeTitle(dirty), title, dirty);
    assert.equal(sanitizeBody(dirty), body, dirty);
    assert.deepEqual(checkTitle(title), []);
    assert.deepEqual(checkBody(body), []);
  }
});

test("a value is escaped by the place where it stands", () => {
  const evil = `"><script>alert('x')</script>&`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
  assert.equal(String(html`<b>${evil}</b>`), `<b>${escaped}</b>`);
  assert.equal(String(html`<a title="${evil}" dir='${evil}'>x</a>`), `<a title="${escaped}" dir='${escaped}'>x</a>`);
  assert.equal(String(html`${1} ${true} ${null}${undefined} ${[1, html`<b>2</b>`, "<"]}`), "1 true  1<b>2</b>&lt;");
  assert.equal(String(html`<p>${html`<i>${"<"}</i>`}</p>`), "<p><i>&lt;</i></p>");
  assert.equal(String(html`<!-- > -->${"<"}<br/>${"&"}`), "<!-- > -->&lt;<br/>&amp;");
  assert.equal(String(html`a <3 ${"x"}`), "a <3 x");
});

test("a URL has an allowed scheme", () => {
  for (const url of ["https://e.e/?a=1&b=2", "HTTP://e.e", "mailto:a@b.c", " https://e.e"]) {
    assert.deepEqual(checkTitle(String(html`<a href="${url}">x</a>`)), []);
  }
  assert.equal(String(html`<a href="https://e.e/${"a b"}?c=${"&"}">x</a>`), '<a href="https://e.e/a b?c=&amp;">x</a>');
  assert.equal(String(html`<img src="cid:${"file1"}">`), '<img src="cid:file1">');
  for (const make of [
    () => html`<a href="${"javascript:alert(1)"}">x</a>`,
    () => html`<a href='${"java\nscript:x"}'>x</a>`,
    () => html`<a HREF = "${"\x01javascript:x"}">x</a>`,
    () => html`<a href="${"/relative"}">x</a>`,
    () => html`<a href="${""}">x</a>`,
    () => html`<a href="${"java"}${"script:x"}">x</a>`,
    () => html`<img src="${"mailto:x"}">`,
    () => html`<a href="${html`javascript:x`}">x</a>`,
  ]) {
    assert.throws(make, { code: "invalid_option", message: /must be an absolute URL/ });
  }
});

test("a place that cannot be known is refused", () => {
  for (const make of [
    () => html`<${"b"}>x`,
    () => html`</${"b"}>`,
    () => html`<b${"x"}>`,
    () => html`<b ${"onclick=x"}>`,
    () => html`<b title=${"x"}>`,
    () => html`<b title= ${"x"}>`,
    () => html`<b ${"x"}="y">`,
    () => html`<!-- ${"x"} -->`,
    () => html`<!-- > ${"x"} -->`,
    () => html`<script>${"x"}</script>`,
    () => html`<b title="${"x"}>`,
    () => html`x<`,
    () => html`${Symbol("x")}`,
  ]) {
    assert.throws(make, (error) => error instanceof FlowdockError && error.code === "invalid_option");
  }
});

test("a fragment goes into a message as it is", () => {
  const title = html`merged <a href="${"https://e.e/42"}">#${42}</a>`;
  const message = activity({ author: "Marty", title, external_thread_id: "1", thread: { title, fields: { Branch: html`<a>${"<"}</a>` } } });
  assert.equal(message.title, '<a href="https://e.e/42">#42</a>'.replace(/^/, "merged "));
  assert.equal(message.thread.fields[0].value, "<a>&lt;</a>");
  assert.equal(validate({ ...message, title }).valid, true);
  assert.equal(JSON.stringify({ title }), JSON.stringify({ title: String(title) }));
});
