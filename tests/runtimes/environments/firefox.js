// Pages and workers in Firefox, driven by WebDriver BiDi.

import { Firefox } from "../support/firefox.js";
import { parts, runPages } from "../support/pages.js";

export const group = "browser";
export const packages = { ws: "8.23.0" };
export const rows = [
  {
    name: "Firefox",
    tool: null,
    parts,
    async run(row) {
      const firefox = await Firefox.start(row);
      await runPages(row, (url, given) => firefox.runPage(url, given));
    },
  },
];
