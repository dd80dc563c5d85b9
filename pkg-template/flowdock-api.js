// Flowdock's API as far as a source needs it.

import { ask } from "./ask.js";
import { invalidOption } from "./error.js";
import { known, withFetch } from "./own.js";
import { call } from "./service.js";

export class FlowdockApi {
  // Private fields, so that logging it shows no token.
  #options;
  #fetch;
  #timeoutMs;

  constructor(options) {
    const { fetch, rest } = withFetch(options);
    this.#timeoutMs = Number(call("checkSetup", rest, "api"));
    this.#options = rest;
    this.#fetch = fetch;
  }

  findFlow(id, options) {
    return this.#ask("findFlow", { id }, options);
  }

  async sources(flow, options) {
    return flow ? this.#ask("flowSources", place(flow), options) : this.#ask("sources", {}, options);
  }

  async source(flow, id, options) {
    return this.#ask("source", place(flow, id), options);
  }

  async createSource(flow, fields, options) {
    return this.#ask("createSource", { ...known(fields, ["name", "externalUrl"]), ...place(flow) }, options);
  }

  async updateSource(flow, id, changes, options) {
    return this.#ask("updateSource", { ...known(changes, CHANGES), ...place(flow, id) }, options);
  }

  async updateSourceByToken(flowToken, changes, options) {
    return this.#ask("updateSourceByToken", { ...known(changes, CHANGES), flowToken }, options);
  }

  async deleteSource(flow, id, options) {
    await this.#ask("deleteSource", place(flow, id), options);
  }

  async #ask(operation, values, options) {
    const { signal } = known(options, ["signal"]);
    const request = JSON.parse(call("setupRequest", operation, this.#options, values));
    const { body, read } = await ask(this.#fetch, request, this.#timeoutMs, signal);
    read("apiAnswer", operation);
    return body;
  }
}

const CHANGES = ["errorMessage", "configurationUrl"];

/** `organization/flow`, or a flow as the API describes it; and an id, which may be a number. */
function place(flow, id) {
  const [organization, name, more] =
    typeof flow === "string" ? flow.split("/") : [flow?.organization?.parameterized_name, flow?.parameterized_name];
  if (!organization || !name || more !== undefined)
    throw invalidOption("`flow` must be `organization/flow`, or a flow as `findFlow` gives it");
  return { organization, flow: name, id: typeof id === "number" ? String(id) : id };
}
