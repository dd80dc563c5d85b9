// Posts one message. It makes requests until the module's `outcome` says that the message was posted or has failed.

import { FlowdockError } from "../error.js";
import { call } from "../wasm/core.js";
import { because } from "./cause.js";
import { now } from "./clock.js";
import { exchange } from "./exchange.js";
import { quietly } from "./quietly.js";
import { notFromOthers, polling, releaseFor } from "./shared-in-workers.js";

/**
 * @typedef {import("../../index.js").PostResult} PostResult
 * @typedef {import("../../index.js").FlowdockError} PublicError
 */

/**
 * The state that all posts of a client share.
 *
 * @typedef {object} Shared
 * @property {string} url The address to which the messages are posted.
 * @property {import("../options.js").Fetch} fetch
 * @property {import("../../index.js").Hooks} hooks
 * @property {Settings} settings
 * @property {import("./lanes.js").Lanes} lanes
 * @property {import("./slots.js").Slots} slots
 * @property {import("./hold.js").Hold} hold
 * @property {import("./latch.js").Latch} latch
 */

/**
 * The settings that the module's `checkClient` returns.
 *
 * @typedef {object} Settings
 * @property {number} timeoutMs The time limit of one request, including the body of its answer.
 * @property {number} concurrency
 * @property {{ maxAttempts: number, maxElapsedMs: number }} retry
 */

/**
 * The request that posts a message.
 *
 * @typedef {object} PostRequest
 * @property {Record<string, string>} headers
 * @property {string | import("./attachments.js").Form} body
 * @property {string[]} lanes
 * @property {string} uuid
 * @property {string[]} tokens The tokens that no error may show. The last one is the flow token of the source.
 * @property {object} group The same for all posts of one call of the client.
 */

/**
 * What to do after a request. With `result` the message was posted. With `error` and `waitMs` the request is repeated after that time. With
 * `error` alone the message has failed.
 *
 * @typedef {{ result: PostResult, error?: undefined, holdAll?: false } | Failed} Step
 * @typedef {{ result?: undefined, error: PublicError } & ({ waitMs: number, holdAll: boolean } | { waitMs?: undefined, holdAll?: false })} Failed
 */

/**
 * How many microtasks a message waits for when its turn has come. During these, a caller that awaits the message before it (even inside
 * another async function) learns how that message ended. The caller can then give up this message before its request goes out.
 */
const STEPS_FOR_CALLERS = 2;

export class Post {
  #shared;
  #request;
  #attempts = 0;
  #maybeDuplicate = false;
  #isInFlight = false;
  /** When this post last polled, or until when it needs not poll. Only the entries for Workers use it. */
  polledAt = now();
  /** Whether other posts took it for one of a cancelled request. Only the entries for Workers set it. */
  isEvicted = false;

  /** @type {import("./lanes.js").Turn | undefined} */
  #turn;

  /**
   * When the first request went out.
   *
   * @type {number | undefined}
   */
  #begun;

  /**
   * The error of the last request.
   *
   * @type {PublicError | undefined}
   */
  #failure;

  /**
   * Set when something outside ended the message: its caller gave up, its source was removed, or its time limit passed.
   *
   * @type {{ code: "aborted" | "source_removed" | "overdue", cause?: unknown } | undefined}
   */
  #ended;

  /**
   * Ends the current wait.
   *
   * @type {(() => void) | undefined}
   */
  #wake;

  /**
   * @param {Shared} shared
   * @param {PostRequest} request
   */
  constructor(shared, request) {
    this.#shared = shared;
    this.#request = request;
  }

  /** Identifies the call of the client that made this post. */
  get group() {
    return this.#request.group;
  }

  /** The flow token of the message's source. */
  get token() {
    return this.#request.tokens.at(-1);
  }

  /**
   * Ends the message because its caller gave up.
   *
   * @param {unknown} [reason]
   */
  giveUp(reason) {
    this.#end("aborted", reason);
  }

