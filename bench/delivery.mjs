// Compares the client with a bare loop of `fetch` that posts equal bodies to one server, with equally many requests in flight. Build the package
// first (`cargo xtask build`), then run: node bench/delivery.mjs
//
// The server is a separate process. One server answers 202 and stores nothing, so that only the client is measured. It is timed twice: with an
// answer at once, and with an answer after 5 ms, as over a short network path. With FLOWDOCK_INBOX=target/release/flowdock-inbox the inbox is
// timed too. Client and server share the machine's processors. Each comparison runs in several processes, because one process may be some
// percent faster than another, depending on what the engine compiled and when.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { Client, encode } from "#flowdock-integration";
import { startInbox } from "../tests/node/support/inbox.js";
import { median, progress, random, shuffled } from "./measure.mjs";

const { typical } = JSON.parse(readFileSync(new URL("messages.json", import.meta.url), "utf8"));

const POSTS = 500;
const WARM_ROUNDS = 3;
const ROUNDS = 11;
const PROCESSES = 7;
const CONCURRENCY = 4;
/** The delay of the slower server's answers. */
const PATH_MS = 5;

const [role, ...given] = process.argv.slice(2);
if (role === "serve") serve(Number(given[0]));
else if (role === "time") process.send(await rounds(...given));
else await measure();

function serve(laterMs) {
  const server = createServer((request, response) => {
    const answer = () => response.writeHead(202, { "content-type": "application/json" }).end("{}");
    request.resume().on("end", () => (laterMs > 0 ? setTimeout(answer, laterMs) : answer()));
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

/** Runs this file in another process, and waits for its first message. */
async function start(...args) {
  const child = fork(import.meta.filename, args.map(String));
  const ended = once(child, "exit").then(([code]) => {
    throw new Error(`the process to ${args[0]} ended with ${code}`);
  });
  const [said] = await Promise.race([once(child, "message"), ended]);
  return { child, said };
}

async function startServer(laterMs) {
  const { child, said: port } = await start("serve", laterMs);
  return { url: `http://127.0.0.1:${port}`, flow_token: "0123456789abcdef", stop: () => child.kill() };
}

/** Returns the microseconds of a post: elapsed time, and processor time of this process. */
async function time(run) {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { time: ((performance.now() - begun) * 1000) / POSTS, processor: (user + system) / POSTS };
}

async function measure() {
  console.log(
    `Node ${process.version}, ${PROCESSES} processes of ${ROUNDS} rounds of ${POSTS} posts, ${CONCURRENCY} at a time`,
  );
  await compare("a server that answers at once", await startServer(0));
  await compare(`a server that answers ${PATH_MS} ms later`, await startServer(PATH_MS));
  if (process.env.FLOWDOCK_INBOX) await compare("flowdock-inbox", await startInbox());
}

async function compare(name, { url, flow_token: flowToken, stop }) {
  const processes = [];
  for (let number = 1; number <= PROCESSES; number += 1) {
    progress(`${name}: process ${number} of ${PROCESSES}`);
    const { child, said } = await start("time", url, flowToken, number);
    child.disconnect();
    processes.push(said);
  }
  await stop();
  const percent = (share) => (share * 100).toFixed(0);
  console.log(`\n| to ${name} | posts a second | of the bare loop | in each process | processor, µs a post |`);
  console.log("| --- | --: | --: | --- | --: |");
  for (const peer of Object.keys(processes[0])) {
    const [time, processor] = ["time", "processor"].map((what) => median(processes.map((one) => one[peer][what])));
    const shares = processes.map((one) => one[peer].share);
    const each = shares
      .toSorted((a, b) => a - b)
      .map(percent)
      .join(" ");
    console.log(
      `| ${peer} | ${Math.round(1e6 / time)} | ${percent(median(shares))} % | ${each} | ${Math.round(processor)} |`,
    );
  }
}

/** Times all peers in this process, and returns the medians. */
async function rounds(baseUrl, flowToken, seed) {
  const client = new Client({ baseUrl, flowToken, concurrency: CONCURRENCY });
  // Each message has its own thread, because the client posts the messages of one thread one after another.
  const all = Array.from({ length: POSTS }, (_, index) => ({ ...typical, external_thread_id: String(index) }));

  /** Makes the bare loops that a caller would write. `write` makes a body, and `more` gives further options of `fetch`. */
  const loops = (write, more) => async () => {
    let next = 0;
    const headers = { "content-type": "application/json", accept: "application/json" };
    const loop = async () => {
      while (next < all.length) {
        const body = write({ ...all[next++], flow_token: flowToken, uuid: crypto.randomUUID() });
        const response = await fetch(`${baseUrl}/messages`, {
          method: "POST",
          headers,
          body,
          redirect: "manual",
          ...more(),
        });
        await response.text();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  };
  const limit = () => ({ signal: AbortSignal.timeout(10_000) });
  const ours = async () => {
    for await (const { status, reason } of client.postAll(all)) if (status === "rejected") throw reason;
  };
  const bare = "bare fetch loop";
  const peers = Object.entries({
    [bare]: loops(JSON.stringify, () => {}),
    "with a time limit": loops(JSON.stringify, limit),
    "with a time limit and `encode`": loops(encode, limit),
    "`postAll`": ours,
  });

  const next = random(Number(seed));
  const samples = Object.fromEntries(peers.map(([name]) => [name, []]));
  for (let round = -WARM_ROUNDS; round < ROUNDS; round += 1) {
    for (const [name, run] of shuffled(peers, next)) {
      const sample = await time(run);
      if (round >= 0) samples[name].push(sample);
    }
  }
  const summary = (own) => ({
    time: median(own.map(({ time }) => time)),
    processor: median(own.map(({ processor }) => processor)),
    // The ratio is taken in each round, because the speed of the machine changes between rounds.
    share: median(own.map(({ time }, round) => samples[bare][round].time / time)),
  });
  return Object.fromEntries(Object.entries(samples).map(([name, own]) => [name, summary(own)]));
}
