// Pages and workers in Chromium.

import { chromiumOf, runPage } from "../support/chromium.js";
import { parts, runPages } from "../support/pages.js";

export const group = "browser";
export const rows = [
  {
    name: "Chromium",
    parts,
    async run(row) {
      const browser = await chromiumOf(row);
      row.version = browser.version();
      await runPages(row, (url, given) => runPage(browser, url, given));
    },
  },
];
