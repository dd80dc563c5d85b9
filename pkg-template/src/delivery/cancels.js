// What gives requests up. An AbortController serves some of them, one after another, as each new one costs a request a
// fiftieth of its time in Node, most of it in the garbage collection.

/** How many: Node's fetch goes on listening when its request is over, and looks through all who listen at each new one. */
const REQUESTS = 16;

export class Cancels {
  #idle = [];
  #requests;

  /** @param isShared Whether a request may have the one of a request before it. A fetch must not heed it after its answer. */
  constructor(isShared) {
    this.#requests = isShared ? REQUESTS : 1;
  }

  /** One that no other request has. */
  take() {
    return this.#idle.pop() ?? { controller: new AbortController(), requests: 0 };
  }

  /** Its request is over, and was not given up. */
  give(cancel) {
    cancel.requests += 1;
    if (cancel.requests < this.#requests) this.#idle.push(cancel);
  }
}
