// Posts one message: request after request, until `outcome` of the module says that the message was posted or has failed.

import { FlowdockError } from "../error.js";
import { call } from "../wasm/core.js";
import { because } from "./cause.js";
import { now } from "./clock.js";
import { exchange } from "./exchange.js";
import { quietly } from "./quietly.js";

/**
 * @typedef {import("../../index.js").PostResult} PostResult
 * @typedef {import("../../index.js").FlowdockError} PublicError
 */

/**
 * What all posts of a client share.
 *
 * @typedef {object} Shared
 * @property {string} url Where they go.
 * @property {import("../options.js").Fetch} fetch
 * @property {import("../../index.js").Hooks} hooks
 * @property {Settings} settings
 * @property {import("./lanes.js").Lanes} lanes
 * @property {import("./slots.js").Slots} slots
 * @property {import("./hold.js").Hold} hold
 * @property {import("./latch.js").Latch} latch
 */

/**
 * What `checkClient` of the module gives.
 *
 * @typedef {object} Settings
 * @property {number} timeoutMs The most time for one request, its answer's body included.
 * @property {number} concurrency
 * @property {{ maxElapsedMs: number }} retry
 */

/**
 * The request that posts a message.
 *
 * @typedef {object} PostRequest
 * @property {Record<string, string>} headers
 * @property {string | import("./attachments.js").Form} body
 * @property {string[]} lanes
 * @property {string} uuid
 * @property {string[]} tokens What no error may show; the last one is that of the source.
 */

/**
 * What follows from how a request ended: the message was posted, or it failed and is sent again after `waitMs`, or not at all.
 *
 * @typedef {{ result: PostResult, error?: undefined, holdAll?: false } | Failed} Step
 * @typedef {{ result?: undefined, error: PublicError } & ({ waitMs: number, holdAll: boolean } | { waitMs?: undefined, holdAll?: false })} Failed
 */

/**
 * When a message's turn has come, it lets so many steps of promises pass. Meanwhile those who wait for the message before, in
 * a function that awaits it as well, hear of its end, and may give this one up before its request goes out.
 */
const STEPS_FOR_CALLERS = 2;

export class Post {
  #shared;
  #request;
  #attempts = 0;
  #maybeDuplicate = false;
  #isInFlight = false;

  /**
   * When the first request went out.
   *
   * @type {number | undefined}
   */
  #begun;

  /**
   * What the last request failed with.
   *
   * @type {PublicError | undefined}
   */
  #failure;

  /**
   * What ended the message from outside, whatever it waits for: its caller, its source, or the end of its time.
   *
   * @type {{ code: "aborted" | "source_removed" | "overdue", cause?: unknown } | undefined}
   */
  #ended;

  /**
   * Ends what it waits for.
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

  /** The flow token of its source. */
  get token() {
    return this.#request.tokens.at(-1);
  }

  /**
   * Its caller gives up.
   *
   * @param {unknown} [reason]
   */
  giveUp(reason) {
    this.#end("aborted", reason);
  }

  /** Its source was removed. A request in flight has an answer of its own. */
  sourceRemoved() {
    if (!this.#isInFlight) this.#end("source_removed");
  }

  /**
   * Posts the message. To be called once.
   *
   * @returns {Promise<PostResult>}
   * @throws {FlowdockError}
   */
  async run() {
    const { hooks, lanes, latch, settings } = this.#shared;
    const { uuid } = this.#request;
    const turn = lanes.join(this.#request.lanes);
    let overdue;
    try {
      latch.watch(this);
      await this.#comeTo(turn);
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
      latch.unwatch(this);
      lanes.leave(turn);
    }
  }

  /**
   * @param {"aborted" | "source_removed" | "overdue"} code
   * @param {unknown} [cause]
   */
  #end(code, cause) {
    this.#ended ??= { code, cause };
    this.#wake?.();
  }

  /** Throws the error of a message that was ended from outside. */
  #throwIfEnded() {
    if (!this.#ended) return;
    if (this.#ended.code === "overdue") throw this.#failure;
    throw this.#outcome(this.#ended).error;
  }

  /**
   * Waits until `begin` calls back, or until the message is ended from outside.
   *
   * @param {(callback: () => void) => void} begin
   * @returns {Promise<void>}
   */
  #until(begin) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      begin(resolve);
      if (this.#ended) resolve();
    });
  }

  /** @param {number} ms */
  async #sleep(ms) {
    let timer;
    await this.#until((rung) => {
      timer = setTimeout(rung, ms);
    });
    clearTimeout(timer);
  }

  /** @param {import("./lanes.js").Turn} turn */
  async #comeTo(turn) {
    if (turn.before === 0) return;
    await this.#until((come) => {
      turn.onCome = come;
    });
    for (let step = 0; step < STEPS_FOR_CALLERS; step += 1) await undefined;
  }

  /**
   * Makes one request, as soon as there is a slot and no hold. What concerns other messages is known before they get the slot.
   *
   * @returns {Promise<Step>}
   */
  async #attempt() {
    const { slots, hold, latch } = this.#shared;
    try {
      await this.#until((granted) => slots.ask(this, granted));
      this.#throwIfEnded();
      for (let ms = hold.leftMs(); ms > 0; ms = hold.leftMs()) {
        await this.#sleep(ms);
        this.#throwIfEnded();
      }
      const step = this.#read(await this.#send());
      if (step.error?.code === "source_removed") latch.remove(this.token);
      if (step.holdAll) hold.extend(step.waitMs);
      return step;
    } finally {
      slots.release(this);
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
    // Copied, as a fetch may change what it is given.
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
    });
    this.#isInFlight = false;
    clearTimeout(timer);
    if (answer) return answer;
    controller.abort();
    if (this.#ended?.code === "aborted") return { ...this.#ended, inFlight: true };
    // A status counts, even if its body never ends.
    return seen.status ? seen : { code: "timeout", timeoutMs };
  }

  /**
   * What an answer means.
   *
   * @param {import("./exchange.js").Answer} answer
   * @returns {Step}
   */
  #read(answer) {
    const step = this.#outcome({ ...answer, body: summary(answer) });
    if (step.error) return step;
    const { kind } = step;
    /** @type {PostResult} */
    const result = { kind, uuid: this.#request.uuid, attempts: this.#attempts, maybeDuplicate: this.#maybeDuplicate };
    quietly(this.#shared.hooks.onDelivered, { ...result });
    if (kind === "created") {
      // The message as the server has it, with whatever it put there but a token.
      const { flow_token, ...message } = answer.body;
      result.message = message;
    }
    return { result };
  }

  /**
   * What the module says to do now.
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
    const sent = { url, uuid, tokens };
    const step = JSON.parse(call("outcome", { retry: settings.retry, sent, delivery, moment, answer }));
    if (step.kind) return step;
    /** @type {any} */
    const refused = typeof body !== "string" && body.refused;
    if (refused) return { error: refused };
    return { ...step, error: because(new FlowdockError(step.error), cause, tokens) };
  }

  /** How long it is since the first request went out. */
  #elapsedMs() {
    return this.#begun === undefined ? 0 : Math.ceil(now() - this.#begun);
  }
}

/**
 * What the module has to know of a body. A stored message may be larger and deeper than what the module reads, and only
 * counts by whether it has an id.
 *
 * @param {import("./exchange.js").Answer} answer
 */
function summary({ status = 0, body }) {
  const isMessage = status < 300 && Object(body) === body && !Array.isArray(body);
  return isMessage ? { id: (body.id ?? null) !== null || null } : body;
}
