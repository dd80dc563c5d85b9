// Where to post: the settings of the environment, or the options in their place.

import process from "node:process";
import { Client } from "flowdock-integration";
import { readText } from "./read.js";
import { WrongUse } from "./wrong-use.js";

export const SETTINGS = /** @type {import("./arguments.js").Options} */ ({
  url: { value: "url", help: "the address of the server, in place of FLOWDOCK_URL" },
  "token-file": { value: "file", help: "a file with the flow token, in place of FLOWDOCK_TOKEN" },
  "allow-http": { help: "allow plain http, which shows the token to everybody on the way" },
  "timeout-ms": { value: "number", help: "how long a request may take; default: 10000" },
});

/**
 * @param {Record<string, any>} values
 * @param {import("flowdock-integration").Hooks} hooks
 */
export async function clientOf(values, hooks) {
  const file = values["token-file"];
  const baseUrl = values.url ?? process.env.FLOWDOCK_URL;
  const flowToken = file === undefined ? process.env.FLOWDOCK_TOKEN : await tokenIn(file);
  if (file !== undefined && !flowToken) throw new WrongUse("the file of --token-file is empty");
  if (!baseUrl && !flowToken) {
    throw new WrongUse(
      "set FLOWDOCK_URL to the address of the server, and FLOWDOCK_TOKEN to the flow token of the source",
    );
  }
  if (!baseUrl) throw new WrongUse("FLOWDOCK_URL is not set: set it to the address of the server, or give --url");
  if (!flowToken) {
    throw new WrongUse("FLOWDOCK_TOKEN is not set: set it to the flow token of the source, or give --token-file");
  }
  const timeoutMs = milliseconds(values["timeout-ms"]);
  return new Client({ baseUrl, flowToken, allowHttp: values["allow-http"], timeoutMs, hooks });
}

/** @param {string} file */
async function tokenIn(file) {
  try {
    return (await readText(file)).trim();
  } catch (error) {
    if (file === "-") throw error;
    // The name is not shown, because a person may have given the token itself.
    throw new WrongUse("the file of --token-file cannot be read; the option takes the name of a file, not the token");
  }
}

/** @param {string | undefined} text */
function milliseconds(text) {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new WrongUse("--timeout-ms needs a number of milliseconds");
  return Number(text);
}