  /** Ends the message because its source was removed. A request in flight is not ended: its own answer decides. */
  sourceRemoved() {
    if (!this.#isInFlight) this.#end("source_removed");
  }

  /**
   * Posts the message. It must be called only once.
   *
   * @returns {Promise<PostResult>}
   * @throws {FlowdockError}
   */
  async run() {
    const { hooks, latch, settings } = this.#shared;
    const { uuid } = this.#request;
    let overdue;
    try {
      await this.#takeTurn();
      for (;;) {
        const step = await this.#attempt();
        if (step.result) return step.result;
        const { error, waitMs } = step;
        if (waitMs === undefined) throw error;
        this.#failure = error;
        this.#maybeDuplicate = error.maybeDuplicate === true;
        overdue ??= setTimeout(() => this.#end("overdue"), settings.retry.maxElapsedMs - this.#elapsedMs());
        quietly(hooks.onRetry, { uuid, attempt: this.#attempts, waitMs, error });
        // The source may have been removed while the request was in flight.
        latch.watch(this);
        await this.#sleep(waitMs);
      }
    } catch (/** @type {any} */ error) {
      quietly(hooks.onFailed, { uuid, error });
      throw error;
    } finally {
      clearTimeout(overdue);
      this.#release();
    }
  }

  /**
   * Releases what this post holds, because it seems to belong to a cancelled request. If it does go on, it begins to wait anew. Only the
   * entries for Workers call it.
   */
  evict() {
    this.isEvicted = true;
    this.#release();
  }

  /** Releases everything that other messages may wait for. A second call does nothing. */
  #release() {
    const { lanes, latch, slots } = this.#shared;
    latch.unwatch(this);
    this.#forOthers(() => {
      slots.release(this);
      if (this.#turn) lanes.leave(this.#turn);
    });
  }

  /**
   * Runs a function that may end the waits of other messages.
   *
   * @param {() => void} run
   */
  #forOthers(run) {
    if (WORKERD) releaseFor(this.group, run);
    else run();
  }

  /**
   * @param {"aborted" | "source_removed" | "overdue"} code
   * @param {unknown} [cause]
   */
  #end(code, cause) {
    this.#ended ??= { code, cause };
    this.#wake?.();
  }

