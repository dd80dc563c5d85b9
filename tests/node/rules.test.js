// The package gives the same reports as the crate: both are held against tests/fixtures/reports.json.

import assert from "node:assert/strict";
import { test } from "node:test";
import Ajv from "ajv/dist/2020.js";
import * as flowdock from "flowdock-integration";
import { cases, read } from "./support/cases.js";

const reports = read("reports.json");

test("each case of the table gives the violations that stand there", () => {
  assert.ok(cases.length > 200);
  for (const { row, name, message, options, report } of cases) {
    const { violations } = flowdock.validate(message, options);
    const lines = violations.map(({ severity, code, path }) => `${severity} ${code} ${path}`.trimEnd());
    assert.deepEqual(lines, report, `${row}: ${name}`);
  }
});

test("whole reports are those of the crate", () => {
  assert.equal(reports.length, cases.length);
  for (const [index, { row, name, message, options }] of cases.entries()) {
    assert.deepEqual({ row, name, report: flowdock.validate(message, options) }, reports[index]);
  }
});

test("what is valid is encoded as JSON.stringify writes it, and what is not is refused with the same violations", () => {
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

test("each row of the builders' table is built as it says", () => {
  for (const { builder, parts, built, errors } of read("parts.json")) {
    // biome-ignore lint/performance/noDynamicNamespaceImportAccess: the table names the export, and nothing is bundled here
    const call = () => flowdock[builder](parts);
    const name = JSON.stringify(parts);
    if (built) {
      // As text, because the order of the keys counts.
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

test("the examples of the guides are accepted, with a warning for the slip in one of them", () => {
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

test("the JSON Schema accepts what the rules accept, and refuses what it can say", () => {
  const ajv = new Ajv({ strict: false, validateFormats: false });
  const accepts = ajv.compile(flowdock.messageSchema);
  const sayable = new Set([
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
    } else if (errors.some((code) => sayable.has(code))) {
      refused += 1;
      assert.ok(!accepts(message), name);
    }
  }
  assert.ok(refused > 60, `${refused} refused`);
});
