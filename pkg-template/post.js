// Posts one message: request after request, until one is answered or `outcome` of the module says to give up.

import { call } from "./call.js";
import * as core from "./core.js";
import { FlowdockError } from "./error.js";
import { exchange } from "./exchange.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/** A clock that nobody sets. */
const now = () => performance.now();

/** @param request What `request` of the module made. Resolves to a PostResult, rejects with a FlowdockError. */
export async function post(line, { headers, body, lanes, ...sent }, signal) {
  const { fetch, hooks, settings } = line;
  const { uuid, url } = sent;
  /** All that the module has to know of this message again. */
  const delivery = { ...settings, ...sent, attempts: 0, maybeDuplicate: false };
  /** When the first request went out. */
  let begun;
  /** What the last request failed with. */
  let failure;
  let inFlight = false;

  // What ends the message from outside, whatever it is waiting for: its caller, its source, or the end of its time.
  let end;
  const ended = new Promise((resolve) => (end = resolve));
  const stop = listen(signal, () => end("aborted"));
  let overdue;
  const self = {
    token: sent.tokens.at(-1),
    // A request on its way has an answer of its own.
    removed: () => inFlight || end("source_removed"),
  };

  /** Waits; throws when the message was ended. */
  const until = async (promise) => {
    // First, so that what is ended goes no further.
    const code = await Promise.race([ended, promise]);
    if (code === "overdue") throw failure;
    if (typeof code === "string") call(core.outcome, delivery, { code });
  };
  const pause = async (ms) => {
    let timer;
    try {
      await until(new Promise((resolve) => (timer = setTimeout(resolve, ms))));
    } finally {
      clearTimeout(timer);
    }
  };

  /** One request. */
  const attempt = async () => {
    begun ??= now();
    delivery.attempts += 1;
    quietly(hooks.onAttempt, { uuid, attempt: delivery.attempts });
    const elapsed = () => Math.ceil(now() - begun);
    const timeoutMs = Math.max(Math.min(settings.timeoutMs, settings.maxElapsedMs - elapsed()), 1);
    const cancel = new AbortController();
    const init = { method: "POST", headers, body, redirect: "manual", signal: cancel.signal };
    const seen = {};
    let timer;
    const late = new Promise((resolve) => (timer = setTimeout(resolve, timeoutMs, "timeout")));
    inFlight = true;
    const first = await Promise.race([exchange(fetch, url, init, seen), ended, late]);
    inFlight = false;
    clearTimeout(timer);
    let answer = first;
    if (typeof first === "string") {
      cancel.abort();
      const code = first === "aborted" ? first : "timeout";
      // A status counts, even if its body never ends.
      answer = code === "timeout" && seen.status ? seen : { code, detail: timeoutMs };
    }
    const stored = parse(answer.body);
    const moment = {
      elapsedMs: elapsed(),
      unixSeconds: Math.floor(Date.now() / 1000),
      random: Math.floor(Math.random() * 2 ** 32),
    };
    const step = JSON.parse(call(core.outcome, delivery, { ...answer, body: undefined, ...moment }, stored));
    if (step.kind === "created") {
      // The message as the server has it, with whatever it put there but a token.
      delete stored.flow_token;
      step.message = stored;
    }
    return step;
  };

  /** One request, when it may go out. What concerns others is known before its place is theirs. */
  const next = async () => {
    const place = line.place();
    try {
      await until(place.taken);
      for (let ms; (ms = line.heldUntil - now()) > 0; ) await pause(ms);
      const step = await attempt();
      if (step.holdAll) line.heldUntil = Math.max(line.heldUntil, now() + step.waitMs);
      return step;
    } catch (error) {
      if (error.code === "source_removed") line.remove(self.token);
      throw error;
    } finally {
      place.leave();
    }
  };

  const { turn, done } = line.join(lanes);
  try {
    line.watch(self);
    await until(turn);
    for (;;) {
      const step = await next();
      if (step.kind) {
        const { message: _, ...delivered } = step;
        quietly(hooks.onDelivered, delivered);
        return step;
      }
      const { waitMs, maybeDuplicate, error } = step;
      delivery.maybeDuplicate = maybeDuplicate;
      failure = new FlowdockError(error);
      overdue ??= setTimeout(end, begun + settings.maxElapsedMs - now(), "overdue");
      quietly(hooks.onRetry, { uuid, attempt: delivery.attempts, waitMs, error: failure });
      // It may have been removed while this request was on its way.
      line.watch(self);
      await pause(waitMs);
    }
  } catch (error) {
    quietly(hooks.onFailed, { uuid, error });
    throw error;
  } finally {
    clearTimeout(overdue);
    stop();
    line.unwatch(self);
    done();
  }
}

/** What is no JSON is null. */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
