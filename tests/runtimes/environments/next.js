// Next: built and started, with each of its bundlers. The application is in next/, its edge route in next-edge/. The route in next-control/ is
// in the edge runtime too and does not use the package: when it fails, the edge route tells nothing of the package.

import { cp } from "node:fs/promises";
import { openPage } from "../../browser/support/chromium.js";
import { chromiumOf, runPage } from "../support/chromium.js";
import { post } from "../support/post.js";
import { ToolFault } from "../support/row.js";

export const group = "framework";
export const packages = { next: "16.4.6", react: "19.3.1", "react-dom": "19.3.1" };

const env = { NEXT_TELEMETRY_DISABLED: "1", CI: "true" };

/**
 * Copies an application into a folder of the row, builds and starts it.
 *
 * @param {string[][]} parts What is copied, and to where in the application.
 * @returns {Promise<string>} Its URL.
 */
async function start(row, bundler, name, parts) {
  for (const file of ["program.js", "package.json"]) await cp(row.path(file), row.path(`${name}/${file}`));
  for (const [from, to = ""] of parts) await row.copy(from, `${name}/${to}`);
  const next = row.bin("next");
  const options = { env, cwd: row.path(name) };
  await row.output(process.execPath, [next, "build", `--${bundler}`], options);
  const args = [next, "start", "--hostname", "127.0.0.1", "--port", "0"];
  const [, url] = await row.start(process.execPath, args, /Local:\s+(http:\S+)/, options);
  return url;
}

/** Runs the parts of the application that are not in the edge runtime. */
async function runPages(row, url) {
  const browser = await chromiumOf(row);
  await row.part("client component", (given) => runPage(browser, `${url}/client`, given));
  await row.part("server component", async (given) => {
    const page = await openPage(browser);
    await page.goto(`${url}/server?${new URLSearchParams({ given: JSON.stringify(given) })}`);
    return JSON.parse(await page.locator("pre").textContent());
  });
  await row.part("route in Node", (given) => post(`${url}/api/node`, given));
}

const edge = "route in the edge runtime";
const parts = [{ name: "client component" }, { name: "server component" }, { name: "route in Node" }];

export const rows = [
  {
    name: "Next, turbopack",
    parts: [...parts, { name: edge }],
    async run(row) {
      const url = await start(row, "turbopack", "application", [["next"], ["next-edge"]]);
      await runPages(row, url);
      await row.part(edge, (given) => post(`${url}/api/edge`, given));
    },
  },
  {
    name: "Next, webpack",
    parts: [
      ...parts,
      { name: edge, note: "Next 16.4 builds no edge route with webpack, with the package or without it" },
    ],
    async run(row) {
      await runPages(row, await start(row, "webpack", "application", [["next"]]));
      await row.part(edge, async (given) => {
        // Without the pages and routes of the application, whose build takes a minute.
        const shared = ["next.config.mjs", "app/layout.jsx"].map((file) => [`next/${file}`, file]);
        const alone = (name, route) => start(row, "webpack", name, [...shared, [route]]);
        try {
          await post(`${await alone("control", "next-control")}/api/control`, {});
        } catch (error) {
          throw new ToolFault(`a route without the package fails too: ${error.message}`);
        }
        return post(`${await alone("edge", "next-edge")}/api/edge`, given);
      });
    },
  },
];
