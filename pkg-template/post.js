// Posts one message: request after request, until one is answered or `outcome` of the module says to give up.

import { call } from "./core.js";
import { FlowdockError } from "./error.js";
import { exchange } from "./exchange.js";
import { listen } from "./listen.js";
import { quietly } from "./quietly.js";

/** A clock that nobody sets. */
const now = () => performance.now();

/** @param request What `request` of the module made. Resolves to a PostResult, rejects with a FlowdockError. */
export async function post(line, { headers, lanes, uuid, tokens }, body, signal) {
  const { url, fetch, hooks, settings } = line;
  const [longestMs, , , longestInAllMs] = settings;
  const sent = { url, uuid, tokens };
  let attempts = 0;
  let maybeDuplicate = false;
  /** When the first request went out. */
  let begun;
  /** What the last request failed with. */
  let failure;
  let inFlight = false;

  const elapsedMs = () => (begun === undefined ? 0 : Math.ceil(now() - begun));
  /** Asks the module what follows; throws when the message failed. */
  const outcome = (answer) => {
    const moment = [elapsedMs(), Math.floor(Date.now() / 1000), Math.floor(Math.random() * 2 ** 32)];
    return JSON.parse(call("outcome", sent, answer, [...settings, attempts, Number(maybeDuplicate), ...moment]));
  };

  /** What ended the message from outside, whatever it is waiting for: its caller, its source, or the end of its time. */
  let ended;
  /** Ends what it is waiting for. */
  let wake;
  const end = (code) => {
    ended ??= code;
    wake?.();
  };
  const stop = listen(signal, () => end("aborted"));
  let overdue;
  const self = {
    token: tokens.at(-1),
    // A request on its way has an answer of its own.
    removed: () => inFlight || end("source_removed"),
  };

  /** Waits for the call of the function that `begin` is given, or for the end. */
  const wait = (begin) =>
    new Promise((resolve) => {
      wake = resolve;
      begin(resolve);
      if (ended) resolve();
    });
  const pause = async (ms) => {
    let timer;
    await wait((go) => (timer = setTimeout(go, ms)));
    clearTimeout(timer);
  };
  /** Throws when the message was ended. */
  const check = () => {
    if (ended === "overdue") throw failure;
    if (ended) outcome({ code: ended });
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
    inFlight = true;
    let answer = await wait((go) => {
      timer = setTimeout(go, timeoutMs);
      exchange(fetch, url, init, seen).then(go);
    });
    inFlight = false;
    clearTimeout(timer);
    if (answer === undefined) {
      cancel.abort();
      const code = ended === "aborted" ? ended : "timeout";
      // A status counts, even if its body never ends.
      answer = code === "timeout" && seen.status ? seen : { code, detail: timeoutMs };
    }
    const step = outcome(answer);
    if (step.kind === "created") {
      // The message as the server has it, with whatever it put there but a token.
      delete answer.body.flow_token;
      step.message = answer.body;
    }
    return step;
  };

  /** One request, when it may go out. What concerns others is known before its place is theirs. */
  const next = async () => {
    let leave;
    try {
      await wait((enter) => (leave = line.place(enter)));
      // Nothing is waited for between a last look and the request.
      for (let ms; check(), (ms = line.heldUntil - now()) > 0; ) await pause(ms);
      const step = await attempt();
      if (step.holdAll) line.heldUntil = Math.max(line.heldUntil, now() + step.waitMs);
      return step;
    } catch (error) {
      if (error.code === "source_removed") line.remove(self.token);
      throw error;
    } finally {
      leave();
    }
  };

  const { turn, done } = line.join(lanes);
  try {
    line.watch(self);
    await wait((go) => turn.then(go));
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
