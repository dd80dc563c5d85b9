// Posting beside a bare loop of fetch: the same bodies, to the same server, as many at a time. Run by hand, with the package
// built (`cargo xtask build`): node bench/delivery.mjs
//
// The server is a process of its own, answers 202 and stores nothing, so that what is measured is the client alone; with
// FLOWDOCK_INBOX=target/release/flowdock-inbox it is that, as it is in use. The two share the machine's processors.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { startInbox } from "../tests/node/support/inbox.js";
import { Client, encode } from "../target/pkg/index.js";

const { typical } = JSON.parse(readFileSync(new URL("messages.json", import.meta.url), "utf8"));

const POSTS = 2_000;
const ROUNDS = 7;
const CONCURRENCY = 4;

if (process.send) serve();
else await measure();

function serve() {
  const server = createServer((request, response) => {
    request.resume().on("end", () => response.writeHead(202, { "content-type": "application/json" }).end("{}"));
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

/** As a process of its own. */
async function startServer() {
  const server = fork(import.meta.filename);
  const [port] = await once(server, "message");
  return { url: `http://127.0.0.1:${port}`, flow_token: "0123456789abcdef", stop: () => server.kill() };
}

/** Seconds for all posts. */
async function time(run) {
  const begun = performance.now();
  await run();
  return (performance.now() - begun) / 1000;
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function measure() {
  const { url: baseUrl, flow_token: flowToken, stop } = process.env.FLOWDOCK_INBOX ? await startInbox() : await startServer();
  const client = new Client({ baseUrl, flowToken, concurrency: CONCURRENCY });
  // Each in a thread of its own, as posts of one thread go one after another.
  const all = Array.from({ length: POSTS }, (_, index) => ({ ...typical, external_thread_id: String(index) }));

  /** What a caller writes who wants no more: so many loops, with a time limit for each request or without. */
  const loops = (limit) => async () => {
    let next = 0;
    const headers = { "content-type": "application/json", accept: "application/json" };
    const loop = async () => {
      while (next < all.length) {
        const body = JSON.stringify({ ...all[next++], flow_token: flowToken, uuid: crypto.randomUUID() });
        const init = { method: "POST", headers, body, redirect: "manual" };
        const response = await fetch(`${baseUrl}/messages`, limit ? { ...init, signal: AbortSignal.timeout(limit) } : init);
        await response.text();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  };
  const ours = async () => {
    for await (const { status, reason } of client.postAll(all)) if (status === "rejected") throw reason;
  };
  const peers = { "bare fetch loop": loops(0), "the same with a time limit": loops(10_000), postAll: ours };

  encode(typical);
  for (const run of Object.values(peers)) await run();
  const times = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    // In another order each time, as the machine grows warm.
    for (const [name, run] of Object.entries(peers).sort(() => Math.random() - 0.5)) times[name].push(await time(run));
  }
  await stop();
  console.log(`| | posts a second | of the bare loop |\n| --- | --: | --: |`);
  for (const [name, own] of Object.entries(times)) {
    const share = median(own.map((seconds, round) => times["bare fetch loop"][round] / seconds));
    console.log(`| ${name} | ${Math.round(POSTS / median(own))} | ${(share * 100).toFixed(0)} % |`);
  }
}
