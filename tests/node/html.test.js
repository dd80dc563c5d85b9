// The package's functions for HTML: checking, sanitising, and the template tag.

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  activity,
  checkBody,
  checkTitle,
  FlowdockError,
  html,
  sanitizeBody,
  sanitizeTitle,
  validate,
} from "flowdock-integration";

test("checkBody gives offsets and lengths in UTF-16 code units", () => {
  assert.deepEqual(checkBody("<p>fine</p>"), []);
  const [violation] = checkBody("é😀<script>");
  assert.deepEqual([violation.code, violation.offset, violation.length], ["html_tag_not_allowed", 3, 8]);
  assert.deepEqual(
    checkBody("<b>HTML<b>").map(({ severity, code }) => `${severity} ${code}`),
    Array(2).fill("warning html_unbalanced"),
  );
});

test("sanitising keeps allowed elements, and the text of other elements", () => {
  for (const [dirty, title, body] of [
    ["plain 1 < 2", "plain 1 &lt; 2", "plain 1 &lt; 2"],
    ["<b>bold</b>", "bold", "<b>bold</b>"],
    ["<a href='https://e.e' onclick=x>y", '<a href="https://e.e">y</a>', '<a href="https://e.e">y</a>'],
    ["<a href=javascript:x>y</a>", "<a>y</a>", "<a>y</a>"],
    ["x<script>alert(1)</script>y", "xy", "xy"],
    ["<p>a<p>b", "a b", "<p>a</p><p>b</p>"],
    ["<table>x<tr><td>y", "x y", "<table><tbody><tr><td>x</td></tr><tr><td>y</td></tr></tbody></table>"],
    ["<<x>b>", "&lt;b>", "&lt;b>"],
    ["x</div></p></a>", "x", "x"],
  ]) {
    assert.equal(sanitizeTitle(dirty), title, dirty);
    assert.equal(sanitizeBody(dirty), body, dirty);
    assert.deepEqual(checkTitle(title), []);
    assert.deepEqual(checkBody(body), []);
  }
});

test("the tag html escapes each value for its context", () => {
  const evil = `"><script>alert('x')</script>&`;
  const escaped = "&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;";
  assert.equal(String(html`<b>${evil}</b>`), `<b>${escaped}</b>`);
  assert.equal(String(html`<a title="${evil}" dir='${evil}'>x</a>`), `<a title="${escaped}" dir='${escaped}'>x</a>`);
  assert.equal(String(html`${1} ${true} ${null}${undefined} ${[1, html`<b>2</b>`, "<"]}`), "1 true  1<b>2</b>&lt;");
  assert.equal(String(html`<p>${html`<i>${"<"}</i>`}</p>`), "<p><i>&lt;</i></p>");
  assert.equal(String(html`<!-- > -->${"<"}<br/>${"&"}`), "<!-- > -->&lt;<br/>&amp;");
  assert.equal(String(html`a <3 ${"x"}`), "a <3 x");
});

test("the tag html accepts only URLs with an allowed scheme", () => {
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

test("the tag html refuses values in unknown contexts, and HTML that no message allows", () => {
  for (const make of [
    () => html`<${"b"}>x`,
    () => html`</${"b"}>`,
    () => html`<b${"x"}>`,
    () => html`<b ${"onclick=x"}>`,
    () => html`<b title=${"x"}>`,
    () => html`<b title= ${"x"}>`,
    () => html`<b title=x="${"x"}">`,
    () => html`<b\u00a0title="${"x"}">`,
    () => html`<b ${"x"}="y">`,
    () => html`<b onclick="${"x"}">y</b>`,
    () => html`<b style="x">y</b>`,
    () => html`<b title=x>y</b>`,
    () => html`<!-- ${"x"} -->`,
    () => html`<!-- > ${"x"} -->`,
    () => html`<script>${"x"}</script>`,
    () => html`<b title="${"x"}>`,
    () => html`x<`,
  ]) {
    assert.throws(
      make,
      (/** @type {any} */ error) => error instanceof FlowdockError && error.code === "invalid_option",
    );
  }
});

test("the tag html refuses arguments that are not a template, and values that cannot become a string", () => {
  const cyclic = [];
  cyclic.push(cyclic, cyclic);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  let deep = [];
  for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
  const fragment = html`<b>x</b>`;
  for (const make of [
    () => html("x"),
    () => html(),
    () => html(["x"]),
    () => html`\u`,
    () => html`${/** @type {any} */ (Symbol("x"))}`,
    () => html`${Object.create(null)}`,
    () => html`${proxy}`,
    () => html`${cyclic}`,
    () => html`${deep}`,
    () => html`${Object.create(fragment)}`,
    () => html`${{ toString: () => assert.fail("of its own") }}`,
    () => Object.getPrototypeOf(fragment).toString(),
  ]) {
    assert.throws(
      make,
      (/** @type {any} */ error) => error instanceof FlowdockError && error.code === "invalid_option",
    );
  }
});

test("the tag html calls no method that an array or a fragment could override", () => {
  const fragment = html`<b>x</b>`;
  assert.throws(() => Object.assign(fragment, { toString: () => "<script>" }), TypeError);
  const array = ["<", fragment];
  Object.assign(array, {
    map: () => ["<script>"],
    toString: () => "<script>",
    [Symbol.toPrimitive]: () => "<script>",
    [Symbol.iterator]: () => assert.fail("iterated"),
  });
  assert.equal(String(html`${array}`), "&lt;<b>x</b>");
  assert.ok(Object.isFrozen(fragment) && Object.isFrozen(Object.getPrototypeOf(fragment)));
});

test("a character reference before a value stays separate from it, and `pre` keeps the value's first line break", () => {
  assert.equal(
    String(html`<a href="https://e/?a=1&${"copy"}">x &${"lt;"}</a>`),
    '<a href="https://e/?a=1&amp;copy">x &amp;lt;</a>',
  );
  assert.equal(String(html`${html`a &`}copy`), "a &amp;copy");
  assert.equal(String(html`<pre>${"\n\nx"}</pre>`), "<pre>\n\n\nx</pre>");
  assert.equal(String(html`<!-- x --!>${"<"}`), "<!-- x --!>&lt;");
});

test("a message accepts a fragment wherever it accepts HTML", () => {
  const title = html`merged <a href="${"https://e.e/42"}">#${42}</a>`;
  const message = activity({
    author: "Marty",
    title,
    external_thread_id: "1",
    thread: { title, fields: { Branch: html`<a>${"<"}</a>` } },
  });
  assert.equal(message.title, '<a href="https://e.e/42">#42</a>'.replace(/^/, "merged "));
  assert.equal(message.thread.fields[0].value, "<a>&lt;</a>");
  assert.equal(validate({ ...message, title }).valid, true);
  assert.equal(JSON.stringify({ title }), JSON.stringify({ title: String(title) }));
});
