// Asks axe-core what a page does that somebody cannot use.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

const source = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/**
 * Returns the violations in one line each: those of the whole page, or those within the element of a selector. The page's context must bypass
 * the Content-Security-Policy, which forbids this script.
 */
export async function axeViolations(page, selector = "html") {
  await page.evaluate(source);
  const { violations } = await page.evaluate((selector) => window.axe.run(selector), selector);
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`),
  );
}
