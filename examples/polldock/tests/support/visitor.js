// A visitor whose browser runs no scripts. It keeps cookies, follows no redirects, and sends forms like a page of Polldock.

import { consent } from "../../../../tests/node/support/consent.js";

export class Visitor {
  #cookies = new Map();

  /** @param {string} url Polldock's. */
  constructor(url) {
    this.url = url;
  }

  /**
   * @param {string} path
   * @param {Record<string, string> | string[][]} [form] Fields to post.
   */
  async open(path, form, headers = {}) {
    const cookie = [...this.#cookies].map((pair) => pair.join("=")).join("; ");
    const posted = form && { method: "POST", body: new URLSearchParams(form) };
    const sent = { cookie, ...(form && { origin: this.url }), ...headers };
    const response = await fetch(new URL(path, this.url), { redirect: "manual", headers: sent, ...posted });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return { status: response.status, location: response.headers.get("location"), text: await response.text() };
  }

  async logIn(name) {
    await this.open("/login", { name });
    return this;
  }

  /** Creates a poll, and returns its URL. */
  async create(title, ...options) {
    const fields = [["title", title], ["body", ""], ...options.map((option) => ["option", option])];
    return (await this.open("/polls", fields)).location;
  }

  change(poll, change, value = "") {
    return this.open(poll, { change, value });
  }

  /** Returns the votes that a poll's page shows, by option. */
  async votes(poll) {
    const { text } = await this.open(poll);
    const options = text.matchAll(/<span>(.*?)<\/span> <output>(\d+)</g);
    return Object.fromEntries([...options].map(([, option, votes]) => [option, Number(votes)]));
  }

  /** Follows a setup up to the page that asks for confirmation, and returns the answer of that page. */
  async comeFromFlowdock(path, inbox, change = (url) => url) {
    const { location } = await this.open(path);
    // Polldock reaches the inbox through a proxy; the owner's browser does not.
    const { pathname, search } = new URL(location);
    const decision = await consent(inbox.url + pathname + search, inbox.apiToken);
    const back = await this.open(change(decision.headers.get("location")));
    return back.status === 303 ? this.open(back.location) : back;
  }
}
