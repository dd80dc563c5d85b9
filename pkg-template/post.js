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
  const [longestMs, , , longestInAllMs] = settings;
  const { uuid, url } = sent;
  let attempts = 0;
  let maybeDuplicate = false;
  /** When the first request went out. */
  let begun;
  /** What the last request failed with. */
  let failure;
  let inFlight = false;

  const elapsedMs = () => (begun === undefined ? 0 : Math.ceil(now() - begun));
  /** Asks the module what follows; throws when the message failed. */
  const outcome = (answer, stored) => {
    const moment = [elapsedMs(), Math.floor(Date.now() / 1000), Math.floor(Math.random() * 2 ** 32)];
    const numbers = [...settings, attempts, Number(maybeDuplicate), ...moment];
    return JSON.parse(call(core.outcome, sent, { ...answer, body: undefined }, stored, numbers));
  };

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
    if (typeof code === "string") outcome({ code });
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
    attempts += 1;
    quietly(hooks.onAttempt, { uuid, attempt: attempts });
    const timeoutMs = Math.max(Math.min(longestMs, longestInAllMs - elapsedMs()), 1);
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
    const step = outcome(answer, stored);
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
      const { waitMs } = step;
      failure = new FlowdockError(step.error);
      ({ maybeDuplicate } = failure);
      overdue ??= setTimeout(end, longestInAllMs - elapsedMs(), "overdue");
      quietly(hooks.onRetry, { uuid, attempt: attempts, waitMs, error: failure });
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
