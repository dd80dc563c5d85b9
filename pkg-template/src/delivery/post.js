// Posts one message: request after request, until one is answered or `outcome` of the module says to give up.

import { because } from "./cause.js";
import { now } from "./clock.js";
import { call } from "../wasm/core.js";
import { FlowdockError } from "../error.js";
import { exchange } from "./exchange.js";
import { quietly } from "./quietly.js";

export class Post {
  #line;
  #request;
  #cancels;
  #attempts = 0;
  #maybeDuplicate = false;
  /** When the first request went out. */
  #begun;
  /** What the last request failed with. */
  #failure;
  #inFlight = false;
  /** What ended the message from outside, whatever it is waiting for: its caller, its source, or the end of its time; and why. */
  #ended;
  /** Ends what it is waiting for. */
  #wake;

  /**
   * @param request `{ headers, body, lanes, uuid, tokens }`; the lanes are the names of its thread.
   * @param cancels Those of its own, or of all messages that are posted together.
   */
  constructor(line, request, cancels) {
    this.#line = line;
    this.#request = request;
    this.#cancels = cancels;
  }

  /** Resolves to a PostResult, rejects with a FlowdockError. To be called once. */
  async run() {
    const line = this.#line;
    const { lanes, uuid } = this.#request;
    const { hooks, settings } = line;
    const turn = line.join(lanes);
    let overdue;
    try {
      line.watch(this);
      if (turn.before > 0) {
        await this.#wait((go) => (turn.go = go));
        // Whoever waits for the message before, by one step more as well, may give this one up first.
        await null;
        await null;
      }
      for (;;) {
        const step = await this.#attempt();
        if (step.kind) return step;
        const { waitMs } = step;
        this.#failure = step.error;
        this.#maybeDuplicate = this.#failure.maybeDuplicate;
        overdue ??= setTimeout(() => this.#end("overdue"), settings.retry.maxElapsedMs - this.#elapsedMs());
        quietly(hooks.onRetry, { uuid, attempt: this.#attempts, waitMs, error: this.#failure });
        // It may have been removed while this request was on its way.
        line.watch(this);
        await this.#pause(waitMs);
      }
    } catch (error) {
      quietly(hooks.onFailed, { uuid, error });
      throw error;
    } finally {
      clearTimeout(overdue);
      line.unwatch(this);
      line.done(turn);
    }
  }

  get token() {
    return this.#request.tokens.at(-1);
  }

  /** Its caller gives up. */
  giveUp(reason) {
    this.#end("aborted", reason);
  }

  /** Its source was removed. A request on its way has an answer of its own. */
  removed() {
    if (!this.#inFlight) this.#end("source_removed");
  }

  #end(code, cause) {
    this.#ended ??= { code, cause };
    this.#wake?.();
  }

  /** Waits for the call of the function that `begin` is given, or for the end. */
  #wait(begin) {
    return new Promise((resolve) => {
      this.#wake = resolve;
      begin(resolve);
      if (this.#ended) resolve();
    });
  }

  async #pause(ms) {
    let timer;
    await this.#wait((go) => (timer = setTimeout(go, ms)));
    clearTimeout(timer);
  }

  /** Throws when the message was ended. */
  #check() {
    if (this.#ended?.code === "overdue") throw this.#failure;
    if (this.#ended) this.#outcome(this.#ended);
  }

  /** How long it is since the first request went out. */
  #elapsedMs() {
    return this.#begun === undefined ? 0 : Math.ceil(now() - this.#begun);
  }

  /** One request, when it may go out, and what came of it. What concerns others is known before its place is theirs. */
  async #attempt() {
    const line = this.#line;
    let place;
    try {
      await this.#wait((go) => line.enter((place = go)));
      // Nothing is waited for between a last look and the request.
      for (let ms; this.#check(), (ms = line.heldMs()) > 0; ) await this.#pause(ms);
      const timeoutMs = this.#count();
      const cancel = this.#cancels.take();
      const seen = {};
      let timer;
      this.#inFlight = true;
      const answer = await this.#wait((go) => {
        timer = setTimeout(go, timeoutMs);
        this.#send(cancel.controller, seen).then(go);
      });
      this.#inFlight = false;
      clearTimeout(timer);
      if (answer) this.#cancels.give(cancel);
      else cancel.controller.abort();
      const step = this.#read(answer ?? this.#without(seen, timeoutMs));
      if (step.holdAll) line.hold(step.waitMs);
      return step;
    } catch (error) {
      if (error.code === "source_removed") line.remove(this.token);
      throw error;
    } finally {
      line.leave(place);
    }
  }

  /** Counts the request that goes out now; how many milliseconds it has. */
  #count() {
    const { hooks, settings } = this.#line;
    this.#begun ??= now();
    this.#attempts += 1;
    quietly(hooks.onAttempt, { uuid: this.#request.uuid, attempt: this.#attempts });
    return Math.max(Math.min(settings.timeoutMs, settings.retry.maxElapsedMs - this.#elapsedMs()), 1);
  }

  #send({ signal }, seen) {
    const { url, fetch } = this.#line;
    const { headers, body } = this.#request;
    return exchange(fetch, url, { method: "POST", headers: { ...headers }, body, redirect: "manual", signal }, seen);
  }

  /** What counts of a request that was given up. */
  #without(seen, timeoutMs) {
    if (this.#ended?.code === "aborted") return { ...this.#ended, inFlight: true };
    // A status counts, even if its body never ends.
    return seen.status ? seen : { code: "timeout", timeoutMs };
  }

  /** A PostResult, or what follows from a failure; throws when that is the end of the message. */
  #read(answer) {
    const { body } = answer;
    const step = this.#outcome({ ...answer, body: summary(answer) });
    const { kind } = step;
    if (!kind) return step;
    const result = { kind, uuid: this.#request.uuid, attempts: this.#attempts, maybeDuplicate: this.#maybeDuplicate };
    quietly(this.#line.hooks.onDelivered, { ...result });
    if (kind === "created") {
      // The message as the server has it, with whatever it put there but a token.
      delete body.flow_token;
      result.message = body;
    }
    return result;
  }

  /** What the module says to do now; throws when nothing is to be done. */
  #outcome({ cause, ...answer }) {
    const { url, settings } = this.#line;
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
    if (body.refused) throw body.refused;
    step.error = because(new FlowdockError(step.error), cause, tokens);
    if (step.waitMs === undefined) throw step.error;
    return step;
  }
}

/** The body of an answer, but of a stored message, which may be as large as it likes, only whether it has an id. */
function summary({ status, body }) {
  const isMessage = status < 300 && Object(body) === body && !Array.isArray(body);
  return isMessage ? { id: (body.id ?? null) !== null || null } : body;
}
