// The part of Flowdock's API that finds flows and manages sources.

import { invalidOption } from "../error.js";
import { known, needs, withFetch } from "../options.js";
import { call } from "../wasm/service.js";
import { ask } from "./ask.js";

/** @import * as flowdock from "flowdock-integration" */

export class FlowdockApi {
  // Private fields, so that logging the object shows no token.
  #options;
  #fetch;
  #timeoutMs;

  /** @param {flowdock.FlowdockApiOptions} options */
  constructor(options) {
    needs("AbortController");
    const { fetch, rest } = withFetch(options);
    this.#timeoutMs = Number(call("checkSetup", { kind: "api", options: rest }));
    this.#options = rest;
    this.#fetch = fetch;
  }

  /** @type {flowdock.FlowdockApi["findFlow"]} */
  findFlow(id, options) {
    return this.#ask("findFlow", { id }, options);
  }

  /** @type {flowdock.FlowdockApi["sources"]} */
  async sources(flow, options) {
    return flow ? this.#ask("flowSources", flowValues(flow), options) : this.#ask("sources", {}, options);
  }

  /** @type {flowdock.FlowdockApi["source"]} */
  async source(flow, id, options) {
    return this.#ask("source", flowValues(flow, id), options);
  }

  /** @type {flowdock.FlowdockApi["createSource"]} */
  async createSource(flow, fields, options) {
    return this.#ask("createSource", { ...known(fields, ["name", "externalUrl"]), ...flowValues(flow) }, options);
  }

  /** @type {flowdock.FlowdockApi["updateSource"]} */
  async updateSource(flow, id, changes, options) {
    return this.#ask("updateSource", { ...known(changes, CHANGES), ...flowValues(flow, id) }, options);
  }

  /** @type {flowdock.FlowdockApi["updateSourceByToken"]} */
  async updateSourceByToken(flowToken, changes, options) {
    return this.#ask("updateSourceByToken", { ...known(changes, CHANGES), flowToken }, options);
  }

  /** @type {flowdock.FlowdockApi["deleteSource"]} */
  async deleteSource(flow, id, options) {
    await this.#ask("deleteSource", flowValues(flow, id), options);
  }

  /**
   * @param {string} operation
   * @param {object} values
   * @param {flowdock.CallOptions} [options]
   */
  async #ask(operation, values, options) {
    const { signal } = known(options, ["signal"]);
    const request = JSON.parse(call("setupRequest", { operation, options: this.#options, values }));
    const { body, read } = await ask(this.#fetch, request, this.#timeoutMs, signal);
    read("apiAnswer", { operation });
    return body;
  }
}

const CHANGES = ["errorMessage", "configurationUrl"];

/**
 * Converts the names of a flow and the id of a source to values of a request.
 *
 * @param {flowdock.FlowName} flow
 * @param {string | number} [id]
 */
function flowValues(flow, id) {
  const [organization, name, more] =
    typeof flow === "string" ? flow.split("/") : [flow?.organization?.parameterized_name, flow?.parameterized_name];
  if (!organization || !name || more !== undefined)
    throw invalidOption("`flow` must be `organization/flow`, or a flow as `findFlow` gives it");
  return { organization, flow: name, id: typeof id === "number" ? String(id) : id };
}
