// Starts a Chromium with the extension, and controls the popup that a click on its button opens.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { launchOptions } from "../../../../tests/browser/support/chromium.js";
import { build } from "../../build.js";

export async function startChromium() {
  const folder = await mkdtemp(join(tmpdir(), "flowdock-extension-"));
  const extension = await build(join(folder, "extension"));
  const context = await chromium.launchPersistentContext(join(folder, "profile"), {
    ...launchOptions,
    ignoreDefaultArgs: ["--disable-extensions"],
    // The last argument allows `Extensions.triggerAction`: a test cannot click on a button that is outside every page.
    args: [...launchOptions.args, `--load-extension=${extension}`, "--enable-unsafe-extension-debugging"],
  });
  const worker = context.serviceWorkers()[0] ?? (await context.waitForEvent("serviceworker"));
  const mistakes = [];
  worker.on("console", (message) => {
    if (message.type() === "error") mistakes.push(message.text());
  });
  const { host: id } = new URL(worker.url());
  const browser = await context.browser().newBrowserCDPSession();
  return {
    context,
    worker,
    mistakes,
    optionsUrl: `chrome-extension://${id}/options.html`,
    openPopup: (page) => openPopup(browser, id, page),
    /** Ends the service worker, as the browser may do at any moment. */
    async stopWorker() {
      const { targetInfos } = await browser.send("Target.getTargets");
      const { targetId } = targetInfos.find(({ type, url }) => type === "service_worker" && url.includes(id));
      await browser.send("Target.closeTarget", { targetId });
    },
    async stop() {
      await context.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Clicks on the extension's button while `page` is in front. */
async function openPopup(browser, id, page) {
  await page.bringToFront();
  const url = page.url();
  const { targetInfos: tabs } = await browser.send("Target.getTargets", { filter: [{ type: "tab" }] });
  const { targetId } = tabs.find((tab) => tab.url === url);
  await browser.send("Extensions.triggerAction", { id, targetId });
  const popup = await until("the popup opens", async () => {
    const { targetInfos } = await browser.send("Target.getTargets");
    return targetInfos.find((target) => target.url === `chrome-extension://${id}/popup.html`);
  });
  return new Popup(browser, popup.targetId);
}

/** Controls a popup with the DevTools protocol, because Playwright gives no page for a popup. */
class Popup {
  #browser;
  #targetId;
  #session;
  #lastId = 0;

  constructor(browser, targetId) {
    this.#browser = browser;
    this.#targetId = targetId;
    this.#session = browser.send("Target.attachToTarget", { targetId, flatten: false });
  }

  async send(method, params) {
    const { sessionId } = await this.#session;
    this.#lastId += 1;
    const id = this.#lastId;
    const answered = new Promise((resolve) => {
      const listen = (event) => {
        const answer = JSON.parse(event.message);
        if (event.sessionId !== sessionId || answer.id !== id) return;
        this.#browser.off("Target.receivedMessageFromTarget", listen);
        resolve(answer);
      };
      this.#browser.on("Target.receivedMessageFromTarget", listen);
    });
    await this.#browser.send("Target.sendMessageToTarget", {
      sessionId,
      message: JSON.stringify({ id, method, params }),
    });
    const { result, error } = await answered;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result;
  }

  async evaluate(expression) {
    const { result } = await this.send("Runtime.evaluate", { expression, userGesture: true, returnByValue: true });
    return result.value;
  }

  value(id) {
    return this.evaluate(`document.getElementById(${JSON.stringify(id)}).value`);
  }

  /** Writes a text into a field as a user does. */
  fill(id, text) {
    return this.evaluate(
      `{ const field = document.getElementById(${JSON.stringify(id)}); field.value = ${JSON.stringify(text)}; field.dispatchEvent(new Event("input")); }`,
    );
  }

  text(id) {
    return this.evaluate(`document.getElementById(${JSON.stringify(id)}).innerText`);
  }

  isShown(id) {
    return this.evaluate(`document.getElementById(${JSON.stringify(id)}).checkVisibility()`);
  }

  /** Waits for what the popup says before anything can be shared, and returns it. */
  first() {
    return until("the popup says what to do first", async () => (await this.isShown("first")) && this.text("first"));
  }

  /** Waits until the outcome matches a pattern. */
  until(pattern) {
    return until(`the outcome is ${pattern}`, async () => pattern.test(await this.text("outcome")));
  }

  click(id) {
    return this.evaluate(`document.getElementById(${JSON.stringify(id)}).click()`);
  }

  isDisabled(id) {
    return this.evaluate(`document.getElementById(${JSON.stringify(id)}).disabled`);
  }

  /** Waits for an outcome of this kind, and returns its text. */
  outcome(kind) {
    return until(`the outcome is ${kind}`, () =>
      this.evaluate(
        `(({ dataset, innerText }) => dataset.kind === "${kind}" && innerText)(document.getElementById("outcome"))`,
      ),
    );
  }

  /** Waits until the form shows the page's title and address, or until the popup says what to do first. */
  async ready() {
    await until("the popup knows its page", () =>
      this.evaluate(
        `document.readyState === "complete" && (document.getElementById("first").checkVisibility() || document.getElementById("address").innerText !== "" || document.getElementById("outcome").innerText !== "")`,
      ),
    );
    return this;
  }

  async screenshot() {
    return Buffer.from((await this.send("Page.captureScreenshot", { format: "png" })).data, "base64");
  }

  async close() {
    await this.#browser.send("Target.closeTarget", { targetId: this.#targetId });
  }
}

/** Repeats a question until the answer is truthy, for at most half a minute. */
async function until(what, ask) {
  const end = performance.now() + 30_000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`waited half a minute until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
