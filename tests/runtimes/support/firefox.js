// Drives a Firefox by WebDriver BiDi, over its own WebSocket.

import { access } from "node:fs/promises";
import { delimiter, join } from "node:path";

/** They keep Firefox from its own requests to the network. */
const PREFERENCES = {
  "app.normandy.enabled": false,
  "app.update.enabled": false,
  "browser.safebrowsing.downloads.enabled": false,
  "browser.safebrowsing.malware.enabled": false,
  "browser.safebrowsing.phishing.enabled": false,
  "browser.search.update": false,
  "browser.shell.checkDefaultBrowser": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "extensions.update.enabled": false,
  "media.gmp-manager.updateEnabled": false,
  "network.captive-portal-service.enabled": false,
  "network.connectivity-service.enabled": false,
  "services.settings.server": "data:,",
  "toolkit.telemetry.enabled": false,
};

/** The program that FIREFOX names, or one on the PATH. */
async function program() {
  if (process.env.FIREFOX) return process.env.FIREFOX;
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of ["firefox", "firefox-esr"]) {
      const path = join(folder, name);
      if (
        await access(path).then(
          () => true,
          () => false,
        )
      )
        return path;
    }
  }
  throw new Error("no Firefox found: install it, or set FIREFOX to the path of its program");
}

/** Waits in a page until its script has defined `run`. A script that awaits something may do that after the page is complete. */
async function waitForRun() {
  const end = performance.now() + 60_000;
  while (!("run" in globalThis)) {
    if (performance.now() > end) throw new Error("the page has not defined its function");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

export class Firefox {
  #socket;
  #context;
  #lastId = 0;
  #waiting = new Map();
  /** Errors that the pages logged. */
  #mistakes = [];

  /** Starts Firefox until the row ends. */
  static async start(row) {
    const lines = Object.entries(PREFERENCES).map(([name, value]) => `user_pref("${name}", ${JSON.stringify(value)});`);
    await row.write("profile/user.js", lines.join("\n"));
    const flags = ["--headless", "--no-remote", "--profile", row.path("profile"), "--remote-debugging-port", "0"];
    const [, address] = await row.start(await program(), flags, /WebDriver BiDi listening on (ws:\S+)/);
    const { WebSocket } = await row.load("ws");
    const firefox = new Firefox();
    firefox.#socket = new WebSocket(`${address}/session`);
    firefox.#socket.on("message", (text) => firefox.#receive(JSON.parse(text)));
    await new Promise((resolve, reject) => firefox.#socket.once("open", resolve).once("error", reject));
    const { capabilities } = await firefox.#send("session.new", { capabilities: {} });
    row.version = capabilities.browserVersion;
    await firefox.#send("session.subscribe", { events: ["log.entryAdded"] });
    const { contexts } = await firefox.#send("browsingContext.getTree", {});
    firefox.#context = contexts[0].context;
    return firefox;
  }

  /** Opens a page that has a global function `run`, and calls it. */
  async runPage(url, given) {
    this.#mistakes.length = 0;
    await this.#send("browsingContext.navigate", { context: this.#context, url, wait: "complete" });
    const { result, exceptionDetails } = await this.#send("script.evaluate", {
      expression: `(${waitForRun})().then(() => run(${JSON.stringify(given)})).then(JSON.stringify)`,
      target: { context: this.#context },
      awaitPromise: true,
    });
    if (exceptionDetails) throw new Error([exceptionDetails.text, ...this.#mistakes].join("\n"));
    return JSON.parse(result.value);
  }

  #send(method, params) {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #receive({ id, type, method, params, result, error, message }) {
    if (method === "log.entryAdded" && params.level === "error") this.#mistakes.push(params.text);
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === "error") waiting?.reject(new Error(`${error}: ${message}`));
    else waiting?.resolve(result);
  }
}
