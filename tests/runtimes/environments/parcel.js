// Parcel, for a page.

import { runInChromium } from "../support/chromium.js";

export const group = "bundler";
export const packages = { parcel: "2.16.4" };
export const rows = [
  {
    name: "Parcel",
    async run(row, given) {
      const flags = ["build", "page.js", "--no-cache", "--dist-dir", "dist", "--log-level", "error"];
      await row.output(process.execPath, [row.bin("parcel"), ...flags]);
      return runInChromium(row, given, { script: "/dist/page.js" });
    },
  },
];
