// Posting beside a bare loop of fetch: the same bodies, to the same server, as many at a time. Run by hand, with the package
// built (`cargo xtask build`): node bench/delivery.mjs
//
// The server is a process of its own. One answers 202 and stores nothing, so that the client alone is measured: at once, and
// once more 5 ms later, as over a short network path. With FLOWDOCK_INBOX=target/release/flowdock-inbox there is that one too, as
// in use. Client and server share the machine's processors.

import { fork } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { startInbox } from "../tests/node/support/inbox.js";
import { Client, encode } from "../target/pkg/index.js";

const { typical } = JSON.parse(readFileSync(new URL("messages.json", import.meta.url), "utf8"));

const POSTS = 500;
const ROUNDS = 41;
const CONCURRENCY = 4;
/** How much later the slower server answers. */
const PATH_MS = 5;

if (process.send) serve(Number(process.argv[2]));
else await measure();

function serve(laterMs) {
  const server = createServer((request, response) => {
    const answer = () => response.writeHead(202, { "content-type": "application/json" }).end("{}");
    request.resume().on("end", () => (laterMs > 0 ? setTimeout(answer, laterMs) : answer()));
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
}

/** As a process of its own. */
async function startServer(laterMs) {
  const server = fork(import.meta.filename, [String(laterMs)]);
  const [port] = await once(server, "message");
  return { url: `http://127.0.0.1:${port}`, flow_token: "0123456789abcdef", stop: () => server.kill() };
}

/** What a post takes, in microseconds: of time, and of the processor in this process. */
async function time(run) {
  const [begun, used] = [performance.now(), process.cpuUsage()];
  await run();
  const { user, system } = process.cpuUsage(used);
  return { time: ((performance.now() - begun) * 1000) / POSTS, processor: (user + system) / POSTS };
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

async function measure() {
  console.log(`Node ${process.version}, ${POSTS} posts a round, ${ROUNDS} rounds, ${CONCURRENCY} at a time`);
  await compare("a server that answers at once", await startServer(0));
  await compare(`a server that answers ${PATH_MS} ms later`, await startServer(PATH_MS));
  if (process.env.FLOWDOCK_INBOX) await compare("flowdock-inbox", await startInbox());
}

async function compare(name, { url: baseUrl, flow_token: flowToken, stop }) {
  const client = new Client({ baseUrl, flowToken, concurrency: CONCURRENCY });
  // Each in a thread of its own, as posts of one thread go one after another.
  const all = Array.from({ length: POSTS }, (_, index) => ({ ...typical, external_thread_id: String(index) }));

  /** What a caller writes who wants no more: so many loops; `more` gives what else a fetch has. */
  const loops = (write, more) => async () => {
    let next = 0;
    const headers = { "content-type": "application/json", accept: "application/json" };
    const loop = async () => {
      while (next < all.length) {
        const body = write({ ...all[next++], flow_token: flowToken, uuid: crypto.randomUUID() });
        const response = await fetch(`${baseUrl}/messages`, { method: "POST", headers, body, redirect: "manual", ...more() });
        await response.text();
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, loop));
  };
  const limit = () => ({ signal: AbortSignal.timeout(10_000) });
  const ours = async () => {
    for await (const { status, reason } of client.postAll(all)) if (status === "rejected") throw reason;
  };
  const peers = {
    "bare fetch loop": loops(JSON.stringify, () => {}),
    "with a time limit": loops(JSON.stringify, limit),
    "with a time limit and `encode`": loops(encode, limit),
    "`postAll`": ours,
  };

  for (const run of Object.values(peers)) await run();
  const times = Object.fromEntries(Object.keys(peers).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round += 1) {
    // In another order each time, as the machine grows warm.
    for (const [name, run] of Object.entries(peers).sort(() => Math.random() - 0.5)) times[name].push(await time(run));
  }
  await stop();
  const [bare, limited] = Object.values(times);
  console.log(`\n| to ${name} | posts a second | of the bare loop | of that with a limit | processor, µs a post |`);
  console.log("| --- | --: | --: | --: | --: |");
  for (const [name, own] of Object.entries(times)) {
    // Round by round, since the machine is not always the same.
    const share = (of) => `${(median(own.map(({ time }, round) => of[round].time / time)) * 100).toFixed(0)} %`;
    const [time, processor] = ["time", "processor"].map((what) => median(own.map((one) => one[what])));
    console.log(`| ${name} | ${Math.round(1e6 / time)} | ${share(bare)} | ${share(limited)} | ${Math.round(processor)} |`);
  }
}
