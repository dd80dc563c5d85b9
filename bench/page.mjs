// Times the page in Chromium: 10,000 messages in 400 threads that arrive live, one more message, scrolling, and 10,000 stored threads.
// `cargo xtask bench page` runs it. Each figure has its goal beside it.

import { chromium } from "playwright-core";
import { launchOptions } from "../tests/browser/support/chromium.js";
import { openSignedIn } from "../tests/browser/support/demo-page.js";
import { startInbox } from "../tests/node/support/inbox.js";
import { median, progress } from "./measure.mjs";

const MESSAGES = 10_000;
const THREADS = 400;
const STORED_THREADS = 10_000;
const COLORS = ["red", "green", "yellow", "cyan", "orange", "grey", "black", "lime", "purple", "blue"];
/** The number of posts in flight. */
const IN_FLIGHT = 16;

const inbox = await startInbox("--www", String(process.env.FLOWDOCK_PAGE));
const browser = await chromium.launch(launchOptions);
const page = await newPage();
await openSignedIn(page, inbox);

progress(`posting ${MESSAGES} messages in ${THREADS} threads`);
const start = performance.now();
await postAll(MESSAGES, (number) => message(number % THREADS, number));
const posted = performance.now() - start;
await page.waitForFunction((count) => window.watched.arrived >= count, MESSAGES, { polling: 20 });
const arrived = performance.now() - start;
figure(`${MESSAGES} messages are posted`, `${seconds(posted)} s`);
figure("the page has them all", `${seconds(arrived)} s`, "the same time");
figure(
  "longest task of the page meanwhile",
  `${Math.round(await page.evaluate(() => window.watched.longestTask))} ms`,
  "at most 400 ms",
);
figure("elements in the page", String(await page.locator("*").count()), "fewer than 1,500");

progress("posting one message at a time");
const paints = [];
for (let round = 0; round < 21; round += 1) {
  await postAll(1, () => message(round, MESSAGES + round));
  paints.push(await page.evaluate((count) => window.watched.painted(count), MESSAGES + round + 1));
}
figure("one more message is painted after", `${Math.round(median(paints))} ms`, "less than 100 ms");

progress("scrolling");
const frames = (await page.evaluate(scrollList)).sort((a, b) => a - b);
figure(
  "a frame while the list scrolls, p95",
  `${frames[Math.floor(frames.length * 0.95)].toFixed(1)} ms`,
  "less than 34 ms",
);
await page.context().close();

progress(`posting ${STORED_THREADS} threads`);
await postAll(STORED_THREADS, (number) => message(THREADS + number, number));
const loads = [];
for (let round = 0; round < 3; round += 1) {
  const other = await newPage();
  const { url, flow_token, api_token } = inbox;
  const opened = performance.now();
  await other.goto(`${url}/#${new URLSearchParams({ flow_token, api_token })}`);
  await other.locator(".thread-row").nth(9).waitFor();
  loads.push(performance.now() - opened);
  await other.context().close();
}
figure(`a list of ${THREADS + STORED_THREADS} threads is usable after`, `${seconds(median(loads))} s`, "1 s");
await browser.close();
await inbox.stop();

async function newPage() {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  await context.addInitScript(watch);
  return context.newPage();
}

/** Runs in the page: counts the messages that arrive, and notices long tasks. */
function watch() {
  const watched = { arrived: 0, longestTask: 0, painted };
  window.watched = watched;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) watched.longestTask = Math.max(watched.longestTask, duration);
  }).observe({ type: "longtask" });
  /** @type {Map<number, number>} */
  const paints = new Map();
  const onmessage = Object.getOwnPropertyDescriptor(EventSource.prototype, "onmessage");
  Object.defineProperty(EventSource.prototype, "onmessage", {
    set(listener) {
      onmessage.set.call(this, (event) => {
        const came = performance.now();
        listener.call(this, event);
        watched.arrived += 1;
        const number = watched.arrived;
        // The frame that shows the message is drawn between these two.
        requestAnimationFrame(() => setTimeout(() => paints.set(number, performance.now() - came)));
      });
    },
  });

  async function painted(number) {
    while (!paints.has(number)) await new Promise(requestAnimationFrame);
    return paints.get(number);
  }
}

/** Runs in the page: scrolls the list one step per frame, and returns the times between the frames. */
async function scrollList() {
  const box = document.querySelector(".thread-rows");
  const times = [];
  let last = await new Promise(requestAnimationFrame);
  for (let step = 0; step < 120; step += 1) {
    box.scrollTop += 90;
    const now = await new Promise(requestAnimationFrame);
    times.push(now - last);
    last = now;
  }
  return times;
}

function message(thread, number) {
  const color = COLORS[thread % COLORS.length];
  return {
    flow_token: inbox.flow_token,
    event: number % 3 === 0 ? "activity" : "message",
    author: { name: `Author ${number % 17}` },
    ...(number % 3 === 0 ? { title: `changed priority to ${number % 5}` } : { content: `the word number ${number}` }),
    external_thread_id: String(thread),
    thread: {
      title: `Ticket ${thread}: something to look at before the next release`,
      status: { value: "open", color },
      fields: [{ label: "Priority", value: String(number % 5) }],
    },
  };
}

async function postAll(count, make) {
  let next = 0;
  const work = async () => {
    while (next < count) {
      const body = JSON.stringify(make(next++));
      const headers = { "content-type": "application/json" };
      const answer = await fetch(`${inbox.url}/messages`, { method: "POST", headers, body });
      if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, work));
}

function figure(what, value, goal) {
  console.log(`${what.padEnd(48)} ${value.padStart(9)}${goal ? `   (goal: ${goal})` : ""}`);
}

function seconds(ms) {
  return (ms / 1_000).toFixed(1);
}