  /** Throws the message's error if something outside ended it. */
  #throwIfEnded() {
    if (!this.#ended) return;
    if (this.#ended.code === "overdue") throw this.#failure;
    throw this.#outcome(this.#ended).error;
  }

  /**
   * Waits until `begin` calls back, or until something outside ends the message.
   *
   * @param {(callback: () => void) => void} begin
   * @param {number} [ms] How long the wait takes at most, if this post itself ends it, by a timer or by its own request. Without it,
   *   another post ends the wait.
   * @returns {Promise<void>}
   */
  #until(begin, ms) {
    return new Promise((resolve) => {
      let end = resolve;
      if (WORKERD) {
        end = ms === undefined ? polling(this, this.#shared.latch.openPosts, resolve) : notFromOthers(this, resolve);
        this.polledAt = now() + (ms ?? 0);
      }
      this.#wake = end;
      begin(end);
      if (this.#ended) end();
    });
  }

  /** @param {number} ms */
  async #sleep(ms) {
    let timer;
    await this.#until((rung) => {
      timer = setTimeout(rung, ms);
    }, ms);
    clearTimeout(timer);
  }

  /** Joins the lanes of its threads, and waits until it is the first in each. */
  async #takeTurn() {
    const { lanes, latch } = this.#shared;
    do {
      this.isEvicted = false;
      const turn = lanes.join(this.#request.lanes);
      this.#turn = turn;
      latch.watch(this);
      if (turn.before === 0) return;
      await this.#until((come) => {
        turn.onCome = come;
      });
      for (let step = 0; step < STEPS_FOR_CALLERS; step += 1) await undefined;
    } while (WORKERD && this.isEvicted && !this.#ended);
  }

  /** Waits for a request slot. */
  async #takeSlot() {
    do {
      if (WORKERD && this.isEvicted) await this.#takeTurn();
      await this.#until((granted) => this.#shared.slots.ask(this, granted));
    } while (WORKERD && this.isEvicted && !this.#ended);
  }

  /**
   * Makes one request, as soon as there is a slot and no hold. It releases the slot after it has updated the hold and the latch, so that
   * the next message sees both.
   *
   * @returns {Promise<Step>}
   */
  async #attempt() {
    const { slots, hold, latch } = this.#shared;
    try {
      await this.#takeSlot();
      this.#throwIfEnded();
      for (let ms = hold.leftMs(); ms > 0; ms = hold.leftMs()) {
        await this.#sleep(ms);
        this.#throwIfEnded();
      }
      const step = this.#read(await this.#send());
      if (step.error?.code === "source_removed") this.#forOthers(() => latch.remove(this.token));
      if (step.holdAll) hold.extend(step.waitMs);
      return step;
    } finally {
      this.#forOthers(() => slots.release(this));
    }
  }

  /**
   * Sends the request and waits for its answer, the time limit, or the end of the message.
   *
   * @returns {Promise<import("./exchange.js").Answer>}
   */
  async #send() {
    const { url, fetch, hooks, settings } = this.#shared;
    const { uuid, headers, body } = this.#request;
    this.#begun ??= now();
    this.#attempts += 1;
    quietly(hooks.onAttempt, { uuid, attempt: this.#attempts });
    const timeoutMs = Math.max(Math.min(settings.timeoutMs, settings.retry.maxElapsedMs - this.#elapsedMs()), 1);
    const controller = new AbortController();
    // The headers are copied, because a caller's own fetch may change them.
    /** @type {RequestInit & { signal: AbortSignal }} */
    const init = { method: "POST", headers: { ...headers }, body, redirect: "manual", signal: controller.signal };
    /** @type {import("./exchange.js").Answer} */
    const seen = {};
    /** @type {import("./exchange.js").Answer | undefined} */
    let answer;
    let timer;
    this.#isInFlight = true;
    await this.#until((over) => {
      timer = setTimeout(over, timeoutMs);
      exchange(fetch, url, init, seen).then((came) => {
        answer = came;
        over();
      });
    }, timeoutMs);
    this.#isInFlight = false;
    clearTimeout(timer);
    if (answer) return answer;
    controller.abort();
    if (this.#ended?.code === "aborted") return { ...this.#ended, inFlight: true };
    // A status counts, even if its body never ends.
    return seen.status ? seen : { code: "timeout", timeoutMs };
  }

  /**
   * Decides what to do after an answer.
   *
   * @param {import("./exchange.js").Answer} answer
   * @returns {Step}
   */
  #read(answer) {
    const step = this.#outcome({ ...answer, body: summary(answer) });
    if (step.error) return step;
    const { kind } = step;
    const maybeDuplicate = this.#maybeDuplicate && !answer.deduplicates;
    /** @type {PostResult} */
    const result = { kind, uuid: this.#request.uuid, attempts: this.#attempts, maybeDuplicate };
    quietly(this.#shared.hooks.onDelivered, { ...result });
    if (kind === "created") {
      // The stored message with all keys that the server gives it, except the token.
      const { flow_token, ...message } = answer.body;
      result.message = message;
    }
    return { result };
  }

  /**
   * Asks the module what to do after an answer.
   *
   * @param {import("./exchange.js").Answer} answer
   * @returns {{ kind: PostResult["kind"], error?: undefined } | Failed}
   */
  #outcome({ cause, ...answer }) {
    const { url, settings } = this.#shared;
    const { uuid, tokens, body } = this.#request;
    const moment = {
      elapsedMs: this.#elapsedMs(),
      unixSeconds: Math.floor(Date.now() / 1000),
      random: Math.floor(Math.random() * 2 ** 32),
    };
    const delivery = { attempts: this.#attempts, maybeDuplicate: this.#maybeDuplicate };
    const sent = { url, uuid, tokens: tokens.join("\n") };
    const step = JSON.parse(call("outcome", { retry: settings.retry, sent, delivery, moment, answer }));
    if (step.kind) return step;
    /** @type {any} */
    const refused = typeof body !== "string" && body.refused;
    if (refused) return { error: refused };
    return { ...step, error: because(new FlowdockError(step.error), cause, tokens) };
  }

  /** Returns the time since the first request went out, in milliseconds. */
  #elapsedMs() {
    return this.#begun === undefined ? 0 : Math.ceil(now() - this.#begun);
  }
}

/**
 * Reduces a body to the part that the module needs. Of a stored message that is only whether it has an id: the message itself may be larger
 * and nested more deeply than the module can read.
 *
 * @param {import("./exchange.js").Answer} answer
 */
function summary({ status = 0, body }) {
  const isMessage = status < 300 && Object(body) === body && !Array.isArray(body);
  return isMessage ? { id: (body.id ?? null) !== null || null } : body;
}
