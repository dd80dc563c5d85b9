// A worker with Durable Objects that have an outbox, and a queue whose messages `deliver` posts.

import { DurableObject } from "cloudflare:workers";
import { Client } from "flowdock-integration";
import { deliver, Outbox } from "flowdock-integration/outbox";
import { durableObjectOutbox } from "flowdock-integration/outbox/sql";
import { contract, entry } from "../../node/support/outbox-contract.js";
import { options, stormMessage } from "../../node/support/storm.js";

const clientOf = (env) => new Client({ baseUrl: env.FLOWDOCK_URL, flowToken: env.FLOWDOCK_TOKEN, ...options });

/** Runs one case of the contract, in storage of its own. */
export class Case extends DurableObject {
  async run(name) {
    // There is one instance of an object, so there is no second store on its storage.
    const store = durableObjectOutbox(this.ctx);
    await contract.find((one) => one.name === name).run(() => store);
    return "done";
  }

  alarm() {}
}

/** Posts messages of a storm through an outbox, each beside a change of its own. */
export class Box extends DurableObject {
  store = durableObjectOutbox(this.ctx);
  outbox = new Outbox({
    store: this.store,
    client: () => clientOf(this.env),
    backoff: { baseMs: 20, capMs: 60 },
  });

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS changes (uuid TEXT)");
  }

  /** Posts the messages with these numbers. Every fifth change fails, and its message with it. */
  post(first, count, threads) {
    const promised = [];
    for (let index = first; index < first + count; index += 1) {
      const message = stormMessage(index, threads);
      try {
        this.ctx.storage.transactionSync(() => {
          this.ctx.storage.sql.exec("INSERT INTO changes VALUES (?)", message.uuid);
          this.store.put(this.outbox.entries("flow", message));
          if (index % 5 === 4) throw new Error("the change fails");
        });
        promised.push(message.uuid);
      } catch (error) {
        if (error.message !== "the change fails") throw error;
      }
    }
    return promised;
  }

  changes() {
    return this.ctx.storage.sql
      .exec("SELECT uuid FROM changes")
      .toArray()
      .map(({ uuid }) => uuid);
  }

  waiting() {
    return this.outbox.count();
  }

  /** Ends this instance in the midst of what it does. */
  end() {
    this.ctx.abort("ended by the test");
  }

  /** Fails like a program whose tokens cannot be read. */
  async failing() {
    const outbox = new Outbox({
      store: this.store,
      client: () => {
        throw new Error("the tokens cannot be read");
      },
    });
    this.store.put([entry("1", ["x"], { at: Date.now() })]);
    await this.store.alarm(outbox);
    return [await this.ctx.storage.getAlarm(), await outbox.count()];
  }

  alarm() {
    return this.store.alarm(this.outbox);
  }
}

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    const [, kind, name, method] = pathname.split("/");
    const values = searchParams.getAll("value").map((value) => JSON.parse(value));
    if (kind === "queue") {
      await env.QUEUE.sendBatch(values.map((body) => ({ body })));
      return Response.json("sent");
    }
    try {
      return Response.json((await env[kind].getByName(name)[method](...values)) ?? null);
    } catch (error) {
      return Response.json(String(error), { status: 500 });
    }
  },

  async queue(batch, env) {
    for (const message of batch.messages) {
      const end = await deliver(clientOf(env), message.body, { attempts: message.attempts, backoff: { baseMs: 20 } });
      if (end.retryInMs === undefined) message.ack();
      else message.retry({ delaySeconds: Math.ceil(end.retryInMs / 1000) });
    }
  },
};
