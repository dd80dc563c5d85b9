// Compares the package's reports with tests/fixtures/reports.json, as the crate's tests do with the crate's reports.

import assert from "node:assert/strict";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import * as flowdock from "flowdock-integration";
import { cases, read } from "./support/cases.js";

const reports = read("reports.json");

test("validate finds the violations that rules.json lists for each case", () => {
  assert.ok(cases.length > 200);
  for (const { row, name, message, options, report } of cases) {
    const { violations } = flowdock.validate(message, options);
    const lines = violations.map(({ severity, code, path }) => `${severity} ${code} ${path}`.trimEnd());
    assert.deepEqual(lines, report, `${row}: ${name}`);
  }
});

test("the reports of the package equal those of the crate", () => {
  assert.equal(reports.length, cases.length);
  for (const [index, { row, name, message, options }] of cases.entries()) {
    assert.deepEqual({ row, name, report: flowdock.validate(message, options) }, reports[index]);
  }
});

test("encode writes a valid message like JSON.stringify, and refuses an invalid one with its violations", () => {
  for (const { name, message, options } of cases) {
    const report = flowdock.validate(message, options);
    if (report.valid) {
      assert.equal(flowdock.encode(message, options), JSON.stringify(message), name);
    } else {
      assert.throws(
        () => flowdock.encode(message, options),
        (/** @type {any} */ error) => {
          assert.ok(error instanceof flowdock.FlowdockError);
          assert.equal(error.code, "invalid_message");
          assert.equal(error.retryable, false);
          assert.deepEqual(error.violations, report.violations);
          return true;
        },
        name,
      );
    }
  }
});

test("each builder gives the message or the errors that parts.json lists", () => {
  for (const { builder, parts, built, errors } of read("parts.json")) {
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the table names the export, and nothing is bundled here
    const call = () => flowdock[builder](parts);
    const name = JSON.stringify(parts);
    if (built) {
      // Compared as text, because the order of the keys counts.
      assert.equal(JSON.stringify(call()), JSON.stringify(built), name);
    } else {
      assert.throws(
        call,
        (/** @type {any} */ error) => {
          const found = error.violations.map(({ code, path }) => `${code} ${path}`);
          assert.deepEqual(found, errors, name);
          return true;
        },
        name,
      );
    }
  }
});

test("the examples of the guides are valid, with warnings for unclosed elements in one of them", () => {
  for (const [name, warnings] of /** @type {any[][]} */ ([
    ["flux-capacitor", 0],
    ["pull-request", 2],
    ["pull-request-closed", 2],
    ["update-action", 0],
  ])) {
    const example = read(`guide/${name}.json`);
    const { valid, violations } = flowdock.validate(example);
    assert.deepEqual(
      [valid, violations.map(({ code }) => code)],
      [true, Array(warnings).fill("html_unbalanced")],
      name,
    );
    assert.equal(flowdock.encode(example), JSON.stringify(example), name);
    assert.deepEqual(flowdock.activity(example), example, name);
  }
});

test("the JSON Schema accepts valid messages, and refuses violations that a schema can express", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const accepts = ajv.compile(flowdock.messageSchema);
  const expressible = new Set([
    "required",
    "required_one_of",
    "invalid_type",
    "invalid_choice",
    "invalid_format",
    "too_long",
  ]);
  let refused = 0;
  for (const { name, message, options, report } of cases) {
    if (options) continue;
    const errors = report.filter((line) => line.startsWith("error")).map((line) => line.split(" ")[1]);
    if (errors.length === 0) {
      assert.ok(accepts(message), `${name}: ${JSON.stringify(accepts.errors)}`);
    } else if (errors.some((code) => expressible.has(code))) {
      refused += 1;
      assert.ok(!accepts(message), name);
    }
  }
  assert.ok(refused > 60, `${refused} refused`);
});
