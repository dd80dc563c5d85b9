// Two copies of the package in one program: one by `import` and one by `require`, or by a bundler.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import * as one from "flowdock-integration";

const require = createRequire(import.meta.url);
/** @type {any} */
const other = require("../../node_modules/flowdock-integration/index.cjs");

/** The error that a copy throws. */
function thrown({ encode }) {
  try {
    encode({});
  } catch (error) {
    return error;
  }
}

test("these are two copies", () => {
  assert.notEqual(one.FlowdockError, other.FlowdockError);
  assert.notEqual(one.html, other.html);
});

test("an error of one copy is an error of the other", () => {
  for (const [maker, judge] of [
    [one, other],
    [other, one],
  ]) {
    const error = thrown(maker);
    assert.ok(error instanceof judge.FlowdockError);
    assert.equal(error.code, "invalid_message");
    // The mark is not part of what is logged or sent.
    assert.deepEqual(Object.keys(error.toJSON()), Object.keys(JSON.parse(JSON.stringify(error))));
    assert.doesNotMatch(JSON.stringify(error), /Symbol|flowdock-integration/);
    assert.deepEqual(Object.getOwnPropertySymbols({ ...error }), []);
  }
});

test("nothing else is an error of the package", () => {
  const { FlowdockError } = one;
  for (const value of [
    undefined,
    null,
    "x",
    1,
    {},
    new Error("x"),
    { code: "network", name: "FlowdockError" },
    () => {},
  ]) {
    assert.equal(value instanceof FlowdockError, false);
  }
  assert.equal(structuredClone({ ...thrown(one) }) instanceof FlowdockError, false);
});

test("a fragment of one copy stays HTML in the other, and is not escaped twice", () => {
  for (const [maker, user] of [
    [one, other],
    [other, one],
  ]) {
    const link = maker.html`<a href="${"https://example.com/?a=1&b=2"}">${"<42>"}</a>`;
    const written = '<a href="https://example.com/?a=1&amp;b=2">&lt;42&gt;</a>';
    assert.equal(String(user.html`see ${link}, ${[link]}`), `see ${written}, ${written}`);
    const { title } = user.activity({
      author: "Marty",
      title: link,
      external_thread_id: "1",
      thread: { title: user.html`${link}` },
    });
    assert.equal(title, written);
  }
});

test("what only looks like a fragment is text", () => {
  const fragment = other.html`<b>x</b>`;
  for (const value of [
    { toString: () => "<b>x</b>" },
    { ...fragment, toString: () => "<b>x</b>" },
    JSON.parse(JSON.stringify({ fragment })).fragment,
    structuredClone("<b>x</b>"),
  ]) {
    assert.equal(String(one.html`${value}`), "&lt;b&gt;x&lt;/b&gt;");
  }
});
